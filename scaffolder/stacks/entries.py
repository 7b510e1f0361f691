"""What hangs into the shell."""


def register() -> None:
    """Filled below."""
