"""How people of the journeys get in."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.journeys.portal import Portal


def sign_in_by_sso(page: Page, portal: Portal, name: str) -> None:
    """Through the identity provider's own forms, as a person does."""
    page.goto(f"{portal.url}/accounts/login/")
    page.get_by_text("Company sign-in").click()
    page.fill("[name=login]", name)
    page.fill("[name=password]", "any")
    page.click("button[type=submit]")
    page.wait_for_load_state()
    if "127.0.0.1" in page.url and not page.url.startswith(portal.url):
        page.click("button[type=submit]")  # the provider asks once whether the portal may know
        page.wait_for_load_state()
    expect(page).to_have_url(f"{portal.url}/")


def sign_in_locally(page: Page, portal: Portal, name: str, password: str) -> None:
    """With the portal's own form."""
    page.goto(f"{portal.url}/accounts/login/")
    page.fill("[name=login]", name)
    page.fill("[name=password]", password)
    page.locator("form", has=page.locator("[name=password]")).locator("button[type=submit]").first.click()
    page.wait_for_load_state()
