"""``make up``: prepare what is missing, start every part, watch them, stop them all."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

from portal.launcher.database import ensure_database
from portal.launcher.environment import BASE_DIR, CannotStart, data_dir, load
from portal.launcher.parts import Part, portal_parts, stop_all

READY_SECONDS = 90


def up() -> int:
    """Run the portal until Ctrl-C or SIGTERM; the exit code for the shell."""
    started = time.monotonic()
    host, port = os.environ.get("HOST", "127.0.0.1"), _port()
    folder = data_dir()
    load(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")
    os.environ["PORT"] = str(port)
    _check_free(host, port)
    stop = _Stop()
    ensure_database(folder)
    os.environ.setdefault("BASE_URL", f"http://{host}:{port}")
    password = _prepare(folder)
    parts = portal_parts(host, port, web_workers=int(os.environ.get("WEB_WORKERS", "2")))
    try:
        for part in parts:
            part.start()
        _wait_ready(f"http://{host}:{port}/readyz", parts, stop)
        _greet(host, port, password, time.monotonic() - started)
        while not stop.wanted:
            for part in parts:
                part.look(say)
            time.sleep(0.2)
    finally:
        say("stopping")
        stop_all(parts)
    return 0


class _Stop:
    """Set by Ctrl-C and SIGTERM."""

    def __init__(self) -> None:
        self.wanted = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._want)

    def _want(self, number: int, frame: object) -> None:
        self.wanted = True


def say(words: str) -> None:
    """One line for the person at the terminal."""
    print(f"callboard: {words}", flush=True)


def _port() -> int:
    raw = os.environ.get("PORT", "") or "8000"
    if not raw.isdigit() or not 0 < int(raw) < 65536:
        raise CannotStart(f"PORT is {raw!r}; use a number from 1 to 65535.")
    return int(raw)


def _check_free(host: str, port: int) -> None:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"{host}:{port} can not be used ({error.strerror}). Choose another with PORT=…."
            ) from error


def _prepare(folder: Path) -> str | None:
    """Bring database and static files up to date; the first admin's password where it was just made."""
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    collect = subprocess.Popen(  # noqa: S603
        [sys.executable, str(BASE_DIR / "manage.py"), "collectstatic", "--noinput", "--verbosity", "0"]
    )
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    password = _first_admin(folder)
    connection.close()
    if collect.wait() != 0:
        raise CannotStart("The static files could not be collected; the lines above say why.")
    return password


def _first_admin(folder: Path) -> str | None:
    """Make the first admin where nobody is there yet, and load the demo unless ``DEMO=0``."""
    from django.core.management import call_command

    from portal.accounts.models import User
    from portal.spaces.bootstrap import make_root_admin

    if User.objects.exists():
        return None
    if os.environ.get("DEMO", "1") != "0":
        say("loading the demo")
        call_command("load_demo", verbosity=0)
    password = secrets.token_urlsafe(12)
    make_root_admin(username="admin", password=password)
    return password


def _wait_ready(url: str, parts: list[Part], stop: _Stop) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not stop.wanted:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 (our own address)
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        for part in parts:
            part.look(say)
        if time.monotonic() > deadline:
            raise CannotStart(f"{url} was not ready within {READY_SECONDS} s; the lines above say why.")
        time.sleep(0.1)


def _greet(host: str, port: int, password: str | None, seconds: float) -> None:
    say(f"ready in {seconds:.1f} s at http://{host}:{port}/")
    if password:
        say(f"sign in as “admin” with the password “{password}” (shown this once)")
    say("Ctrl-C stops everything; the data stays")
