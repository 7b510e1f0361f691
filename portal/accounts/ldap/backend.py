"""Django's door to the directory: asked after the local accounts, makes an account at the first sign-in."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.backends import ModelBackend
from django.db import connection, transaction
from django.http import HttpRequest

from portal.accounts.addresses import client_address
from portal.accounts.ldap.directory import Directory, Entry
from portal.accounts.ldap.options import options
from portal.accounts.local_sign_in import DIRECTORY
from portal.accounts.models import User
from portal.accounts.newcomers import make_outside_user
from portal.identity.gates import note_facts


class DirectoryBackend(ModelBackend):
    """People of the directory. Who they are is said by the directory's own id, never by a name or an address."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **more: Any
    ) -> User | None:
        """The account of the person whose directory login and password these are; None for anybody else."""
        found = options()
        login = username or more.get("email") or ""
        if found is None or not login or not password:
            return None
        entry = Directory(found).prove(login, password)
        if entry is None:
            return None
        user = account_of(entry, address=client_address(request) if request else None)
        if request is not None:
            claims = {"dn": entry.dn, "username": entry.username, "email": entry.email, "name": entry.name}
            note_facts(request, provider=DIRECTORY, claims=claims, groups=entry.groups)
        return user

    def has_perm(self, *args: Any, **kwargs: Any) -> bool:
        """``portal.spaces.access`` alone answers questions about rights."""
        return False


@transaction.atomic
def account_of(entry: Entry, *, address: str | None) -> User:
    """The account of a directory entry, made where it is missing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"accounts.ldap {entry.uid}"])
    facts = {"dn": entry.dn, "username": entry.username, "email": entry.email, "name": entry.name}
    link = SocialAccount.objects.filter(provider=DIRECTORY, uid=entry.uid).select_related("user").first()
    if link is not None:
        SocialAccount.objects.filter(pk=link.pk).update(extra_data=facts)
        found: User = link.user
        return found
    # SECURITY: an account of another kind with this name or address is somebody else until an admin says otherwise.
    user = make_outside_user(
        username=entry.username or entry.uid, name=entry.name, email=entry.email, via=DIRECTORY, address=address
    )
    SocialAccount.objects.create(user=user, provider=DIRECTORY, uid=entry.uid, extra_data=facts)
    return user
