"""What came of a task, as its page shows it: links, texts, and the remaining outputs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from catalog.entities.linking import entity_url
from catalog.entities.refs import EntityRef
from portal.lib.errors import Invalid
from scaffolder.tasks.models import Task

_SAFE = ("https://", "http://", "/")


@dataclass(frozen=True)
class Results:
    """``links`` are (title, address, icon), ``texts`` (title, Markdown), ``others`` (name, value)."""

    links: list[tuple[str, str, str]] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    others: list[tuple[str, str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.links or self.texts or self.others)


def results_of(task: Task) -> Results:
    """Read the output of a task; whatever has not the expected form is left out or shown as it is."""
    output = task.output if isinstance(task.output, dict) else {}
    links = [_link(item) for item in _dicts(output.get("links"))]
    texts = [(str(item.get("title") or ""), str(item.get("content") or "")) for item in _dicts(output.get("text"))]
    others = [(key, _shown(value)) for key, value in output.items() if key not in ("links", "text")]
    return Results([link for link in links if link[1]], texts, others)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _link(item: dict[str, Any]) -> tuple[str, str, str]:
    url = str(item.get("url") or "")
    if not url and item.get("entityRef"):
        try:
            url = entity_url(str(EntityRef.parse(str(item["entityRef"]), default_kind="component")))
        except Invalid:
            url = ""
    # SECURITY: outputs are text from outside; only addresses that a browser opens as pages become links.
    safe = url if url.startswith(_SAFE) and not url.startswith("//") else ""
    return str(item.get("title") or url), safe, "box" if item.get("entityRef") else "external-link"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
