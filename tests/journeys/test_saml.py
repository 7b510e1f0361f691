"""SAML with a real identity provider in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.idp.running import put_in_groups
from tests.journeys.portal import Portal


@pytest.fixture(scope="module")
def corp(portal: Portal, saml_idp: str) -> str:
    """The provider's address, once the portal knows it."""
    portal.ok(
        "POST",
        "/api/v1/identity-providers",
        {"key": "corp", "kind": "saml", "name": "Corp SAML", "metadata_url": f"{saml_idp}/metadata",
         "groups_claim": "groups", "join": "anybody"},
    )  # fmt: skip
    root = portal.ok("GET", "/api/v1/spaces/root")
    portal.ok("POST", "/api/v1/spaces", {"parent": root["slug"], "slug": "wardrobe", "name": "Wardrobe"})
    portal.ok("POST", "/api/v1/groups", {"name": "tailors", "members": []})
    portal.ok("POST", "/api/v1/identity-providers/corp/rules", {"pattern": "wardrobe-*", "group": "tailors"})
    portal.ok("POST", "/api/v1/bindings", {"space": "wardrobe", "role": "reader", "group": "tailors"})
    return saml_idp


def to_the_answer(page: Page, portal: Portal, name: str) -> None:
    """Through the portal and the provider's form, until the provider's answer is in the browser, not yet sent."""
    page.goto(f"{portal.url}/accounts/login/")
    page.get_by_text("Corp SAML").click()
    page.fill("[name=login]", name)
    page.click("button[type=submit]")
    expect(page.locator("[name=SAMLResponse]")).to_have_count(1)


def sign_in(page: Page, portal: Portal, name: str) -> None:
    to_the_answer(page, portal, name)
    page.click("button[type=submit]")
    expect(page).to_have_url(f"{portal.url}/")


def sign_out(page: Page, portal: Portal) -> None:
    page.goto(f"{portal.url}/accounts/logout/")
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(re.compile("/accounts/login/"))


def test_it_maps_groups_to_roles_and_follows_them_at_the_next_sign_in(page: Page, portal: Portal, corp: str) -> None:
    put_in_groups(corp, "grace", "wardrobe-fitters")
    sign_in(page, portal, "grace")
    page.goto(f"{portal.url}/spaces/")
    expect(page.locator("main")).to_contain_text("Wardrobe")
    sign_out(page, portal)
    page.goto(f"{portal.url}/spaces/")
    assert "/accounts/login/" in page.url
    put_in_groups(corp, "grace")
    sign_in(page, portal, "grace")
    page.goto(f"{portal.url}/spaces/")
    expect(page.locator("main")).not_to_contain_text("Wardrobe")


def test_it_takes_no_answer_twice(context: BrowserContext, portal: Portal, corp: str) -> None:
    page = context.new_page()
    to_the_answer(page, portal, "ada")
    acs = page.locator("form").get_attribute("action") or ""
    answer = page.locator("[name=SAMLResponse]").input_value()
    page.click("button[type=submit]")
    expect(page).to_have_url(f"{portal.url}/")
    context.clear_cookies()
    again = context.request.post(acs, form={"SAMLResponse": answer})
    assert again.status == 401
    page.goto(f"{portal.url}/spaces/")
    assert "/accounts/login/" in page.url


def test_it_takes_no_answer_that_was_changed_on_the_way(page: Page, portal: Portal, corp: str) -> None:
    to_the_answer(page, portal, "nobody")
    page.evaluate(
        """() => {
            const field = document.querySelector("[name=SAMLResponse]");
            field.value = btoa(atob(field.value).replaceAll("id-of-nobody", "id-of-ada"));
        }"""
    )
    page.click("button[type=submit]")
    expect(page.locator("main")).to_contain_text("Nobody was signed in")
    page.goto(f"{portal.url}/spaces/")
    assert "/accounts/login/" in page.url
