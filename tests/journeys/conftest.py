"""Real parts only: a portal started by its launcher, a real identity provider, a real browser. Nothing is mocked."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.journeys.portal import BASE_DIR, Portal, environment, free_port, wait_until

IDP = Path(__file__).parent / "idp" / "server.mjs"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All journeys share one portal, so one process runs them, with time enough for real tools."""
    for item in items:
        if "journeys" in str(item.fspath):
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.xdist_group("journeys"))
            item.add_marker(pytest.mark.timeout(300))


def browser_path() -> str:
    """The Chromium of this machine."""
    found = os.environ.get("CALLBOARD_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        pytest.skip("no Chromium on this machine; `make test` installs it")
    return found


@pytest.fixture(scope="session")
def ports() -> dict[str, int]:
    """Where portal and identity provider listen."""
    return {"portal": free_port(), "idp": free_port()}


@pytest.fixture(scope="session")
def idp(ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The issuer address of a running identity provider."""
    node, modules = shutil.which("node"), BASE_DIR / "node_modules"
    if not node or not (modules / "oidc-provider").is_dir():
        pytest.skip("npm's oidc-provider is not installed; `make test` installs it")
    callback = f"http://127.0.0.1:{ports['portal']}/accounts/oidc/oidc/login/callback/"
    log = tmp_path_factory.mktemp("idp") / "idp.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [node, str(IDP), str(ports["idp"]), callback, str(modules)], stdout=out, stderr=subprocess.STDOUT
        )
    try:
        wait_until(lambda: "listening" in log.read_text(), 20, f"the identity provider listens: {log.read_text()}")
        yield f"http://127.0.0.1:{ports['idp']}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session")
def portal(ports: dict[str, int], idp: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A running portal of its own, with single sign-on."""
    folder = tmp_path_factory.mktemp("portal")
    env = environment(
        folder, ports["portal"],
        OIDC_ISSUER=idp, OIDC_CLIENT_ID="callboard", OIDC_CLIENT_SECRET="journey-secret", OIDC_NAME="Company sign-in",
    )  # fmt: skip
    running = Portal(folder, ports["portal"], env)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all journeys."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser_path(), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that has never been here."""
    found = browser.new_context(viewport={"width": 1440, "height": 900})
    yield found
    found.close()


@pytest.fixture
def page(context: BrowserContext, portal: Portal) -> Page:
    """A fresh tab. What the page itself logs as an error fails the journey at its end."""
    return context.new_page()
