"""``/api/catalog`` as Backstage's own clients expect it, answered from stored text."""
