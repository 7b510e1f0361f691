"""Verbs on stacks and their variables."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.resources.services import forget_stack, rename_stack
from portal.accounts.subjects import Subject, system
from portal.audit import services as audit
from portal.lib.errors import Conflict, Invalid, NotFound
from portal.spaces import access
from portal.spaces.models import Space
from scaffolder.runs.models import OPEN
from scaffolder.stacks.acting import retire
from scaffolder.stacks.checking import check_fields, check_variable, free_slug, same_origin, wrong
from scaffolder.stacks.models import SourceKind, Stack, StackVariable, StateLock
from scaffolder.stacks.policies import Permission

# What can be given when a stack is made or changed; the rest is decided here.
FIELDS = frozenset(
    {
        "name", "description", "labels", "tool", "options", "repository", "repository_token", "branch", "project_root",
        "bundle", "is_autodeployed", "is_protected", "entity_ref",
    }
)  # fmt: skip


def create_stack(
    *,
    subject: Subject,
    space: Space,
    slug: str = "",
    variables: Mapping[str, Any] | None = None,
    secrets: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    secret_environment: Mapping[str, str] | None = None,
    **fields: Any,
) -> Stack:
    """Make a stack in ``space``; ``fields`` are those of ``FIELDS``, with a repository or a bundle.

    Needs ``stack:create`` there. Raises ``Invalid`` with a row per broken rule, ``Conflict`` where the slug was taken
    in this moment.
    """
    access.check_in(subject, Permission.STACK_CREATE, space)
    fields = _known(fields)
    slug = slug or free_slug(str(fields.get("name", "")))
    check_fields({"name": "", "tool": "", **fields, "slug": slug})
    _check_source(fields)
    groups: list[tuple[Mapping[str, Any] | None, bool, bool]] = [
        (variables, False, False), (secrets, True, False), (environment, False, True), (secret_environment, True, True)
    ]  # fmt: skip
    rows = [(name, value, hidden, env) for values, hidden, env in groups for name, value in (values or {}).items()]
    try:
        with transaction.atomic():
            stack = Stack.objects.create(
                slug=slug, space=space, created_by=subject.user, created_by_label=str(subject)[:200], **_stored(fields)
            )
            for name, value, is_secret, is_environment in rows:
                _set_variable(stack, name, value, is_secret=is_secret, is_environment=is_environment)
            audit.record(
                subject=subject, action="stack.create", obj=stack, **_told(fields), variables=[row[0] for row in rows]
            )
    except IntegrityError as error:
        raise Conflict(f"There is a stack “{slug}” already. Choose another short name.") from error
    return stack


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := set(fields) - FIELDS:
        raise TypeError(f"a stack has no {', '.join(sorted(unknown))}")
    return dict(fields)


def _check_source(fields: Mapping[str, Any]) -> None:
    if bool(fields.get("repository")) == bool(fields.get("bundle")):
        raise wrong("repository", "A stack needs a repository, or a bundle of files, and not both.")


def _stored(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The columns for these fields."""
    columns = dict(fields)
    if columns.get("bundle"):
        digest = hashlib.sha256(columns["bundle"]).hexdigest()
        columns |= {"source_kind": SourceKind.BUNDLE, "bundle_digest": digest, "repository": "", "repository_token": ""}
    elif columns.get("repository"):
        columns |= {"source_kind": SourceKind.GIT, "bundle": None, "bundle_digest": ""}
    return columns


