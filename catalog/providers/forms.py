"""The forms of providers, one per kind."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from catalog.providers.models import HOSTS, Kind, Provider
from catalog.providers.policies import Permission
from portal.accounts.subjects import Subject
from portal.spaces import access
from portal.spaces.models import Space

_HOST_FLAGS = ("with_archived", "with_forks")
_HOST_WORDS = ("topics", "exclude_topics")
_SECRETS = {
    Kind.LDAP: ("Password", "Of the account above. Stored encrypted and never shown."),
    Kind.GITHUB: ("Token", "Reads metadata and contents of the repositories. Stored encrypted and never shown."),
    Kind.GITLAB: ("Token", "With the scope read_api. Stored encrypted and never shown."),
    Kind.GITEA: ("Token", "With read access to organisations and repositories. Stored encrypted and never shown."),
}


class ProviderForm(forms.Form):
    """What every provider has."""

    name = forms.CharField(max_length=63, help_text="Lower-case letters, digits and hyphens; it stays.")
    space = forms.ModelChoiceField(
        Space.objects.none(), to_field_name="slug", empty_label=None, help_text="Who sees it follows from its space."
    )

    def __init__(
        self, *args: Any, subject: Subject, kind: str, provider: Provider | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        space = cast("forms.ModelChoiceField[Space]", self.fields["space"])
        space.queryset = access.spaces_with(subject, Permission.PROVIDER_MANAGE).order_by("name")
        if provider is not None:
            del self.fields["name"]
            self.fields["is_enabled"] = forms.BooleanField(required=False, label="On", help_text="Read and pushed to.")
        if kind != Kind.PUSH:
            label, words = _SECRETS[Kind(kind)]
            self.fields["secret"] = forms.CharField(
                required=False, max_length=1000, label=label,
                help_text=f"{words} Leave it empty to keep the one that is stored." if provider else words,
                widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
            )  # fmt: skip
            self.fields["minutes"] = forms.IntegerField(
                min_value=1,
                max_value=30 * 24 * 60,
                initial=30,
                label="Every",
                help_text="Minutes between two readings.",
            )
        self.order_fields(self.field_order)

    def values(self) -> dict[str, Any]:
        """What the verbs take."""
        data = self.cleaned_data
        found: dict[str, Any] = {name: data[name] for name in ("name", "space", "secret", "is_enabled") if name in data}
        if "minutes" in data:
            found["every_seconds"] = data["minutes"] * 60
        return {**found, "options": self.options()}

    def options(self) -> dict[str, Any]:
        """The options of the kind."""
        return {}


class HostForm(ProviderForm):
    """A Git host."""

    field_order = ("is_enabled", "name", "space", "owner", "secret", "path")
    owner = forms.CharField(
        max_length=200, help_text="Organisation, group (with its subgroups) or person whose repositories are read."
    )
    path = forms.CharField(
        max_length=200, initial="/catalog-info.yaml", label="File",
        help_text="Where the catalog file is in a repository; patterns such as /**/catalog-info.yaml are slower.",
    )  # fmt: skip
    names = forms.CharField(
        required=False, max_length=200, label="Names",
        help_text="Only repositories of such names: a pattern as in service-*, or /a regular expression/.",
    )  # fmt: skip
    topics = forms.CharField(required=False, max_length=500, help_text="Only repositories with one of these topics.")
    exclude_topics = forms.CharField(required=False, max_length=500, label="Without topics")
    branch = forms.CharField(required=False, max_length=200, help_text="Empty for the default branch of each.")
    with_archived = forms.BooleanField(required=False, label="Archived ones too")
    with_forks = forms.BooleanField(required=False, label="Forks too")
    url = forms.CharField(
        required=False, max_length=300, label="Address of the host", help_text="Empty for the public one."
    )
    api_url = forms.CharField(
        required=False, max_length=300, label="Address of its API", help_text="Empty where it is the usual one."
    )

    def options(self) -> dict[str, Any]:
        """The options of a host."""
        data = self.cleaned_data
        found: dict[str, Any] = {name: data[name] for name in ("owner", "path", "names", "branch", "url", "api_url")}
        found |= {name: data[name].replace(",", " ").split() for name in _HOST_WORDS}
        return found | {name: data[name] for name in _HOST_FLAGS}


class DirectoryForm(ProviderForm):
    """An LDAP directory."""

    field_order = ("is_enabled", "name", "space", "url", "bind_dn", "secret")
    url = forms.CharField(
        max_length=300, label="Address", help_text="ldaps://host:636, or ldap://host:389 with StartTLS."
    )
    bind_dn = forms.CharField(required=False, max_length=300, label="Account", help_text="Empty to ask as nobody.")
    is_starttls = forms.BooleanField(required=False, initial=True, label="StartTLS", help_text="For ldap:// addresses.")
    ca = forms.CharField(
        required=False, max_length=100_000, label="Certificate authority", help_text="PEM text, if it is your own.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    namespace = forms.CharField(required=False, max_length=63, help_text="Of the entities; default where it is empty.")
    users_dn = forms.CharField(required=False, max_length=300, label="People below")
    users_filter = forms.CharField(
        required=False, max_length=2000, initial="(objectClass=inetOrgPerson)", label="Filter of people"
    )
    users_map = forms.JSONField(
        required=False, label="Attributes of people", initial=dict, widget=forms.Textarea(attrs={"rows": 2}),
        help_text='Where they differ: {"name": "uid", "displayName": "cn", "email": "mail", "memberOf": "memberOf"}',
    )  # fmt: skip
    groups_dn = forms.CharField(required=False, max_length=300, label="Groups below")
    groups_filter = forms.CharField(
        required=False, max_length=2000, initial="(objectClass=groupOfNames)", label="Filter of groups"
    )
    groups_map = forms.JSONField(
        required=False, label="Attributes of groups", initial=dict, widget=forms.Textarea(attrs={"rows": 2}),
        help_text='Where they differ: {"name": "cn", "description": "description", "members": "member"}',
    )  # fmt: skip

    def options(self) -> dict[str, Any]:
        """The options of a directory; what the form does not know of a search stays as it is."""
        data = self.cleaned_data
        found: dict[str, Any] = {name: data[name] for name in ("url", "bind_dn", "is_starttls", "ca", "namespace")}
        for name in ("users", "groups"):
            before = (self.initial.get("searches") or {}).get(name, {})
            found[name] = before | {
                "dn": data[f"{name}_dn"], "filter": data[f"{name}_filter"] or "(objectClass=*)",
                "map": data[f"{name}_map"] or {},
            }  # fmt: skip
        return found


def form_class(kind: str) -> type[ProviderForm]:
    """The form of a kind."""
    if kind in HOSTS:
        return HostForm
    return DirectoryForm if kind == Kind.LDAP else ProviderForm


def initial_of(provider: Provider) -> dict[str, Any]:
    """What stands in the form of a provider."""
    options = dict(provider.options)
    values: dict[str, Any] = {
        "space": provider.space.slug, "minutes": provider.every_seconds // 60, "is_enabled": provider.is_enabled,
        **{name: value for name, value in options.items() if isinstance(value, str | bool)},
        **{name: " ".join(options[name]) for name in _HOST_WORDS if name in options},
    }  # fmt: skip
    if provider.kind == Kind.LDAP:
        values["searches"] = {name: options[name] for name in ("users", "groups")}
        for name in ("users", "groups"):
            values[f"{name}_dn"], values[f"{name}_filter"] = options[name]["dn"], options[name]["filter"]
            values[f"{name}_map"] = options[name]["map"]
    return values
