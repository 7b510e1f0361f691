"""Forms of people, groups and API tokens: shape and field rules only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from django import forms
from django.contrib.auth.models import Group
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.subjects import Subject
from portal.spaces import access
from portal.spaces.models import Role, Space

LIFETIMES = [("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("365", "1 year"), ("", "Never expires")]


class TokenForm(forms.Form):
    """A new API token of the person who fills it in."""

    name = forms.CharField(max_length=100, help_text="What will use it, for example “ci pipeline”.")
    lifetime = forms.ChoiceField(choices=LIFETIMES, required=False, initial="90", label="Expires after")
    role = forms.ModelChoiceField(
        Role.objects.all(),
        required=False,
        to_field_name="slug",
        empty_label="All of my rights",
        help_text="A token with roles has those in their spaces and nothing else.",
    )
    space = forms.ModelChoiceField(
        Space.objects.none(),
        required=False,
        to_field_name="slug",
        empty_label="Everywhere",
        help_text="Where the role holds.",
    )

    further = forms.CharField(
        required=False, label="Further roles", widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text="One on each line, as in writer@stage: the role, then the space.",
    )  # fmt: skip
    addresses = forms.CharField(
        required=False, label="Only from", widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text="Networks that it may be used from, one on each line, as in 10.1.0.0/16. Empty: from anywhere.",
    )  # fmt: skip

    def __init__(self, *args: object, subject: Subject, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        spaces = cast("forms.ModelChoiceField[Space]", self.fields["space"])
        spaces.queryset = self.spaces = access.visible_to(subject, Space.objects.order_by("name"))

    def clean_further(self) -> list[tuple[Role, Space]]:
        """The further roles, each in a space that the person sees; a line that is none is an error that names it."""
        found: list[tuple[Role, Space]] = []
        for line in _lines(self.cleaned_data["further"]):
            role_slug, _, space_slug = line.partition("@")
            role, space = Role.objects.filter(slug=role_slug).first(), self.spaces.filter(slug=space_slug).first()
            if role is None or space is None:
                raise forms.ValidationError(f"“{line[:80]}” is no role in a space that you see; write writer@stage.")
            found.append((role, space))
        return found

    def clean_addresses(self) -> list[str]:
        """The networks; the verb checks them."""
        return _lines(self.cleaned_data["addresses"])

    def clean(self) -> dict[str, Any]:
        """A role holds somewhere, and a space needs a role to hold there."""
        data = super().clean() or {}
        if bool(data.get("role")) != bool(data.get("space")):
            raise forms.ValidationError("Give both a role and a space, or neither.")
        if data.get("further") and not data.get("role"):
            raise forms.ValidationError("Give the first role above, then further ones.")
        return data

    def roles(self) -> list[tuple[Role, Space]]:
        """The chosen roles in their spaces; empty for all of the owner's rights."""
        data = self.cleaned_data
        return [(data["role"], data["space"]), *data["further"]] if data["role"] else []

    def expires_at(self) -> datetime | None:
        """The end of the chosen lifetime."""
        days = self.cleaned_data["lifetime"]
        return timezone.now() + timedelta(days=int(days)) if days else None


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.replace(",", "\n").splitlines() if line.strip()]


class PersonForm(forms.Form):
    """A local account."""

    username = forms.CharField(max_length=150, help_text="Letters, digits and @ . + - _")
    display_name = forms.CharField(max_length=200, required=False, label="Name")
    email = forms.EmailField(required=False, label="E-mail")
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 10 characters. Hand it over by a safe way; they can change it under “Change password”.",
    )


class PersonChangeForm(forms.Form):
    """What admins change about somebody."""

    display_name = forms.CharField(max_length=200, required=False, label="Name")
    email = forms.EmailField(required=False, label="E-mail")


class PasswordForm(forms.Form):
    """A new password that an admin gives."""

    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        label="New password",
        help_text="At least 10 characters.",
    )


class GroupForm(forms.Form):
    """A group and who is in it."""

    name = forms.CharField(max_length=150)
    members = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text="Usernames, one on each line.",
    )

    def clean_members(self) -> list[User]:
        """The people behind the usernames; unknown names are an error that lists them."""
        names = {line.strip() for line in self.cleaned_data["members"].replace(",", "\n").splitlines() if line.strip()}
        found = {user.username: user for user in User.objects.filter(username__in=names)}
        if missing := sorted(names - found.keys()):
            raise forms.ValidationError(f"There is nobody called {', '.join(missing)}.")
        return [found[name] for name in sorted(found)]


def group_initial(group: Group) -> dict[str, str]:
    """A group as the form shows it."""
    members = group.user_set.order_by("username").values_list("username", flat=True)
    return {"name": group.name, "members": "\n".join(members)}
