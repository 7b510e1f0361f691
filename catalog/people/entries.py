"""."""


def register(): ...
