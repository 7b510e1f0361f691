"""Forms of identity providers, a form per kind, and of the rules of their groups: shape and field rules only."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.utils.text import slugify

from portal.identity.models import IdentityProvider, Join, Kind

SECRET_HELP = "Stored encrypted and never shown again."  # noqa: S105 (words, no secret)


class LinesField(forms.CharField):
    """A list of texts, one on each line."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        """A list as lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """Lines as a list."""
        text = value if isinstance(value, str) else "\n".join(value or [])
        return list(dict.fromkeys(line.strip() for line in text.replace(",", "\n").splitlines() if line.strip()))


class CertificatesField(LinesField):
    """PEM texts below each other; one without a frame is a single certificate."""

    widget = forms.Textarea(attrs={"rows": 6, "spellcheck": "false"})
    END = "-----END CERTIFICATE-----"

    def to_python(self, value: Any) -> Any:
        """Each certificate by itself."""
        text = value if isinstance(value, str) else "\n".join(value or [])
        return [part.strip() for part in text.split(self.END) if part.strip()]


class ProviderForm(forms.Form):
    """What all kinds have; ``form_for`` adds what one kind has."""

    name = forms.CharField(max_length=100, help_text="On the button of the sign-in page.")
    key = forms.SlugField(
        max_length=40, required=False,
        help_text="In addresses and in the names of its groups; never changes. Made from the name where it is empty.",
    )  # fmt: skip
    client_id = forms.CharField(max_length=300, label="Client id")
    client_secret = forms.CharField(
        required=False, strip=True, label="Client secret", help_text=SECRET_HELP,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    server = forms.CharField(max_length=500, label="Issuer", help_text="As in https://login.example.com/realms/staff.")
    scopes = LinesField(required=False, help_text="One on each line; empty for the usual ones.")
    hosts = LinesField(
        required=False, label="Further hosts", help_text="Where its endpoints are, if not on the host above."
    )
    metadata_url = forms.URLField(
        required=False, label="Address of the metadata", assume_scheme="https", help_text="Read when you save."
    )
    metadata = forms.CharField(
        required=False, label="Metadata", help_text="Or the document itself (XML).",
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )  # fmt: skip
    idp_entity_id = forms.CharField(required=False, max_length=500, label="Entity id")
    idp_sso_url = forms.URLField(required=False, label="Sign-in address", assume_scheme="https")
    idp_slo_url = forms.URLField(required=False, label="Sign-out address", assume_scheme="https")
    idp_certificates = CertificatesField(required=False, label="Certificates", help_text="PEM, one below the other.")
    uid_attribute = forms.CharField(
        required=False, max_length=300, label="Attribute of the person's id", help_text="Empty: a subject id or NameID."
    )
    email_attribute = forms.CharField(required=False, max_length=300, label="Attribute of the e-mail address")
    name_attribute = forms.CharField(required=False, max_length=300, label="Attribute of the name")
    may_idp_initiate = forms.BooleanField(
        required=False, label="May start sign-ins by itself",
        help_text="Answers that nobody asked for are taken. Off unless people start at the provider's own page.",
    )  # fmt: skip
    groups_claim = forms.CharField(
        required=False, max_length=300, label="Claim or attribute of the groups", initial="groups",
        help_text="As in groups, roles or realm_access.roles; empty: groups are not followed.",
    )  # fmt: skip
    is_email_trusted = forms.BooleanField(
        required=False, label="All of its e-mail addresses count as verified",
        help_text="Only where nobody can choose their own address at the provider.",
    )  # fmt: skip
    join = forms.ChoiceField(choices=Join.choices, label="Who may join", initial=Join.NOBODY)
    join_domains = LinesField(required=False, label="Domains whose people may join")
    join_groups = LinesField(required=False, label="Groups whose members may join", help_text="Exact, or as in team-*.")
    contact = forms.CharField(
        required=False, max_length=300, label="Whom the others ask", help_text="Shown to people who may not join."
    )
    recheck_minutes = forms.IntegerField(
        min_value=0, max_value=100_000, initial=60, label="Look again every … minutes",
        help_text="Groups follow without a new sign-in, and a refusal ends the session. 0: only at sign-in.",
    )  # fmt: skip
    position = forms.IntegerField(min_value=0, max_value=9999, initial=100, help_text="Lower comes first.")
    is_enabled = forms.BooleanField(required=False, initial=True, label="On the sign-in page")


SECTIONS = [
    ("The provider", ["name", "key", "server", "client_id", "client_secret", "scopes", "hosts", "metadata_url",
                      "metadata"]),
    ("Without metadata", ["idp_entity_id", "idp_sso_url", "idp_slo_url", "idp_certificates"]),
    ("What it says about people", ["groups_claim", "uid_attribute", "email_attribute", "name_attribute",
                                   "is_email_trusted", "recheck_minutes", "may_idp_initiate"]),
    ("Who may join", ["join", "join_domains", "join_groups", "contact"]),
    ("On the sign-in page", ["position", "is_enabled"]),
]  # fmt: skip


def sections_of(form: ProviderForm) -> list[tuple[str, list[forms.BoundField]]]:
    """The form's fields under headings; headings without fields are left out."""
    found = [(title, [form[name] for name in names if name in form.fields]) for title, names in SECTIONS]
    return [(title, fields) for title, fields in found if fields]


SAML_ONLY = {
    "metadata_url", "metadata", "idp_entity_id", "idp_sso_url", "idp_slo_url", "idp_certificates", "uid_attribute",
    "email_attribute", "name_attribute", "may_idp_initiate",
}  # fmt: skip
_WITHOUT: dict[str, set[str]] = {
    Kind.OIDC: SAML_ONLY,
    Kind.SAML: {"client_id", "client_secret", "server", "scopes", "hosts", "recheck_minutes"},
    Kind.GITHUB: SAML_ONLY | {"hosts", "is_email_trusted"},
    Kind.GITLAB: SAML_ONLY,
    Kind.GOOGLE: SAML_ONLY | {"server", "hosts", "is_email_trusted"},
    Kind.MICROSOFT: SAML_ONLY | {"hosts"},
}
_SERVERS = {
    Kind.GITHUB: ("Address", "Empty for github.com, else as in https://github.example.com."),
    Kind.GITLAB: ("Address", "Empty for gitlab.com, else as in https://gitlab.example.com."),
    Kind.MICROSOFT: ("Tenant", "The directory's id or domain. “common” is refused: it would let anybody in."),
}


def form_for(kind: str, *args: Any, provider: IdentityProvider | None = None, **options: Any) -> ProviderForm:
    """The form of one kind; of ``provider`` as it is where one is given."""
    if provider is not None:
        options["initial"] = initial_of(provider)
    form = ProviderForm(*args, **options)
    for name in _WITHOUT[kind] | ({"key"} if provider else set()):
        del form.fields[name]
    if kind in _SERVERS:
        server = form.fields["server"]
        server.label, server.help_text = _SERVERS[Kind(kind)]
        server.required = kind == Kind.MICROSOFT
    if provider is not None and "client_secret" in form.fields:
        form.fields["client_secret"].help_text = f"{SECRET_HELP} Empty keeps the one that is stored."
    return form


def initial_of(provider: IdentityProvider) -> dict[str, Any]:
    """A provider as the form shows it; never its secret."""
    names = set(ProviderForm.base_fields) - {"client_secret", "metadata", "key"}
    shown = {name: getattr(provider, name) for name in names}
    shown["idp_certificates"] = list(provider.idp_certificates)
    return shown


def free_key(name: str, taken: set[str]) -> str:
    """A key made from a name."""
    base = slugify(name).replace("_", "-").strip("-")[:36].strip("-") or "provider"
    number, key = 1, base
    while key in taken:
        number += 1
        key = f"{base}-{number}"
    return key


class RuleForm(forms.Form):
    """A claim value, or a pattern of them, and the group that it means."""

    pattern = forms.CharField(max_length=300, label="Claim value", help_text="Exact, or a pattern as in team-*.")
    group = forms.ModelChoiceField(Group.objects.order_by("name"), label="Group here")


class ProviderGroupForm(forms.Form):
    """A claim value that shall have its group before anybody with it signs in."""

    value = forms.CharField(max_length=300, label="Claim value")
