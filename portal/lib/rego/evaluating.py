"""The one way to evaluate a policy, with whichever engine this installation has."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings

from portal.lib.rego import cage, opa
from portal.lib.rego.checks import FORBIDDEN_CALLS
from portal.lib.rego.errors import EngineFailure, Reason
from portal.lib.rego.lint import lint, package_of
from portal.lib.rego.modules import Module, helpers_for

SECONDS = 5.0
MEMORY = 256 * 1024**2


def evaluate(
    modules: Sequence[Module], input: Any, query: str, *, timeout: float = SECONDS, memory: int = MEMORY
) -> Any:
    """The value of ``query`` over ``modules`` with ``input``: JSON types, sets as lists.

    ``timeout`` are seconds for all of it, ``memory`` bytes. Raises ``EngineFailure`` where there is no value: the
    query is undefined, a built-in fails, the text does not compile, or the engine crashes, hangs or grows too much.
    """
    for module in modules:
        # SECURITY: also of texts that were saved when the rules were others.
        if problems := lint(module.body):
            first = problems[0]
            raise EngineFailure(first.reason, first.message, line=first.line, column=first.column)
    document = _as_json(input)
    if settings.OPA_URL:
        return opa.by_server(settings.OPA_URL, modules, document, query, timeout=timeout)
    if settings.OPA_BINARY:
        return opa.by_binary(settings.OPA_BINARY, modules, document, query, timeout=timeout, memory=memory)
    order = {
        "job": "evaluate", "forbidden": FORBIDDEN_CALLS, "query": query, "input": document,
        "modules": [{"name": row.name, "body": row.body, "version": row.version} for row in modules],
    }  # fmt: skip
    return opa.value_of(cage.ask(order, timeout=timeout, memory=memory))


def _as_json(input: Any) -> str:
    try:
        # SECURITY: a lone surrogate is no text; it becomes a question mark rather than a way to break the reader.
        return json.dumps(input, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace").decode()
    except (TypeError, ValueError, RecursionError) as error:
        raise EngineFailure(Reason.TOO_LARGE, "The input is no plain JSON, or is nested too deeply.") from error


def evaluate_rules(
    policy: Module, input: Any, names: Iterable[str], *, timeout: float = SECONDS, memory: int = MEMORY
) -> dict[str, Any]:
    """The values of the named rules of a policy, without those that are undefined for this input.

    Only these are evaluated, with ``helpers_for`` beside them. Errors as in ``evaluate``.
    """
    package = package_of(policy.body)
    # A comprehension is empty where the rule is undefined, so that one that does not match hides no other.
    query = ", ".join(f'"{name}": [found | found := data.{package}.{name}]' for name in names)
    # PERF: the hashes behind the helpers are loaded only for policies that name them.
    modules = [policy, helpers_for(package)] if "sanitized" in policy.body else [policy]
    found = evaluate(modules, input, f"{{{query}}}", timeout=timeout, memory=memory)
    if not isinstance(found, dict):
        raise EngineFailure(Reason.OUTPUT, "The engine's answer can not be read.")
    return {name: values[0] for name, values in found.items() if values}
