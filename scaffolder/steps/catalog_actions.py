"""``catalog:write``, ``catalog:register`` and ``catalog:fetch``: between the workspace and the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.entities.refs import EntityRef
from portal.lib import yaml
from portal.lib.errors import Conflict, Invalid, NotFound, PortalError
from portal.lib.fetch import resolve_url
from portal.lib.paths import Occupied, make_folder
from scaffolder.steps.base import Action, Input, Output, StepContext

SOURCE_TEMPLATE = "backstage.io/source-template"


class Write(Action):
    """Writes a descriptor."""

    id = "catalog:write"
    description = "Writes an entity as a catalog descriptor into the workspace."
    supports_dry_run = True
    input_schema = {
        "type": "object",
        "properties": {
            "filePath": {"type": "string"},
            "entity": {"type": "object", "additionalProperties": {}},
        },
        "required": ["entity"],
        "additionalProperties": False,
    }

    def run(self, ctx: StepContext, given: Input) -> Output:
        """Write the file, with an annotation that names the template that it came from."""
        name = given.get("filePath") or "catalog-info.yaml"
        target = ctx.path(name)
        if target.is_dir():
            raise Occupied(f"{name} is a folder; give the name of a file.", path=name)
        make_folder(target.parent)
        target.write_text(yaml.dump(_annotated(given["entity"], ctx.template_ref)), encoding="utf-8")
        ctx.log(f"Wrote {name}")
        return {}


def _annotated(entity: dict[str, Any], template_ref: str) -> dict[str, Any]:
    metadata = entity.get("metadata", {})
    annotations = metadata.get("annotations", {}) if isinstance(metadata, dict) else None
    if not template_ref or not isinstance(annotations, dict):
        return entity
    annotations = {**annotations, SOURCE_TEMPLATE: template_ref}
    return {**entity, "metadata": {**metadata, "annotations": annotations}}


class Register(Action):
    """Registers a location."""

    id = "catalog:register"
    description = "Registers a catalog descriptor, such as one that an earlier step published, in the catalog."
    input_schema = {
        "anyOf": [
            {
                "type": "object",
                "properties": {"catalogInfoUrl": {"type": "string"}, "optional": {"type": "boolean"}},
                "required": ["catalogInfoUrl"],
                "additionalProperties": False,
            },
            {
                "type": "object",
                "properties": {
                    "repoContentsUrl": {"type": "string"},
                    "catalogInfoPath": {"type": "string"},
                    "optional": {"type": "boolean"},
                },
                "required": ["repoContentsUrl"],
                "additionalProperties": False,
            },
        ]
    }

    def run(self, ctx: StepContext, given: Input) -> Output:
        """Register, and give the address and the reference of the entity that matters most there.

        With ``optional`` a location that is there already, or that cannot be read, is no error.
        """
        url = given.get("catalogInfoUrl") or _in_repository(given)
        is_optional = given.get("optional", False)
        ctx.log(f"Registering {url}")
        output = {"catalogInfoUrl": url}
        try:
            self._register(ctx, url, is_optional)
            entities = ctx.services.need("preview_location")(url)
        except PortalError as error:
            if not is_optional:
                raise
            ctx.log(f"Not registered: {error.detail}")
            return output
        return {**output, "entityRef": _main_ref(entities)} if entities else output

    def _register(self, ctx: StepContext, url: str, is_optional: bool) -> None:
        try:
            ctx.services.need("register_location")(url)
        except Conflict:
            if not is_optional:
                raise
            ctx.log("It is registered already.")


def _in_repository(given: Input) -> str:
    return resolve_url(given.get("catalogInfoPath") or "/catalog-info.yaml", given["repoContentsUrl"])


def _main_ref(entities: list[dict[str, Any]]) -> str:
    """A component first, then anything that the catalog did not generate itself."""

    def rank(entity: Mapping[str, Any]) -> tuple[bool, bool]:
        return entity["metadata"]["name"].startswith("generated-"), entity["kind"] != "Component"

    return str(EntityRef.of(min(entities, key=rank)))


class Fetch(Action):
    """Reads entities for later steps."""

    id = "catalog:fetch"
    description = "Gives an entity of the catalog, or several, to later steps."
    supports_dry_run = True
    input_schema = {
        "type": "object",
        "properties": {
            "entityRef": {"type": "string"},
            "entityRefs": {"type": "array", "items": {"type": "string"}},
            "optional": {"type": "boolean"},
            "defaultKind": {"type": "string"},
            "defaultNamespace": {"type": "string"},
        },
        "additionalProperties": False,
    }
    output_schema = {
        "type": "object",
        "properties": {"entity": {}, "entities": {"type": "array"}},
        "additionalProperties": False,
    }

    def run(self, ctx: StepContext, given: Input) -> Output:
        """Read what the person may see. Raises NotFound for what is missing unless ``optional``."""
        output: Output = {}
        if given.get("entityRef"):
            output["entity"] = _read(ctx, given, [given["entityRef"]])[0]
        if "entityRefs" in given:
            output["entities"] = _read(ctx, given, given["entityRefs"])
        if not output and not given.get("optional", False):
            raise Invalid("catalog:fetch needs entityRef or entityRefs.")
        return output


def _read(ctx: StepContext, given: Input, refs: list[str]) -> list[dict[str, Any] | None]:
    parsed = [
        EntityRef.parse(
            ref,
            default_kind=given.get("defaultKind"),
            default_namespace=given.get("defaultNamespace") or "default",
        )
        for ref in refs
    ]
    found: list[dict[str, Any] | None] = ctx.services.need("get_entities")([str(ref) for ref in parsed])
    for ref, entity in zip(refs, found, strict=True):
        if entity is None and not given.get("optional", False):
            raise NotFound(f"There is no entity {ref!r}, or you may not see it.", ref=ref)
    return found
