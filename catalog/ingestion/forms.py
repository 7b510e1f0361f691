"""The form that registers a location."""

from __future__ import annotations

from typing import cast

from django import forms

from catalog.ingestion.policies import Permission
from portal.accounts.subjects import Subject
from portal.spaces import access
from portal.spaces.models import Space


class RegisterForm(forms.Form):
    """An address, and the space that what it gives shall live in."""

    target = forms.CharField(
        max_length=2000,
        label="Address",
        help_text="A catalog-info.yaml, a repository, a folder of one, or a pattern, as its address in the browser.",
        widget=forms.TextInput(attrs={"placeholder": "https://github.com/company/service/blob/main/catalog-info.yaml"}),
    )
    space = forms.ModelChoiceField(
        Space.objects.none(), to_field_name="slug", empty_label=None, help_text="Who sees it follows from its space."
    )

    def __init__(self, *args: object, subject: Subject, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        space = cast("forms.ModelChoiceField[Space]", self.fields["space"])
        space.queryset = access.spaces_with(subject, Permission.LOCATION_CREATE).order_by("name")
