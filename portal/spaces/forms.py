"""Forms of spaces and bindings: shape and field rules only."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.utils import timezone

from portal.accounts.subjects import Subject
from portal.spaces import access
from portal.spaces.models import Role, Space, slug_validator
from portal.spaces.permissions import Permission
from portal.spaces.querysets import roles_to_give
from portal.spaces.services import is_root_admin

_INHERITING_HELP = "Things of the space above may be used here, and whoever has a role here may read the space above."


class LabelsField(forms.CharField):
    """Labels in one line, between commas."""

    def __init__(self) -> None:
        help_text = "Between commas; lists of spaces and the API find spaces by them."
        super().__init__(required=False, max_length=500, help_text=help_text)

    def to_python(self, value: Any) -> Any:
        """The line as a list."""
        return [word.strip() for word in (super().to_python(value) or "").split(",") if word.strip()]


class SpaceForm(forms.Form):
    """A new space."""

    name = forms.CharField(max_length=100, widget=forms.TextInput(attrs={"data-slug-to": "id_slug"}))
    slug = forms.CharField(
        max_length=63, validators=[slug_validator], label="Short name",
        help_text="For addresses and the API; it stays. Lower-case letters, digits and hyphens.",
    )  # fmt: skip
    parent = forms.ModelChoiceField(
        Space.objects.none(),
        to_field_name="slug",
        empty_label=None,
        label="Below",
        help_text="Roles of this space hold in the new one, too.",
    )
    description = forms.CharField(
        required=False, widget=forms.Textarea(attrs={"rows": 3}), help_text="What lives here, for whom."
    )
    labels = LabelsField()
    is_inheriting = forms.BooleanField(
        required=False, initial=True, label="Inherits from the space above", help_text=_INHERITING_HELP
    )

    def __init__(self, *args: object, subject: Subject, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        parent = cast("forms.ModelChoiceField[Space]", self.fields["parent"])
        parent.queryset = access.spaces_with(subject, Permission.SPACE_CREATE).order_by("name")
        if not is_root_admin(subject):
            del self.fields["is_inheriting"]


class SpaceChangeForm(forms.Form):
    """What can be changed about a space."""

    name = forms.CharField(max_length=100)
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    labels = LabelsField()
    is_inheriting = forms.BooleanField(
        required=False, label="Inherits from the space above", help_text=_INHERITING_HELP
    )

    def __init__(self, *args: object, subject: Subject, space: Space, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if space.is_root or not is_root_admin(subject):
            del self.fields["is_inheriting"]


class BindForm(forms.Form):
    """Somebody gets a role in a space."""

    who = forms.CharField(
        max_length=160,
        label="Person or group",
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "subject-options"}),
    )
    role = forms.ModelChoiceField(Role.objects.none(), to_field_name="slug", empty_label=None)
    until = forms.DateField(
        required=False, label="Until", widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The last day; empty means for good.",
    )  # fmt: skip

    def end_of_role(self) -> datetime | None:
        """The moment at which the role ends: the end of the last day."""
        last: date | None = self.cleaned_data.get("until")
        return timezone.make_aware(datetime.combine(last + timedelta(days=1), time.min)) if last else None

    def __init__(self, *args: object, subject: Subject, space: Space, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        role = cast("forms.ModelChoiceField[Role]", self.fields["role"])
        role.queryset = Role.objects.filter(pk__in=[found.pk for found in roles_to_give(subject, space)])
