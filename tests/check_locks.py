"""Lock files pin by hash and name no registry's host."""

from __future__ import annotations

import re
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[1]
HOSTS = re.compile(r'"resolved"|--(?:extra-)?index-url|https?://')


def problems() -> list[str]:
    """A line for each lock file that breaks a rule."""
    found = []
    for path in [*sorted(BASE_DIR.glob("*.lock")), BASE_DIR / "package-lock.json"]:
        text = path.read_text(encoding="utf-8")
        lines = [
            line for line in text.splitlines() if HOSTS.search(line) and "funding" not in line and '"url":' not in line
        ]
        found += [f"{path.name}: {line.strip()}" for line in lines[:3]]
        if path.suffix == ".lock" and "--hash=" not in text:
            found.append(f"{path.name}: no hashes")
    return found


if __name__ == "__main__":
    rows = problems()
    print("\n".join(rows) or "lock files: ok")
    sys.exit(bool(rows))
