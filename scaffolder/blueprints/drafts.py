"""Filling in a form over several pages: what was entered is kept in a draft until the task is made."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict

from portal.accounts.models import User
from portal.lib.errors import NotFound
from scaffolder.blueprints.models import Draft
from scaffolder.blueprints.reading import Blueprint
from scaffolder.forms.fields import FormState, Submission
from scaffolder.forms.parse import parse_post
from scaffolder.forms.schemas import PageSchema

MOST_DRAFTS = 50


def get_draft_for(user: User, uid: Any) -> Draft:
    """A person's own draft; nobody else sees it."""
    draft = Draft.objects.filter(user=user, uid=uid).first()
    if draft is None:
        raise NotFound("There is no such draft. It may have been used or thrown away.")
    return draft


def new_draft(user: User, blueprint: Blueprint) -> Draft:
    """A fresh draft; the oldest ones of somebody who hoards are dropped."""
    draft = Draft.objects.create(user=user, template_ref=blueprint.ref)
    stale = Draft.objects.filter(user=user).order_by("-updated_at").values_list("pk", flat=True)[MOST_DRAFTS:]
    Draft.objects.filter(pk__in=list(stale)).delete()
    return draft


def submission_of(page: PageSchema, data: QueryDict, *, refreshing: bool) -> Submission:
    """What was posted for one page."""
    return parse_post(page, {name: data.getlist(name) for name in data}, keep_blank_rows=refreshing)


def keep_page(draft: Draft, page: PageSchema, submission: Submission) -> None:
    """Store the values of one page, and the secrets that were entered; a secret left empty keeps what it was."""
    state = {"seen": sorted(submission.state.seen), "chosen": dict(submission.state.chosen)}
    draft.pages[str(page.number)] = {"values": submission.values, "state": state}
    secrets = secrets_of(draft) | {name: value for name, value in submission.secrets.items() if value}
    draft.secrets = json.dumps(secrets) if secrets else ""
    draft.save(update_fields=["pages", "secrets", "updated_at"])


def secrets_of(draft: Draft) -> dict[str, str]:
    """The secrets entered so far."""
    found: dict[str, str] = json.loads(draft.secrets) if draft.secrets else {}
    return found


def values_of(draft: Draft, pages: Sequence[PageSchema]) -> dict[str, Any]:
    """The values of all pages together, later pages over earlier ones."""
    values: dict[str, Any] = {}
    for page in pages:
        values |= page_values(draft, page)
    return values


def page_values(draft: Draft, page: PageSchema) -> dict[str, Any]:
    """The values of one page."""
    found: dict[str, Any] = draft.pages.get(str(page.number), {}).get("values", {})
    return found


def page_state(draft: Draft, page: PageSchema) -> FormState:
    """What the person has seen and chosen on one page."""
    state: Mapping[str, Any] = draft.pages.get(str(page.number), {}).get("state", {})
    return FormState(frozenset(state.get("seen", ())), dict(state.get("chosen", {})))
