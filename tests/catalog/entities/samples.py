"""Small entities for tests of the pure rules."""

from __future__ import annotations

from typing import Any

from catalog.entities.refs import Entity

_SPECS: dict[str, dict[str, Any]] = {
    "Component": {"type": "service", "lifecycle": "production", "owner": "team-a"},
    "API": {"type": "openapi", "lifecycle": "production", "owner": "team-a", "definition": "openapi: 3.0.0"},
    "Resource": {"type": "database", "owner": "team-a"},
    "System": {"owner": "team-a"},
    "Domain": {"owner": "team-a"},
    "Group": {"type": "team", "children": []},
    "User": {"memberOf": []},
    "Location": {},
    "Template": {"type": "service", "steps": [{"action": "debug:log"}]},
}


def entity(
    kind: str = "Component", name: str = "demo", *, metadata: dict[str, Any] | None = None, **spec: Any
) -> Entity:
    """A valid entity of a kind; a field of the spec given as ``None`` is left out."""
    fields = {**_SPECS[kind], **spec}
    return {
        "apiVersion": "scaffolder.backstage.io/v1beta3" if kind == "Template" else "backstage.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": name, **(metadata or {})},
        "spec": {key: value for key, value in fields.items() if value is not None},
    }
