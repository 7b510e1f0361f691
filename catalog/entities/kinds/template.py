"""The kind of software templates.

Rules: the JSON Schema of Backstage's ``scaffolder.backstage.io/v1beta3``.
"""

from __future__ import annotations

from catalog.entities.kinds.builtin import OWNED_BY
from catalog.entities.kinds.declarations import Kind
from catalog.entities.kinds.schemas import LIFECYCLE, OWNER, Schema, list_of, object_of, text

_TEXT: Schema = {"type": "string", "description": "a text"}
_CONDITION: Schema = {"type": ["string", "boolean"], "description": "true, false or an expression"}
_PERMISSIONS = object_of({"tags": list_of(_TEXT, "a list of texts")}, description="a mapping with a list of tags")
_FORM = object_of({"backstage:permissions": _PERMISSIONS}, description="a JSON Schema of the inputs")

_STEP = object_of(
    {
        "id": _TEXT,
        "name": _TEXT,
        "action": {"type": "string", "description": 'the action to run, as in "fetch:template"'},
        "input": {"type": "object", "description": "a mapping with the inputs of the action"},
        "if": _CONDITION,
        "backstage:permissions": _PERMISSIONS,
    },
    ["action"],
    "a mapping with an action and its input",
)
_LINK = object_of(
    {
        "if": _CONDITION,
        "url": text("an address"),
        "entityRef": text('a reference to an entity, as in "component:default/demo"'),
        "title": text("the words to show"),
        "icon": text("the name of an icon"),
    },
    description="a mapping with a title and a url or an entityRef",
)
_PARAGRAPH = object_of(
    {"if": _CONDITION, "title": text("a heading"), "icon": text("the name of an icon"), "content": _TEXT},
    description="a mapping with a title and content",
)
_OUTPUT: Schema = {
    **object_of(
        {"links": list_of(_LINK, "a list of links"), "text": list_of(_PARAGRAPH, "a list of texts with titles")},
        description="a mapping with links, text and other texts",
    ),
    "additionalProperties": _TEXT,
}
_DECORATORS = list_of(
    object_of(
        {"id": _TEXT, "input": {"type": "object", "description": "a mapping"}}, description="a mapping with an id"
    ),
    "a list of decorators",
)
_BUTTON_LABELS = object_of(
    {"backButtonText": _TEXT, "createButtonText": _TEXT, "reviewButtonText": _TEXT}, description="a mapping of texts"
)

TEMPLATE = Kind(
    "Template",
    ("scaffolder.backstage.io/v1beta3",),
    object_of(
        {
            "type": text('the type of what it makes, as in "service" or "website"'),
            "owner": OWNER,
            "lifecycle": LIFECYCLE,
            "parameters": {
                "oneOf": [_FORM, list_of(_FORM)],
                "description": "one JSON Schema of the inputs, or a list of them, one a page",
            },
            "secrets": object_of(
                {"schema": {"type": "object", "description": "a JSON Schema"}}, description="a mapping with a schema"
            ),
            "presentation": object_of({"buttonLabels": _BUTTON_LABELS}, description="a mapping with buttonLabels"),
            "EXPERIMENTAL_recovery": object_of(
                {"EXPERIMENTAL_strategy": _TEXT}, description="a mapping with a strategy"
            ),
            "formDecorators": _DECORATORS,
            "EXPERIMENTAL_formDecorators": _DECORATORS,
            "steps": list_of(_STEP, "a list of steps, each with an action"),
            "output": _OUTPUT,
        },
        ["type", "steps"],
        "a mapping with type and steps",
    ),
    (OWNED_BY,),
    "file-plus-2",
    "a form and the steps that make something from it",
)
