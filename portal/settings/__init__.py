"""Settings by environment: ``dev`` for ``make up``, ``test``, ``production``; all of them start from ``base``."""
