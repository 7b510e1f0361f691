"""Real parts only: a portal started by its launcher, a real identity provider, a real browser. Nothing is mocked."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.journeys.idp.running import running, write_key_and_certificate
from tests.journeys.portal import Portal, environment, free_port

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
    return {"portal": free_port(), "idp": free_port(), "saml": free_port()}


@pytest.fixture(scope="session")
def idp(ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The issuer address of a running identity provider."""
    folder = tmp_path_factory.mktemp("idp")
    with running("server.mjs", "oidc-provider", folder, ports["idp"], portal_url(ports)):
        yield f"http://127.0.0.1:{ports['idp']}"


@pytest.fixture(scope="session")
def saml_idp(ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running SAML identity provider, which the portal is to know as “corp”."""
    folder = tmp_path_factory.mktemp("saml")
    write_key_and_certificate(folder)
    with running("saml.mjs", "samlify", folder, ports["saml"], portal_url(ports), "corp", str(folder)):
        yield f"http://127.0.0.1:{ports['saml']}"


def portal_url(ports: dict[str, int]) -> str:
    """Where the portal will be."""
    return f"http://127.0.0.1:{ports['portal']}"


@pytest.fixture(scope="session")
def portal(ports: dict[str, int], idp: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A running portal of its own, with single sign-on."""
    folder = tmp_path_factory.mktemp("portal")
    env = environment(
        folder, ports["portal"],
        OIDC_ISSUER=idp, OIDC_CLIENT_ID="callboard", OIDC_CLIENT_SECRET="journey-secret", OIDC_NAME="Company sign-in",
        IDENTITY_ALLOW_PRIVATE=f"127.0.0.1:{ports['saml']}",
    )  # fmt: skip
    started = Portal(folder, ports["portal"], env)
    try:
        started.start()
        yield started
    finally:
        started.stop()


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
