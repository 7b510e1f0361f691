"""The form of a client: shape only, the rules are the verb's."""

from __future__ import annotations

from typing import Any

from allauth.idp.oidc.models import Client
from django import forms

from portal.identity.forms import LinesField
from portal.oauth.clients import DEVICE
from portal.oauth.scopes import SCOPES


class ClientForm(forms.Form):
    """A tool that may ask people to act for them."""

    name = forms.CharField(max_length=100, help_text="People see it when they are asked.")
    is_public = forms.BooleanField(
        required=False, label="It keeps no secret",
        help_text="A command line, an app on a phone or in a browser. Cannot be changed later.",
    )  # fmt: skip
    redirect_uris = LinesField(
        required=False, label="Where people come back to",
        help_text="Redirect addresses, one on each line, compared letter by letter.",
    )  # fmt: skip
    post_logout_redirect_uris = LinesField(
        required=False, label="Where people go after signing out", help_text="One on each line."
    )
    may_use_device = forms.BooleanField(
        required=False, label="Device flow", help_text="People type a code that the tool shows. For command lines."
    )
    scopes = forms.MultipleChoiceField(
        choices=[(name, f"{name}: {words}") for name, words in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple, initial=["openid", "profile", "email"],
        help_text="What it may ask for; each person decides what they give.",
    )  # fmt: skip
    is_first_party = forms.BooleanField(
        required=False, label="People are not asked",
        help_text="A tool of your own organisation that only learns who somebody is.",
    )  # fmt: skip

    def __init__(self, *args: Any, client: Client | None = None, **kwargs: Any) -> None:
        if client is not None:
            kwargs["initial"] = initial_of(client)
        super().__init__(*args, **kwargs)
        if client is not None:
            del self.fields["is_public"]


def initial_of(client: Client) -> dict[str, Any]:
    """What the form shows of a client."""
    return {
        "name": client.name, "redirect_uris": client.get_redirect_uris(), "scopes": client.get_scopes(),
        "post_logout_redirect_uris": client.get_post_logout_redirect_uris(),
        "may_use_device": DEVICE in client.get_grant_types(), "is_first_party": client.skip_consent,
    }  # fmt: skip
