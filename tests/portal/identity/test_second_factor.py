"""Between the provider and the second factor: nobody is in yet, and nothing of the provider is lost or leaked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from portal.identity.models import ProviderSession
from tests.factories.portal import make_user
from tests.portal.identity.conftest import OpenIdProvider, sign_in

pytestmark = pytest.mark.django_db


def code(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


def test_it_asks_for_the_second_factor_after_the_provider(
    client: Client, make_provider: Callable[..., OpenIdProvider]
) -> None:
    make_provider("first")
    second = make_provider("second")
    user, secret = make_user("ada"), generate_totp_secret()
    SocialAccount.objects.create(user=user, provider="second", uid="ada")
    TOTP.activate(user, secret)
    assert "/factors/authenticate/" in sign_in(client, second, groups=["a"])["Location"]
    assert client.get("/spaces/").status_code == 302
    kept = str(dict(client.session))
    row = ProviderSession.objects.get()
    assert row.refresh_token not in kept
    assert row.id_token not in kept
    answer = client.post("/accounts/factors/authenticate/", {"code": code(secret)})
    assert answer.status_code == 302
    assert client.get("/spaces/").status_code == 200
    ProviderSession.objects.all().delete()
    assert client.get("/spaces/").status_code == 302
