"""Starts and watches everything that the portal is made of on one machine: ``python -m portal.launcher up``."""
