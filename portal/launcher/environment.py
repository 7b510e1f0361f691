"""The data folder: the secrets of this installation, and the settings that every process of it shares."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]
FILE_NAME = "environment"


class CannotStart(Exception):
    """Something outside of the program keeps it from starting; the words say what to do."""


def data_dir() -> Path:
    """The data folder, from ``DATA_DIR``; made where it is missing."""
    folder = Path(os.environ.get("DATA_DIR") or BASE_DIR / "data").expanduser().resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CannotStart(f"DATA_DIR {folder} can not be written: {error.strerror}. Choose another folder.") from error
    return folder


def load(folder: Path) -> None:
    """Put the secrets of this installation into the environment, where it does not say otherwise; make them once."""
    path = folder / FILE_NAME
    if not path.exists():
        _write(path, {"SECRET_KEY": secrets.token_urlsafe(50), "ENCRYPTION_KEYS": _fernet_key()})
    for line in path.read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        if name and not os.environ.get(f"{name}_FILE"):
            os.environ.setdefault(name, value)
    os.environ.setdefault("DATA_DIR", str(folder))


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _write(path: Path, values: dict[str, str]) -> None:
    """Write the file so that nobody else can read it and no reader sees half of it."""
    fresh = path.with_suffix(f".{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass  # another process made it first; its secrets are the ones that count
    finally:
        fresh.unlink()
