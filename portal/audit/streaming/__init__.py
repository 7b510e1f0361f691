"""The trail as it happens, sent to other systems: signed webhooks, syslog, the standard output."""
