"""Forms of login policies: shape and field rules only."""

from __future__ import annotations

import json
from typing import Any

from django import forms

from portal.identity.forms import LinesField
from portal.identity.gates import PASSWORD
from portal.lib.rego.modules import MAX_BODY
from portal.login_policies.models import LoginPolicy
from portal.login_policies.trying import input_for

START = """package callboard

# Who is let in. Without a match nobody is; deny beats allow.
allow if input.session.member

# Roles for as long as this decision stands, by short names of space and role.
# roles["stage"] contains "writer" if "sso:corp/crew" in input.session.teams

# Keep some decisions to look at below.
# sample if input.session.newcomer
"""
MAX_INPUT = 256 * 1024


class WordsField(LinesField):
    """A list of texts on one line, with commas between."""

    def prepare_value(self, value: Any) -> Any:
        """A list as it is typed."""
        return ", ".join(value) if isinstance(value, list) else value


class PolicyForm(forms.Form):
    """One policy. The text is checked by the verb."""

    name = forms.CharField(max_length=100)
    description = forms.CharField(required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    labels = WordsField(
        required=False, widget=forms.TextInput(), help_text="Separated by commas, to find and sort policies by."
    )
    version = forms.ChoiceField(choices=LoginPolicy.RegoVersion.choices, label="Version")
    is_enabled = forms.BooleanField(
        required=False, label="Enabled", help_text="Asked at every sign-in. All other sessions end when this changes."
    )
    body = forms.CharField(
        max_length=MAX_BODY, strip=False, label="Rego",
        widget=forms.Textarea(
            attrs={
                "rows": 22, "class": "code-input", "spellcheck": "false", "autocapitalize": "off",
                "autocomplete": "off", "wrap": "off", "data-line-numbers": "",
            }
        ),
    )  # fmt: skip

    def clean_labels(self) -> list[str]:
        """Labels as the model keeps them."""
        labels: list[str] = self.cleaned_data["labels"]
        if any(len(label) > 63 for label in labels):
            raise forms.ValidationError("A label has at most 63 characters.")
        return labels


class TryForm(forms.Form):
    """A sign-in that is only thought of: a person and where they come from, or a whole input."""

    login = forms.CharField(
        required=False, max_length=150, label="Person", help_text="A username; one that nobody has is a newcomer.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    provider = forms.CharField(
        required=False, max_length=40, label="Provider", help_text="A provider's key, or password, ldap or proxy."
    )
    address = forms.GenericIPAddressField(required=False, label="Address")
    teams = WordsField(
        required=False, label="Groups", widget=forms.TextInput(),
        help_text="Separated by commas; empty for the groups that the person has now.",
    )  # fmt: skip
    input = forms.CharField(
        required=False, max_length=MAX_INPUT, label="Or a whole input as JSON",
        help_text="Used instead of the fields above where it is not empty.",
        widget=forms.Textarea(attrs={"rows": 4, "class": "code-input", "spellcheck": "false", "wrap": "off"}),
    )  # fmt: skip

    def clean_input(self) -> dict[str, Any] | None:
        """The parsed document, or None where nothing was given."""
        text = self.cleaned_data["input"].strip()
        if not text:
            return None
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(f"This is no JSON: {error}") from error
        if not isinstance(found, dict):
            raise forms.ValidationError("The input is an object, as in {“session”: …}.")
        return found

    def clean(self) -> dict[str, Any]:
        """Something must be asked about."""
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not data.get("login") and data.get("input") is None:
            self.add_error("login", "Name a person, or give a whole input.")
        return data

    def asked(self) -> tuple[dict[str, Any], bool]:
        """The document, and whether the policies would not be asked about this person."""
        data = self.cleaned_data
        if data["input"] is not None:
            return data["input"], False
        return input_for(
            login=data["login"], provider=data["provider"] or PASSWORD, teams=data["teams"] or None,
            address=data["address"] or "",
        )  # fmt: skip
