"""Getting in, and not getting in."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.journeys.people import sign_in_by_sso, sign_in_locally
from tests.journeys.portal import Portal


def test_it_lets_people_in_by_single_sign_on_and_gives_them_what_their_groups_have(page: Page, portal: Portal) -> None:
    sign_in_by_sso(page, portal, "ada")
    page.goto(f"{portal.url}/spaces/")
    expect(page.locator("main")).not_to_contain_text("Sign-in crew")
    root = portal.ok("GET", "/api/v1/spaces/root")
    space = portal.ok("POST", "/api/v1/spaces", {"parent": root["slug"], "slug": "crew", "name": "Sign-in crew"})
    portal.ok("POST", "/api/v1/bindings", {"space": space["slug"], "role": "reader", "group": "sso:platform"})
    page.reload()
    expect(page.locator("main")).to_contain_text("Sign-in crew")


def test_it_refuses_a_forged_state_with_words(page: Page, portal: Portal) -> None:
    answer = page.goto(f"{portal.url}/accounts/oidc/oidc/login/callback/?state=forged&code=forged")
    assert answer is not None
    assert answer.status < 500
    expect(page.locator("main")).to_contain_text("sign", ignore_case=True)
    page.goto(f"{portal.url}/spaces/")
    assert "/accounts/login/" in page.url


def test_it_lets_the_first_admin_in_and_out(page: Page, portal: Portal) -> None:
    sign_in_locally(page, portal, "admin", portal.password)
    expect(page).to_have_url(f"{portal.url}/")
    page.goto(f"{portal.url}/accounts/logout/")
    page.locator("main button[type=submit]").first.click()
    page.goto(f"{portal.url}/audit/")
    assert "/accounts/login/" in page.url


def test_it_tells_a_wrong_password_apart_from_nothing_else(page: Page, portal: Portal) -> None:
    sign_in_locally(page, portal, "admin", "wrong")
    assert "/accounts/login/" in page.url
    expect(page.locator("main")).to_contain_text("not correct")
