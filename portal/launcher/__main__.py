"""The command line of the launcher."""

from __future__ import annotations

import sys

from portal.launcher.environment import CannotStart
from portal.launcher.up import say, up


def main(arguments: list[str]) -> int:
    """``up`` is all there is."""
    if arguments != ["up"]:
        print("usage: python -m portal.launcher up", file=sys.stderr)
        return 2
    try:
        return up()
    except CannotStart as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
