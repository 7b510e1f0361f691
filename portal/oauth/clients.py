"""Verbs on clients: the tools that may ask people to act for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.models import Client, Token
from django.db import transaction
from django.db.models import Count, QuerySet

from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.lib.errors import Invalid, NotFound
from portal.oauth.policies import check_manage
from portal.oauth.scopes import SCOPES

CODE, DEVICE, REFRESH = (
    Client.GrantType.AUTHORIZATION_CODE.value, Client.GrantType.DEVICE_CODE.value, Client.GrantType.REFRESH_TOKEN.value
)  # fmt: skip
# Schemes that browsers act upon themselves; a code must never be handed to one.
_NEVER = frozenset({"javascript", "data", "file", "vbscript", "about", "blob", "ftp", "ws", "wss", "mailto"})


def clients_for(subject: Subject) -> QuerySet[Client]:
    """All clients with the number of people who use each."""
    check_manage(subject)
    found: QuerySet[Client] = Client.objects.annotate(grant_count=Count("grants")).order_by("name", "pk")
    return found


def client_for(subject: Subject, pk: str) -> Client:
    """One client. Raises ``NotFound``."""
    found = clients_for(subject).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such client.")
    return found


@transaction.atomic
def create_client(*, subject: Subject, is_public: bool, **facts: Any) -> tuple[Client, str]:
    """Register a tool and return it with its secret, which is never to be had again (public clients have none)."""
    check_manage(subject)
    client = Client(type=Client.Type.PUBLIC if is_public else Client.Type.CONFIDENTIAL)
    _write(client, **facts)
    secret = "" if is_public else get_adapter().generate_client_secret()
    client.set_secret(secret or get_adapter().generate_client_secret())
    client.owner = None
    client.save(force_insert=True)
    audit.record(subject=subject, action="oauth_client.create", obj=client, **_facts(client))
    return client, secret


@transaction.atomic
def update_client(*, subject: Subject, client: Client, **facts: Any) -> Client:
    """Change what is named. Grants of scopes that it may no longer ask for end with their tokens."""
    check_manage(subject)
    before = set(client.get_scopes())
    _write(client, **facts)
    client.save()
    gone = before - set(client.get_scopes())
    if gone:
        Token.objects.filter(client=client).delete()
        for grant in client.grants.all():
            grant.scopes = sorted(set(grant.scopes) - gone)
            grant.save(update_fields=["scopes"])
    audit.record(subject=subject, action="oauth_client.update", obj=client, **_facts(client))
    return client


@transaction.atomic
def renew_secret(*, subject: Subject, client: Client) -> str:
    """A new secret in plain text; the old one ends at once."""
    check_manage(subject)
    if client.type == Client.Type.PUBLIC:
        raise Invalid("A public client has no secret.")
    secret: str = get_adapter().generate_client_secret()
    client.set_secret(secret)
    client.save(update_fields=["secret"])
    audit.record(subject=subject, action="oauth_client.renew_secret", obj=client)
    return secret


@transaction.atomic
def delete_client(*, subject: Subject, client: Client) -> None:
    """End a tool with all that people let it do."""
    check_manage(subject)
    audit.record(subject=subject, action="oauth_client.delete", obj=client, **_facts(client))
    client.delete()


def _facts(client: Client) -> dict[str, Any]:
    return {
        "name": client.name, "type": client.type, "scopes": client.get_scopes(), "flows": client.get_grant_types(),
        "redirect_uris": client.get_redirect_uris(), "is_first_party": client.skip_consent,
    }  # fmt: skip


def _write(
    client: Client,
    *,
    name: str | None = None,
    scopes: Sequence[str] | None = None,
    redirect_uris: Sequence[str] | None = None,
    post_logout_redirect_uris: Sequence[str] | None = None,
    may_use_device: bool | None = None,
    is_first_party: bool | None = None,
) -> None:
    if name is not None:
        client.name = name.strip()[:100]
    if not client.name:
        raise _wrong("name", "Give the tool a name that people know it by.")
    if scopes is not None:
        unknown = sorted(set(scopes) - set(SCOPES))
        if unknown:
            raise _wrong("scopes", f"There is no scope {unknown[0]}; there are {', '.join(SCOPES)}.")
        client.set_scopes([name for name in SCOPES if name in scopes])
        client.set_default_scopes(["openid"] if "openid" in scopes else client.get_scopes()[:1])
    if not client.get_scopes():
        raise _wrong("scopes", "Choose at least one.")
    is_public = client.type == Client.Type.PUBLIC
    if redirect_uris is not None:
        client.set_redirect_uris([_checked(uri, "redirect_uris", is_public=is_public) for uri in redirect_uris])
    if post_logout_redirect_uris is not None:
        client.set_post_logout_redirect_uris(
            [_checked(uri, "post_logout_redirect_uris", is_public=is_public) for uri in post_logout_redirect_uris]
        )
    has_device = may_use_device if may_use_device is not None else DEVICE in client.get_grant_types()
    if has_device and not is_public:
        raise _wrong("may_use_device", "The device flow is for public clients: a command line keeps no secret.")
    flows = [CODE] if client.get_redirect_uris() else []
    flows += [DEVICE] if has_device else []
    if not flows:
        raise _wrong("redirect_uris", "Name where people come back to, or let it use the device flow.")
    client.set_grant_types([*flows, REFRESH])
    client.set_response_types(["code"])
    client.allow_uri_wildcards = False
    client.set_cors_origins([])
    if is_first_party is not None:
        client.skip_consent = is_first_party
    if client.skip_consent and (is_public or "api" in client.get_scopes()):
        # SECURITY: anybody can call themselves a public client, and whoever may do everything is asked for.
        raise _wrong(
            "is_first_party", "People are asked for public clients, and for those that may do everything in the API."
        )


def _checked(uri: str, field: str, *, is_public: bool) -> str:
    """``uri`` as an address that codes may be sent to (RFC 8252 sections 7 and 8)."""
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise _wrong(field, f"“{uri[:100]}” is no address.") from error
    if parts.fragment or "#" in uri or parts.username or parts.password or "*" in uri or not uri.isprintable():
        raise _wrong(field, f"“{uri[:100]}” has a fragment, a user name, a wildcard or a sign that may not be there.")
    if parts.scheme == "https" and host:
        return uri
    if parts.scheme == "http" and host in {"127.0.0.1", "::1", "localhost"}:
        return uri
    if is_public and "." in parts.scheme and parts.scheme not in _NEVER:
        return uri
    raise _wrong(
        field,
        f"“{uri[:100]}” must be https://…, http:// on this very machine (127.0.0.1, [::1] or localhost), or, for a "
        "public client, a scheme of its own like com.example.tool:/done.",
    )


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, errors=[{"field": field, "message": message}])
