"""The eight kinds of the software catalog.

Rules: the JSON Schemas of Backstage's catalog model, and the relations of its processor, in that order.
"""

from __future__ import annotations

from collections.abc import Sequence

from catalog.entities.kinds.declarations import Kind, RelationField
from catalog.entities.kinds.schemas import LIFECYCLE, OWNER, PROFILE, SYSTEM, Schema, object_of, text, texts

_VERSIONS = ("backstage.io/v1alpha1", "backstage.io/v1beta1")

OWNED_BY = RelationField("owner", "ownedBy", "ownerOf", "Group")
_PART_OF_SYSTEM = RelationField("system", "partOf", "hasPart", "System")
_DEPENDS_ON = RelationField("dependsOn", "dependsOn", "dependencyOf")
_DEPENDENCY_OF = RelationField("dependencyOf", "dependencyOf", "dependsOn")

_TYPE = "the type of the {}, as in {}"
_NEEDS = texts('the entities that it needs, each with its kind, as in "resource:orders-db"')
# Backstage's schemas do not know this field, so a single text is taken as well as a list; its relations know both.
_IS_NEEDED_BY: Schema = {"description": 'the entities that need it, each with its kind, as in "component:web"'}
_FOUND_AT = text("an address or a path")


def _kind(
    name: str,
    icon: str,
    required: Sequence[str],
    properties: dict[str, Schema],
    relations: Sequence[RelationField],
    what: str,
) -> Kind:
    spec = object_of(properties, required, "a mapping with " + (", ".join(required) or "the fields of the kind"))
    return Kind(name, _VERSIONS, spec, tuple(relations), icon, what)


COMPONENT = _kind(
    "Component",
    "box",
    ["type", "lifecycle", "owner"],
    {
        "type": text(_TYPE.format("component", '"service", "website" or "library"')),
        "lifecycle": LIFECYCLE,
        "owner": OWNER,
        "system": SYSTEM,
        "subcomponentOf": text('the component that it is a part of, as in "shop"'),
        "providesApis": texts('the APIs that it offers, as in "orders-api"'),
        "consumesApis": texts('the APIs that it uses, as in "orders-api"'),
        "dependsOn": _NEEDS,
        "dependencyOf": _IS_NEEDED_BY,
    },
    [
        OWNED_BY,
        RelationField("subcomponentOf", "partOf", "hasPart", "Component"),
        RelationField("providesApis", "providesApi", "apiProvidedBy", "API"),
        RelationField("consumesApis", "consumesApi", "apiConsumedBy", "API"),
        _DEPENDS_ON,
        _DEPENDENCY_OF,
        _PART_OF_SYSTEM,
    ],
    "a piece of software",
)

API = _kind(
    "API",
    "puzzle",
    ["type", "lifecycle", "owner", "definition"],
    {
        "type": text(_TYPE.format("API", '"openapi", "asyncapi", "graphql" or "grpc"')),
        "lifecycle": LIFECYCLE,
        "owner": OWNER,
        "system": SYSTEM,
        "definition": text("the definition of the API as one text, or a mapping with $text and the path of its file"),
    },
    [OWNED_BY, _PART_OF_SYSTEM],
    "the boundary between components",
)

RESOURCE = _kind(
    "Resource",
    "database",
    ["type", "owner"],
    {
        "type": text(_TYPE.format("resource", '"database" or "s3-bucket"')),
        "owner": OWNER,
        "dependsOn": _NEEDS,
        "dependencyOf": _IS_NEEDED_BY,
        "system": SYSTEM,
    },
    [OWNED_BY, _DEPENDS_ON, _DEPENDENCY_OF, _PART_OF_SYSTEM],
    "the infrastructure that a component runs on",
)

SYSTEM_KIND = _kind(
    "System",
    "boxes",
    ["owner"],
    {
        "owner": OWNER,
        "domain": text('the domain that it belongs to, as in "shop"'),
        "type": text(_TYPE.format("system", '"product" or "feature-set"')),
    },
    [OWNED_BY, RelationField("domain", "partOf", "hasPart", "Domain")],
    "components and resources that work together",
)

DOMAIN = _kind(
    "Domain",
    "globe",
    ["owner"],
    {
        "owner": OWNER,
        "subdomainOf": text('the domain that it is a part of, as in "shop"'),
        "type": text(_TYPE.format("domain", '"product-area"')),
    },
    [OWNED_BY, RelationField("subdomainOf", "partOf", "hasPart", "Domain")],
    "systems that share a purpose",
)

GROUP = _kind(
    "Group",
    "users",
    ["type", "children"],
    {
        "type": text(_TYPE.format("group", '"team", "department" or "organization"')),
        "profile": PROFILE,
        "parent": text('the group that it is a part of, as in "engineering"'),
        "children": texts("the groups that are parts of it; [] for none"),
        "members": texts('the users in it, as in "jane"'),
    },
    [
        RelationField("parent", "childOf", "parentOf", "Group"),
        RelationField("children", "parentOf", "childOf", "Group"),
        RelationField("members", "hasMember", "memberOf", "User"),
    ],
    "a team or a larger part of the organisation",
)

USER = _kind(
    "User",
    "user",
    ["memberOf"],
    {"profile": PROFILE, "memberOf": texts("the groups that the user is in; [] for none")},
    [RelationField("memberOf", "memberOf", "hasMember", "Group")],
    "a person",
)

LOCATION = _kind(
    "Location",
    "map-pin",
    [],
    {
        "type": text('how to read it: "url" or "file"'),
        "target": _FOUND_AT,
        "targets": texts("a list of addresses or paths"),
        "presence": {"type": "string", "enum": ["required", "optional"], "description": '"required" or "optional"'},
    },
    [],
    "a place that lists other entities",
)

BUILTIN_KINDS = (COMPONENT, API, RESOURCE, SYSTEM_KIND, DOMAIN, GROUP, USER, LOCATION)
