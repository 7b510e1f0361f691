"""A tool with a certified OpenID client signs people in through the portal and acts for them."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import sign_in_by_sso
from tests.journeys.portal import Portal

BASE_DIR = Path(__file__).resolve().parents[2]
BACK = "http://127.0.0.1:9/back"


class Tool:
    """The client's process, asked line by line."""

    def __init__(self, portal: Portal, client_id: str, secret: str = "") -> None:
        script = str(BASE_DIR / "tests/journeys/idp/client.mjs")
        self.process = subprocess.Popen(
            [shutil.which("node") or "node", script, portal.url, client_id, secret],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=BASE_DIR,
        )  # fmt: skip

    def send(self, verb: str, **values: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"verb": verb, **values}) + "\n")
        self.process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        return dict(json.loads(self.process.stdout.readline()))

    def stop(self) -> None:
        self.process.kill()
        # Waits, and closes both pipes.
        self.process.communicate()

    def ask(self, verb: str, **values: str) -> dict[str, Any]:
        self.send(verb, **values)
        return self.answer()


@pytest.fixture
def tool(portal: Portal) -> Iterator[Tool]:
    """A registered tool that keeps a secret."""
    facts = {"name": "Dashboards", "scopes": ["openid", "profile", "groups", "api:read"], "redirect_uris": [BACK]}
    made = portal.ok("POST", "/api/v1/oauth-clients", facts)
    started = Tool(portal, made["client_id"], made["client_secret"])
    yield started
    started.stop()
    portal.api("DELETE", f"/api/v1/oauth-clients/{made['client_id']}")


@pytest.fixture
def command_line(portal: Portal) -> Iterator[Tool]:
    """The command line that every portal knows."""
    started = Tool(portal, "callboard-cli")
    yield started
    started.stop()


def me(portal: Portal, token: str) -> tuple[int, dict[str, Any]]:
    asked = urllib.request.Request(f"{portal.url}/api/v1/users/me", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(asked) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, {}


def test_a_person_lets_a_tool_in_and_puts_it_out_again(page: Page, portal: Portal, tool: Tool) -> None:
    sign_in_by_sso(page, portal, "ada")
    started = tool.ask("start", redirect=BACK, scope="openid profile groups api:read")
    page.goto(started["url"])
    expect(page.locator("main")).to_contain_text("Dashboards")
    with page.expect_request(lambda request: request.url.startswith(BACK)) as back:
        page.get_by_role("button", name="Agree").click()
    done = tool.ask("finish", url=back.value.url)
    assert done["claims"]["preferred_username"] == done["person"]["preferred_username"] == "ada"
    assert "sso:oidc/platform" in done["person"]["groups"]
    renewed = tool.ask("renew", token=done["tokens"]["refresh_token"])["tokens"]
    assert me(portal, renewed["access_token"])[1]["tool"] == "Dashboards"
    page.goto(f"{portal.url}/oauth/grants/")
    row = page.locator("tr", has_text="Dashboards")
    row.get_by_role("button", name="Take back").click()
    expect(row).to_have_count(0)
    assert me(portal, renewed["access_token"])[0] == 401
    assert tool.ask("renew", token=renewed["refresh_token"])["error"] == "invalid_grant"


def test_a_command_line_is_signed_in_by_a_code(page: Page, portal: Portal, command_line: Tool) -> None:
    sign_in_by_sso(page, portal, "ada")
    started = command_line.ask("device", scope="openid api:read")
    command_line.send("poll")
    page.goto(started["verification_uri"])
    page.fill("[name=code]", started["user_code"])
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("main")).to_contain_text("Is it a device of yours?")
    page.get_by_role("button", name="Agree").click()
    expect(page.locator("main")).to_contain_text("Your device is signed in")
    tokens = command_line.answer()["tokens"]
    assert me(portal, tokens["access_token"])[1]["user"]["username"] == "ada"
    assert command_line.ask("revoke", token=tokens["access_token"]) == {}
    assert me(portal, tokens["access_token"])[0] == 401
