"""Verbs on webhooks: make and remove the doors, and take in what comes through them."""

from __future__ import annotations

import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from catalog.ingestion.models import Location
from catalog.ingestion.services import queue_reading
from catalog.providers.hosts.reading import same_repository
from catalog.providers.models import Delivery, Hook, Provider, Repository
from catalog.providers.policies import Permission
from catalog.providers.services import queue_provider
from catalog.providers.webhooks.matching import concerns, is_looked_for, touches_pattern
from catalog.providers.webhooks.pushes import Push, push_of, read_body
from catalog.providers.webhooks.signing import Scheme, delivery_keys, scheme_of
from portal.accounts.subjects import Subject, system
from portal.audit import services as audit
from portal.lib.errors import Invalid, NotFound, Unauthenticated
from portal.limits.counting import give_back, take
from portal.spaces import access

MOST_BYTES = 5 * 1024 * 1024
_NOBODY = "0" * 43


class NotSigned(Unauthenticated):
    """There is no such webhook, or the delivery was not signed with its secret; which of them is not told."""

    code = "not_signed"
    title = "This delivery is not accepted"


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a delivery: ``queued``, ``ignored`` or ``known``, and how many locations are read again."""

    result: str
    locations: int = 0


@transaction.atomic
def make_hook(*, subject: Subject, provider: Provider | None = None, location: Location | None = None) -> Hook:
    """Make the webhook of a provider or a location, or give the one that it has a new secret.

    Read the secret from the answer; it is not told again. Needs ``provider:manage``.
    """
    check_manage(subject, provider, location)
    owner = {"provider": provider} if provider is not None else {"location": location}
    hook = Hook.objects.filter(**owner).first() or Hook(**owner)
    hook.secret = random.token_urlsafe(32)
    hook.save()
    audit.record(subject=subject, action="git_webhook.create", obj=hook, owner=str(provider or location))
    return hook


@transaction.atomic
def delete_hook(*, subject: Subject, hook: Hook) -> None:
    """Close a door: its address takes nothing any more. Needs ``provider:manage``."""
    check_manage(subject, hook.provider, hook.location)
    audit.record(subject=subject, action="git_webhook.delete", obj=hook)
    hook.delete()


def check_manage(subject: Subject, provider: Provider | None, location: Location | None) -> None:
    """Raise where the subject may not manage the webhook of these."""
    if provider is not None:
        access.check(subject, Permission.PROVIDER_MANAGE, provider)
        if not provider.is_host:
            raise Invalid(f"{provider.name} is no Git host, so there is nobody who would call.")
    elif location is not None:
        access.check(subject, Permission.PROVIDER_MANAGE, location)
        if location.type != "url":
            raise Invalid("Only addresses in Git repositories have webhooks.")


def get_hook(subject: Subject, uid: UUID | str) -> Hook:
    """One webhook, for whoever may see what it belongs to."""
    hook = Hook.objects.filter(uid=uid).select_related("provider__space", "location__space").first()
    owner = (hook.provider or hook.location) if hook else None
    if hook is None or owner is None or not access.can(subject, access.policy_for(type(owner)).read, owner):
        raise NotFound("There is no such webhook, or you may not see it.")
    return hook


def hear(*, uid: UUID, headers: Mapping[str, str], body: bytes, address: str | None) -> Heard:
    """Take in a delivery: what a push touches is read again at once, all else is let pass.

    Raises ``NotSigned``, ``Invalid`` for a signed body that is none, and ``TooManyRequests``.
    """
    take("git_webhook", address)
    hook, scheme = _proven(uid, headers, body)
    give_back("git_webhook", address)
    payload = read_body(body, headers.get("Content-Type", ""))
    push = push_of(scheme.host, headers[scheme.event], payload)
    with transaction.atomic():
        if not _remember(hook, delivery_keys(scheme, headers, body)):
            return Heard("known")
        event = f"{scheme.host}: {headers[scheme.event]}"
        Hook.objects.filter(pk=hook.pk).update(heard_at=timezone.now(), heard=event[:200].replace("\x00", ""))
        if push is None:
            return Heard("ignored")
        return _follow(hook, push)


def _proven(uid: UUID, headers: Mapping[str, str], body: bytes) -> tuple[Hook, Scheme]:
    hook = Hook.objects.filter(uid=uid).select_related("provider", "location").first()
    scheme = scheme_of(headers)
    secret = hook.secret if hook is not None else _NOBODY
    # SECURITY: the same work and the same answer, whether the address is unknown or the signature wrong.
    is_proven = scheme is not None and scheme.proves(headers.get(scheme.proof, ""), secret, body)
    if hook is None or scheme is None or not is_proven:
        raise NotSigned("There is no such webhook, or the delivery was not signed with its secret.")
    return hook, scheme


def _remember(hook: Hook, keys: list[str]) -> bool:
    """Note a delivery; False where it is known, by its id or by what it says."""
    if not keys:
        return True
    # Two at the same time: the second waits for the first, and then finds it.
    Hook.objects.select_for_update().filter(pk=hook.pk).first()
    is_known = Delivery.objects.filter(hook=hook, key__in=keys).exists()
    Delivery.objects.bulk_create([Delivery(hook=hook, key=key) for key in keys], ignore_conflicts=True)
    return not is_known


def _follow(hook: Hook, push: Push) -> Heard:
    locations = [location for location in _candidates(hook, push) if concerns(push, location)]
    for location in locations:
        queue_reading(location)
    is_searched = hook.provider is not None and _search_anew(hook.provider, push)
    if locations or is_searched:
        audit.record(
            subject=system("webhook"), action="git_webhook.push", obj=hook, branch=push.branch,
            repository=push.urls[0], locations=len(locations), is_searched=is_searched,
        )  # fmt: skip
    return Heard("queued" if locations or is_searched else "ignored", len(locations))


def _candidates(hook: Hook, push: Push) -> list[Location]:
    if hook.location is not None:
        return [hook.location]
    # Found files only name files of their own repository with credentials, so others need not be looked at.
    return list(Location.objects.filter(found_file__repository__in=_repositories(hook.provider, push)))


def _repositories(provider: Provider | None, push: Push) -> list[Repository]:
    name = push.urls[0].rstrip("/").removesuffix(".git").rpartition("/")[2]
    rows = Repository.objects.filter(provider=provider, url__iendswith=f"/{name}").select_related("provider")
    return [row for row in rows if any(same_repository(row.url, url) for url in push.urls)]


def _search_anew(provider: Provider, push: Push) -> bool:
    """Have the host read again where a push may have brought or taken catalog files; whether it may have."""
    found = _repositories(provider, push)
    wanted = [row for row in found if is_looked_for(push, row)]
    if not wanted and (found or not touches_pattern(push, provider)):
        return False
    Repository.objects.filter(pk__in=[row.pk for row in wanted]).update(looked_at="")
    queue_provider(provider)
    return True
