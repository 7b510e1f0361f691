"""Verbs on grants: a person lets a tool act for them, and takes it back."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from allauth.idp.oidc.models import Client, Token
from django.db import transaction
from django.db.models import QuerySet

from portal.accounts.models import User
from portal.accounts.subjects import Subject
from portal.audit import services as audit
from portal.lib.errors import Invalid, NotFound
from portal.oauth.models import Grant
from portal.spaces.people import account_of


def grants_of(subject: Subject) -> QuerySet[Grant]:
    """What the subject lets tools do, newest first. Raises ``Forbidden`` for tokens that were made for less."""
    return Grant.objects.filter(user=account_of(subject)).select_related("client", "user")


def grant_of(user: User, client_id: str) -> Grant | None:
    """What a person lets one tool do."""
    return Grant.objects.filter(user=user, client_id=client_id).first()


@transaction.atomic
def give(*, subject: Subject, client: Client, scopes: Iterable[str]) -> Grant:
    """Let a tool act for the subject within ``scopes``, beside what it may already."""
    user = account_of(subject)
    asked = set(scopes)
    if not asked <= set(client.get_scopes()):
        raise Invalid("The tool asked for more than it was registered for.")
    grant, is_new = Grant.objects.select_for_update().get_or_create(user=user, client=client)
    added = sorted(asked - set(grant.scopes))
    grant.scopes = sorted(set(grant.scopes) | asked)
    grant.save(update_fields=["scopes"])
    if added or is_new:
        audit.record(subject=subject, action="oauth_grant.create", obj=grant, scopes=grant.scopes, client=client.pk)
    return grant


@transaction.atomic
def take_back(*, subject: Subject, uid: UUID | str) -> Grant:
    """End a grant and all tokens that hang on it, at once."""
    grant = grants_of(subject).select_for_update(of=("self",)).filter(uid=uid).first()
    if grant is None:
        raise NotFound("You let no such tool act for you.")
    tokens_of(grant.user, grant.client_id).delete()
    audit.record(subject=subject, action="oauth_grant.delete", obj=grant, scopes=grant.scopes, client=grant.client_id)
    grant.delete()
    return grant


def tokens_of(user: User, client_id: str) -> QuerySet[Token]:
    """Access and refresh tokens that a tool has for a person."""
    found: QuerySet[Token] = Token.objects.filter(
        user=user, client=client_id, type__in=[Token.Type.ACCESS_TOKEN, Token.Type.REFRESH_TOKEN]
    )
    return found
