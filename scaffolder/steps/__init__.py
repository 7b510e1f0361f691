"""The actions that a blueprint's steps may name, and the one runner that performs them. No models are touched here."""
