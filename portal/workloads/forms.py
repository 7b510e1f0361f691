"""Forms of trusts and of the roles of their jobs: shape only; the verbs know the rules."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.db.models import QuerySet

from portal.spaces.models import Role, Space
from portal.workloads.models import LONGEST_TEXT, MINUTES, Trust


class ClaimsField(forms.CharField):
    """Claims with their values, one ``name=value`` on each line."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "class": "code-input"})

    def prepare_value(self, value: Any) -> Any:
        """Pairs as lines."""
        return "\n".join(f"{name}={text}" for name, text in value.items()) if isinstance(value, dict) else value

    def clean(self, value: Any) -> Any:
        """Lines as pairs."""
        lines = [line.strip() for line in str(super().clean(value)).splitlines() if line.strip()]
        pairs = [line.partition("=") for line in lines]
        if bad := [name for name, equals, _ in pairs if not equals]:
            raise forms.ValidationError(f"“{bad[0][:60]}” is no claim: write name=value, one on a line.")
        return {name.strip(): text.strip() for name, _, text in pairs}


class TrustForm(forms.Form):
    """A trust that there is."""

    name = forms.CharField(max_length=100, help_text="What these jobs do, as in “deploy shop”.")
    issuer = forms.CharField(
        max_length=LONGEST_TEXT, label="Issuer",
        help_text="Who signs the jobs' tokens, exactly as in their “iss”: https://token.actions.githubusercontent.com, "
        "https://gitlab.com, …",
    )  # fmt: skip
    audience = forms.CharField(
        max_length=LONGEST_TEXT, help_text="What jobs ask their system to write into “aud”; it stands there alone."
    )
    subject_pattern = forms.CharField(
        max_length=LONGEST_TEXT, label="Subject",
        help_text="What “sub” must be, as in repo:acme/shop:ref:refs/heads/main. “*” stands for any characters, "
        "“/” and “:” among them.",
    )  # fmt: skip
    claims = ClaimsField(
        required=False, label="Further claims", help_text="One name=value on each line; all must fit, “*” as above."
    )
    token_minutes = forms.IntegerField(
        min_value=MINUTES[0], max_value=MINUTES[1], initial=60, label="Minutes that a token is good"
    )

    @classmethod
    def initial_of(cls, trust: Trust) -> dict[str, Any]:
        """A trust as the form shows it."""
        return {name: getattr(trust, name) for name in cls.base_fields}


class TrustCreateForm(TrustForm):
    """A new trust."""

    space = forms.ModelChoiceField(
        Space.objects.none(), to_field_name="slug", empty_label=None,
        help_text="Whoever gives roles there manages the trust. Its jobs may get roles elsewhere, too.",
    )  # fmt: skip
    field_order = ("name", "space", "issuer", "audience", "subject_pattern", "claims", "token_minutes")

    def __init__(self, *args: Any, spaces: QuerySet[Space], **options: Any) -> None:
        super().__init__(*args, **options)
        cast("forms.ModelChoiceField[Space]", self.fields["space"]).queryset = spaces
        self.fields["audience"].initial = settings.BASE_URL


class TrustRoleForm(forms.Form):
    """A role, and the space where it holds."""

    role = forms.ModelChoiceField(Role.objects.all(), to_field_name="slug", empty_label=None)
    space = forms.ModelChoiceField(Space.objects.none(), to_field_name="slug", empty_label=None)

    def __init__(self, *args: Any, spaces: QuerySet[Space], **options: Any) -> None:
        super().__init__(*args, **options)
        cast("forms.ModelChoiceField[Space]", self.fields["space"]).queryset = spaces
