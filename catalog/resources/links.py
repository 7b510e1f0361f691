"""Where a resource's stack and run are shown. They belong to the package above, which says here where its pages are."""

from __future__ import annotations

from collections.abc import Callable

from catalog.resources.models import Resource

Link = Callable[[Resource], str]
_links: dict[str, Link] = {}


def set_links(*, stack: Link, run: Link) -> None:
    """Say where stacks and runs are shown; called from ``AppConfig.ready()``."""
    _links.update(stack=stack, run=run)


def stack_url(resource: Resource) -> str:
    """The page of the resource's stack; empty where nobody shows stacks."""
    return _links["stack"](resource) if "stack" in _links else ""


def run_url(resource: Resource) -> str:
    """The page of the run that last changed the resource; empty where there is none."""
    return _links["run"](resource) if "run" in _links and resource.last_run_uid else ""
