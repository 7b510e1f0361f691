"""Webhooks of Git hosts: a push is read within a second, not when its turn comes."""