def _told(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What the trail keeps of these fields."""
    return {name: value for name, value in fields.items() if name not in {"bundle", "repository_token"}}


@transaction.atomic
def update_stack(*, subject: Subject, stack: Stack, **changes: Any) -> Stack:
    """Change fields of ``FIELDS``; what is not named stays. Needs ``stack:update``.

    SECURITY: whoever points the stack at another server must give the token for it again; the stored one is dropped, so
    that nobody can send it somewhere to read it.
    """
    access.check(subject, Permission.STACK_UPDATE, stack)
    changes = _known(changes)
    check_fields(changes)
    stack = Stack.objects.select_for_update().get(pk=stack.pk)
    columns = _stored({name: value for name, value in changes.items() if value is not None})
    if (
        "repository" in columns
        and not columns.get("repository_token")
        and not same_origin(stack.repository, columns["repository"])
    ):
        columns["repository_token"] = ""
    for name, value in columns.items():
        setattr(stack, name, value)
    if not stack.repository and not stack.bundle:
        raise wrong("repository", "A stack needs a repository, or a bundle of files.")
    stack.updated_at = timezone.now()
    stack.save(update_fields=[*columns, "updated_at"])
    if "name" in columns or "entity_ref" in columns:
        rename_stack(stack_uid=stack.uid, name=stack.name, entity_ref=stack.entity_ref)
    audit.record(
        subject=subject,
        action="stack.update",
        obj=stack,
        **_told(changes),
        is_token_changed="repository_token" in columns,
    )
    return stack


@transaction.atomic
def delete_stack(*, subject: Subject, stack: Stack) -> None:
    """Forget a stack, its runs and its state. What it deployed stays where it is and is managed by nobody.

    Needs ``stack:delete``. Raises ``Conflict`` for a protected stack and while a run is open.
    """
    access.check(subject, Permission.STACK_DELETE, stack)
    stack = Stack.objects.select_for_update().get(pk=stack.pk)
    check_deletable(stack)
    audit.record(subject=subject, action="stack.delete", obj=stack, space=stack.space, kept_resources=True)
    remove_stack(stack)


def check_deletable(stack: Stack) -> None:
    """Raises ``Conflict`` with the reason for which the stack cannot be deleted now."""
    if stack.is_protected:
        raise Conflict("The stack is protected from deletion. Take the protection away in its settings first.")
    if stack.runs.filter(state__in=OPEN).exists():
        raise Conflict("A run of the stack is open. Wait for it, or stop or discard it first.")


def remove_stack(stack: Stack) -> None:
    """Delete the row with everything that hangs on it; for verbs that have checked and recorded."""
    forget_stack(stack_uid=stack.uid)
    retire(system("the end of the stack"), stack)
    stack.delete()


@transaction.atomic
def set_variable(
    *, subject: Subject, stack: Stack, name: str, value: Any, is_secret: bool = False, is_environment: bool = False
) -> StackVariable:
    """Add or replace a variable. A secret one can only be replaced or deleted, never read. Needs ``stack:update``."""
    access.check(subject, Permission.STACK_UPDATE, stack)
    variable = _set_variable(stack, name, value, is_secret=is_secret, is_environment=is_environment)
    audit.record(
        subject=subject, action="stack.variable.set", obj=stack, name=name, is_secret=is_secret,
        is_environment=is_environment, **({} if is_secret else {"value": value}),
    )  # fmt: skip
    return variable


def _set_variable(stack: Stack, name: str, value: Any, *, is_secret: bool, is_environment: bool) -> StackVariable:
    check_variable(name, value, is_environment=is_environment)
    try:
        content = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise Invalid(f"The value of {name} is no JSON: {error}") from error
    variable, _ = StackVariable.objects.update_or_create(
        stack=stack, name=name, is_environment=is_environment,
        defaults={"content": content, "is_secret": is_secret, "updated_at": timezone.now()},
    )  # fmt: skip
    return variable


@transaction.atomic
def delete_variable(*, subject: Subject, stack: Stack, name: str, is_environment: bool = False) -> None:
    """Take a variable away. Needs ``stack:update``; raises ``NotFound`` where there is none of that name."""
    access.check(subject, Permission.STACK_UPDATE, stack)
    deleted, _ = StackVariable.objects.filter(stack=stack, name=name, is_environment=is_environment).delete()
    if not deleted:
        raise NotFound(f"The stack has no variable “{name}”.")
    audit.record(subject=subject, action="stack.variable.delete", obj=stack, name=name, is_environment=is_environment)


@transaction.atomic
def unlock_state(*, subject: Subject, stack: Stack) -> None:
    """Release a lock that its holder left behind. Needs ``stack:state-unlock``.

    Raises ``Conflict`` where nothing is locked, or the run that holds the lock is still at work.
    """
    access.check(subject, Permission.STACK_STATE_UNLOCK, stack)
    lock = StateLock.objects.select_for_update().filter(stack=stack).first()
    if lock is None:
        raise Conflict("The state is not locked.")
    if lock.run_uid and stack.runs.filter(uid=lock.run_uid, state__in=OPEN).exists():
        raise Conflict("A run that is at work holds the lock. Stop the run, or wait for its end.")
    lock.delete()
    audit.record(subject=subject, action="stack.state.unlock", obj=stack, lock=lock.lock_id)
