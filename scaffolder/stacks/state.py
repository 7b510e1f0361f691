"""The state of stacks: versions, the lock, and who may touch them. The endpoint speaks; the rules are here.

Protocol: https://opentofu.org/docs/language/settings/backends/http/
"""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.crypto import constant_time_compare

from portal.lib.errors import Conflict, Invalid, PortalError
from portal.lib.secrets import decrypt_bytes, encrypt_bytes
from scaffolder.stacks.models import Stack, StateCredential, StateLock, StateVersion

MOST_STATE_BYTES = 100 * 1024 * 1024
USER_PREFIX = "run-"


class StateLocked(PortalError):
    """Somebody else holds the lock; ``data["lock"]`` says who."""

    code = "state_locked"
    status = 423
    title = "The state is locked"


@dataclass(frozen=True, slots=True)
class StateHolder:
    """A run that proved who it is. A reading one writes nothing, and takes no lock so that it never waits."""

    stack: Stack
    run_uid: uuid.UUID
    is_writer: bool

    def __str__(self) -> str:
        return f"{USER_PREFIX}{self.run_uid}"


def issue_credential(*, stack: Stack, run_uid: uuid.UUID, is_writer: bool) -> tuple[str, str]:
    """A user name and a new password for a run; the one before, and a lock under it, are void from now on."""
    password = secrets.token_urlsafe(32)
    with transaction.atomic():
        StateLock.objects.filter(run_uid=run_uid).delete()
        StateCredential.objects.update_or_create(
            run_uid=run_uid, defaults={"stack": stack, "digest": _digest(password), "is_writer": is_writer}
        )
    return f"{USER_PREFIX}{run_uid}", password


def _digest(password: str) -> str:
    # The password has 256 random bits, so a plain hash is enough.
    return hashlib.sha256(password.encode()).hexdigest()


def holder_of(slug: str, username: str, password: str) -> StateHolder | None:
    """The run behind these credentials, if they are good for this stack now."""
    try:
        run_uid = uuid.UUID(username.removeprefix(USER_PREFIX))
    except ValueError:
        return None
    found = StateCredential.objects.select_related("stack").filter(run_uid=run_uid, stack__slug=slug).first()
    if found is None or not constant_time_compare(found.digest, _digest(password)):
        return None
    return StateHolder(found.stack, run_uid, found.is_writer)


def current_version(stack: Stack) -> StateVersion | None:
    """The newest version; None where there is none or the state was deleted."""
    newest = stack.state_versions.first()
    return newest if newest is not None and newest.size else None


def content_of(version: StateVersion) -> bytes:
    """The state in clear. SECURITY: it holds every secret that the tool knows."""
    return decrypt_bytes(bytes(version.content))


@transaction.atomic
def store_state(holder: StateHolder, data: bytes, *, lock_id: str, md5: str = "") -> StateVersion:
    """Add a version. ``lock_id`` must name the lock where there is one; ``md5`` (base64) is checked where it is given.

    Raises ``Invalid`` for what is no state or came damaged, ``StateLocked`` under another's lock, ``Conflict`` where
    the state is of another lineage or older than what is here.
    """
    _check_writer(holder)
    document = _document(data, md5)
    _check_lock(holder, lock_id)
    serial, lineage = int(document.get("serial") or 0), str(document.get("lineage") or "")[:100]
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
    newest = StateVersion.objects.filter(stack=holder.stack).defer("content").first()
    if newest is not None and newest.size:
        if newest.md5 == digest:
            return newest
        _check_successor(newest, serial, lineage)
    return StateVersion.objects.create(
        stack=holder.stack,
        serial=serial,
        lineage=lineage,
        size=len(data),
        md5=digest,
        content=encrypt_bytes(data),
        resource_count=_count(document),
        run_uid=holder.run_uid,
        created_by_label=str(holder),
    )


def _check_writer(holder: StateHolder) -> None:
    # Serializes writers of one stack, and sees to it that the credential was not taken away in this moment.
    Stack.objects.select_for_update().get(pk=holder.stack.pk)
    if not StateCredential.objects.filter(run_uid=holder.run_uid, is_writer=True).exists():
        raise Conflict("This run only reads: a preview changes no state, and a run that has ended neither.")


def _document(data: bytes, md5: str) -> dict[str, Any]:
    if md5 and b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode() != md5:
        raise Invalid("The state was damaged on its way: its MD5 differs from Content-MD5.")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Invalid("The state is no JSON document.") from error
    if not isinstance(document, dict) or not isinstance(document.get("serial", 0), int):
        raise Invalid("The state is no JSON object with a serial number.")
    return document


def _check_lock(holder: StateHolder, lock_id: str) -> None:
    lock = StateLock.objects.filter(stack=holder.stack).first()
    if lock is not None and (lock.lock_id != lock_id or lock.run_uid != holder.run_uid):
        raise StateLocked("Another run holds the lock of the state.", lock=lock.info)


def _check_successor(newest: StateVersion, serial: int, lineage: str) -> None:
    if newest.lineage and lineage and newest.lineage != lineage:
        raise Conflict(f"The state is of another lineage ({lineage}) than the one that is here ({newest.lineage}).")
    if serial <= newest.serial:
        raise Conflict(f"The state's serial {serial} is not newer than {newest.serial}, which is here already.")


def _count(document: dict[str, Any]) -> int:
    rows = document.get("resources")
    listed = rows if isinstance(rows, list) else []
    managed = [row for row in listed if isinstance(row, dict) and row.get("mode") == "managed"]
    return sum(len(row["instances"]) if isinstance(row.get("instances"), list) else 0 for row in managed)


@transaction.atomic
def delete_state(holder: StateHolder, *, lock_id: str) -> None:
    """Add a version that says that there is no state any more; older versions stay."""
    _check_writer(holder)
    _check_lock(holder, lock_id)
    if current_version(holder.stack) is not None:
        StateVersion.objects.create(
            stack=holder.stack, content=b"", run_uid=holder.run_uid, created_by_label=str(holder)
        )


@transaction.atomic
def lock_state(holder: StateHolder, info: dict[str, Any]) -> None:
    """Take the lock; again by its holder does no harm. Raises ``StateLocked`` where another has it."""
    lock_id = str(info.get("ID") or "")[:200]
    if not lock_id:
        raise Invalid("The lock has no ID.")
    if not holder.is_writer:
        return
    _check_writer(holder)
    lock, is_new = StateLock.objects.get_or_create(
        stack=holder.stack, defaults={"lock_id": lock_id, "info": _shown(info), "run_uid": holder.run_uid}
    )
    if not is_new and lock.lock_id != lock_id:
        raise StateLocked("Another run holds the lock of the state.", lock=lock.info)


def _shown(info: dict[str, Any]) -> dict[str, str]:
    names = ("ID", "Operation", "Info", "Who", "Version", "Created", "Path")
    return {name: str(info.get(name) or "").replace("\0", "")[:500] for name in names}


@transaction.atomic
def release_state(holder: StateHolder, info: dict[str, Any]) -> None:
    """Give the lock back. Raises ``StateLocked`` where it is another's; nothing to release is fine."""
    if not holder.is_writer:
        return
    lock = StateLock.objects.select_for_update().filter(stack=holder.stack).first()
    if lock is None:
        return
    if lock.run_uid != holder.run_uid or str(info.get("ID") or lock.lock_id) != lock.lock_id:
        raise StateLocked("Another run holds the lock of the state.", lock=lock.info)
    lock.delete()
