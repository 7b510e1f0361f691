"""The steps of a task with the services of the portal, each with the rights of whoever started the task."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from catalog.entities.models import Entity
from catalog.entities.withholding import presented
from catalog.ingestion.services import preview_location, register_location
from portal.accounts.subjects import Subject, person
from portal.lib import fetch, git
from portal.lib.fetch import parse_source_url
from portal.lib.git import Git, SourceReader
from portal.spaces import access
from scaffolder.expressions.engine import DEFAULT_HOSTS, Engine
from scaffolder.steps.base import Services
from scaffolder.steps.events import Event, Outcome
from scaffolder.steps.plan import parse_steps
from scaffolder.steps.registry import default_registry
from scaffolder.steps.runner import Job, run_steps
from scaffolder.tasks.models import Task
from scaffolder.tasks.recorder import Recorder


class Watched(Protocol):
    """Says whether the task should end."""

    def cancelled(self) -> bool: ...


@cache
def engine() -> Engine:
    """The one engine of this process, with the hosts that operators configured."""
    return Engine(hosts={**DEFAULT_HOSTS, **settings.SCM_HOSTS})


# Makes the services of other apps for one task: name → callable. Filled in ``AppConfig.ready()``.
ServiceMaker = Callable[[Task, Subject], Mapping[str, Callable[..., Any]]]
_makers: list[ServiceMaker] = []


def offer_services(maker: ServiceMaker) -> None:
    """Let actions of another app reach its verbs: ``maker(task, subject)`` gives them by name."""
    _makers.append(maker)


def run_steps_of(
    task: Task, secrets: Mapping[str, str], workspace: Path, recorder: Recorder, watch: Watched
) -> Outcome:
    """Run the steps of a claimed task, telling ``recorder`` everything as it happens."""
    spec = task.spec
    info = spec.get("templateInfo", {})
    job = Job(
        steps=parse_steps(spec["steps"]),
        workspace=workspace,
        parameters=spec.get("parameters", {}),
        output=spec.get("output"),
        secrets=secrets,
        user=spec.get("user", {}),
        task_id=str(task.uid),
        base_url=info.get("baseUrl", ""),
        template_ref=info.get("entityRef", ""),
    )
    return run_steps(
        job,
        registry=default_registry(),
        expressions=engine(),
        services=services_for(task, subject_of_task(task), base_url=job.base_url),
        emit=lambda event: _record(recorder, event),
        cancelled=watch.cancelled,
    )


def _record(recorder: Recorder, event: Event) -> None:
    if event.step is None:
        recorder.log(event.message)
    elif event.state is None:
        recorder.log(event.message, event.step.id)
    else:
        recorder.step(event.step.position, event.step.id, event.state.value, event.message)


def subject_of_task(task: Task) -> Subject:
    """Whoever started the task, with the rights that they have now: a suspended person's task can do nothing."""
    subject = person(task.created_by)
    subject.label = f"{subject} by task {task.uid}"
    return subject


class PushingGit:
    """Git that remembers which remotes this task pushed to: what the portal itself put there may be registered."""

    def __init__(self, inner: Git) -> None:
        self._inner = inner
        self.pushed: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def init_commit_push(self, folder: Path, remote: str, **options: Any) -> str:
        """Push, and remember where to."""
        commit = self._inner.init_commit_push(folder, remote, **options)
        self.pushed.add(_repository(self._inner.address_of(remote)))
        return commit


def _repository(address: str) -> str:
    return address.removesuffix("/").removesuffix(".git")


def _git_of(task: Task) -> Git:
    """Git whose folders on this machine are those of the task's space.

    SECURITY: what a task is called comes from a form; it must not reach the repositories of other spaces.
    """
    roots = [root / task.space.slug for root in settings.GIT_ROOTS]
    for root in roots:
        root.mkdir(parents=True, exist_ok=True)
    return Git(fetch.from_settings().policy, roots)


def services_for(task: Task, subject: Subject, *, base_url: str = "") -> Services:
    """What the actions of one task may ask of the portal."""
    pushing = PushingGit(_git_of(task))

    def is_own(url: str) -> bool:
        return _repository(parse_source_url(url).repo_url or url) in pushing.pushed

    def register(url: str) -> object:
        return register_location(subject=subject, type="url", target=url, space=task.space, is_vouched=is_own(url))

    def preview(url: str) -> list[dict[str, Any]]:
        found = preview_location(subject=subject, type="url", target=url, space=task.space, is_vouched=is_own(url))
        return [each.entity for each in found.found]

    more: dict[str, Callable[..., Any]] = {}
    for maker in _makers:
        more |= maker(task, subject)
    return Services(
        sources=SourceReader(fetch.from_settings(), git.from_settings(), file_roots=()),
        git=pushing,  # type: ignore[arg-type]
        register_location=register,
        preview_location=preview,
        get_entities=lambda refs: entities_for(subject, refs),
        more=more,
    )


def entities_for(subject: Subject, refs: list[str]) -> list[dict[str, Any] | None]:
    """The entities of these canonical references, None for what does not exist or is not visible."""
    rows = list(access.visible_to(subject, Entity.objects.filter(ref__any=refs)).values_list("ref", "served"))
    texts = presented(subject, rows)
    found = {ref: json.loads(text) for (ref, _), text in zip(rows, texts, strict=True)}
    return [found.get(ref) for ref in refs]
