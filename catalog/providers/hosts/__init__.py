"""Git hosts by their APIs: which repositories there are, which catalog files are in them, and what is in those."""
