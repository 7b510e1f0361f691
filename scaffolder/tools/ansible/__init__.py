"""Ansible: playbooks, without state of their own."""
