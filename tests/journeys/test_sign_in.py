"""Getting in, and not getting in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.idp.running import put_in_groups
from tests.journeys.people import sign_in_by_sso, sign_in_locally
from tests.journeys.portal import Portal


def test_it_lets_people_in_by_single_sign_on_and_gives_them_what_their_groups_have(page: Page, portal: Portal) -> None:
    sign_in_by_sso(page, portal, "ada")
    page.goto(f"{portal.url}/spaces/")
    expect(page.locator("main")).not_to_contain_text("Sign-in crew")
    root = portal.ok("GET", "/api/v1/spaces/root")
    space = portal.ok("POST", "/api/v1/spaces", {"parent": root["slug"], "slug": "crew", "name": "Sign-in crew"})
    portal.ok("POST", "/api/v1/bindings", {"space": space["slug"], "role": "reader", "group": "sso:oidc/platform"})
    page.reload()
    expect(page.locator("main")).to_contain_text("Sign-in crew")


@pytest.fixture
def shop(portal: Portal, idp: str) -> Iterator[str]:
    """A space whose readers are a group of the provider, made before anybody of it signed in; gives the issuer."""
    group = portal.ok("POST", "/api/v1/identity-providers/oidc/groups", {"value": "props"})["group"]
    status, _ = portal.api("GET", "/api/v1/spaces/props")
    if status == 404:
        portal.ok("POST", "/api/v1/spaces", {"parent": "root", "slug": "props", "name": "Prop shop"})
        portal.ok("POST", "/api/v1/bindings", {"space": "props", "role": "reader", "group": group})
    yield idp
    put_in_groups(idp, "grace", "games")


def sees_the_shop(page: Page, portal: Portal) -> bool:
    page.goto(f"{portal.url}/spaces/")
    return "Prop shop" in page.locator("main").inner_text()


LOOK_NOW = """
from django.utils import timezone
from portal.identity.models import ProviderSession
ProviderSession.objects.update(look_again_at=timezone.now())
"""


def test_it_lets_groups_follow_at_the_next_sign_in(context: BrowserContext, portal: Portal, shop: str) -> None:
    page = context.new_page()
    put_in_groups(shop, "grace", "props")
    sign_in_by_sso(page, portal, "grace")
    assert sees_the_shop(page, portal)
    put_in_groups(shop, "grace", "games")
    context.clear_cookies()
    sign_in_by_sso(page, portal, "grace")
    assert not sees_the_shop(page, portal)


def test_it_refreshes_its_token_and_lets_groups_follow_without_a_new_sign_in(
    page: Page, portal: Portal, shop: str
) -> None:
    put_in_groups(shop, "grace", "games")
    sign_in_by_sso(page, portal, "grace")
    assert not sees_the_shop(page, portal)
    for groups, is_in in ((["props"], True), ([], False)):
        put_in_groups(shop, "grace", *groups)
        portal.manage("shell", "-c", LOOK_NOW)
        assert sees_the_shop(page, portal) is is_in


def test_it_signs_out_at_the_provider_too(page: Page, portal: Portal, idp: str) -> None:
    sign_in_by_sso(page, portal, "ada")
    page.goto(f"{portal.url}/accounts/logout/")
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(f"{idp}/session/end**")
    page.get_by_role("button", name="Yes, sign me out").click()
    page.wait_for_url(f"{portal.url}/accounts/login/**")
    page.get_by_text("Company sign-in").click()
    expect(page.locator("[name=login]")).to_be_visible()


def test_it_ends_the_session_when_the_provider_says_so(page: Page, portal: Portal, idp: str) -> None:
    sign_in_by_sso(page, portal, "ada")
    page.goto(f"{idp}/session/end")
    page.get_by_role("button", name="Yes, sign me out").click()
    page.wait_for_load_state()
    page.goto(f"{portal.url}/spaces/")
    assert "/accounts/login/" in page.url


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
