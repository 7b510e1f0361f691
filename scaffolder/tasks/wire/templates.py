"""``/api/scaffolder/v2``: forms of templates, actions, extensions of expressions, dry runs."""

from __future__ import annotations

import base64
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from portal.accounts.subjects import Subject
from portal.api.wire import read_json, wire
from portal.lib.errors import Forbidden, Invalid
from portal.spaces import access
from scaffolder.blueprints.queries import get_blueprint_by_ref
from scaffolder.blueprints.reading import API_VERSIONS, Blueprint
from scaffolder.forms.schemas import PageSchema
from scaffolder.steps.events import Event, State
from scaffolder.steps.registry import default_registry
from scaffolder.tasks.dry_run import DryRun, dry_run, read_contents
from scaffolder.tasks.policies import Permission


@wire("GET")
def parameter_schema(request: HttpRequest, subject: Subject, namespace: str, kind: str, name: str) -> HttpResponse:
    """The form of a template, a page per step. The path names the namespace first."""
    blueprint = get_blueprint_by_ref(subject, f"{kind}:{namespace}/{name}")
    body: dict[str, Any] = {"title": blueprint.title, "steps": [_page(page) for page in blueprint.pages]}
    if blueprint.description:
        body["description"] = blueprint.description
    for name_, key in (("presentation", "presentation"), ("formDecorators", "formDecorators")):
        if blueprint.spec.get(key):
            body[name_] = blueprint.spec[key]
    return JsonResponse(body)


def _page(page: PageSchema) -> dict[str, Any]:
    body: dict[str, Any] = {"title": page.title, "schema": page.schema}
    return body | ({"description": page.description} if page.description else {})


@wire("GET")
def actions(request: HttpRequest, subject: Subject) -> HttpResponse:
    """What steps can do here."""
    rows = [
        {
            "id": action.id,
            "description": action.description,
            "examples": [],
            "schema": {"input": action.input_schema, "output": action.output_schema or {"type": "object"}},
        }
        for action in default_registry().all()
    ]
    return JsonResponse(rows, safe=False)


@wire("POST")
def try_out(request: HttpRequest, subject: Subject) -> HttpResponse:
    """Run a template that is sent along, without effects. Needs ``task:create`` in any space."""
    if not access.reach(subject, Permission.TASK_CREATE):
        raise Forbidden("You may not start blueprints in any space, so you may not try them out either.")
    body = read_json(request)
    template = body.get("template")
    if not isinstance(template, dict) or template.get("kind") != "Template":
        raise Invalid("template must be an entity of the kind Template.")
    if template.get("apiVersion") not in API_VERSIONS:
        raise Invalid(f"The template's apiVersion must be {' or '.join(API_VERSIONS)}.")
    values, secrets = body.get("values", {}), body.get("secrets") or {}
    if not isinstance(values, dict) or not isinstance(secrets, dict):
        raise Invalid("values and secrets must be JSON objects.")
    done = dry_run(
        subject=subject,
        blueprint=Blueprint(entity=template),
        values=values,
        secrets={str(key): str(value) for key, value in secrets.items()},
        contents=read_contents(body.get("directoryContents", [])),
    )
    if done.outcome.state != State.COMPLETED:
        raise Invalid(done.outcome.reason, errors=[{"message": done.outcome.reason}])
    return JsonResponse(_answer(done))


def _answer(done: DryRun) -> dict[str, Any]:
    return {
        "log": [{"body": _line(event)} for event in done.log],
        "steps": [{"id": s.id, "name": s.name, "action": s.action, "input": dict(s.input)} for s in done.steps],
        "output": done.outcome.output,
        "directoryContents": [
            {"path": path, "executable": executable, "base64Content": base64.b64encode(data).decode()}
            for path, executable, data in done.files
        ],
    }


def _line(event: Event) -> dict[str, Any]:
    body: dict[str, Any] = {"message": event.message}
    if event.step is not None:
        body["stepId"] = event.step.id
    if event.state is not None:
        body["status"] = event.state.value
    return body
