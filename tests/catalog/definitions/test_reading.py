"""Definitions become outlines, whatever stands in them: in bounded time, without fetching, without failing."""

# ruff: noqa: E501 (definitions as people write them)
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from catalog.definitions.drawing import draw_shape
from catalog.definitions.outlines import Operation, Outline
from catalog.definitions.reading import MOST_READ, read_definition
from portal.lib.yaml import load_documents

ORDERS = """
openapi: 3.1.0
info: {title: Orders, version: 1.2.0, description: "Orders of *seats*."}
servers: [{url: "https://api.example.com/v1", description: production}]
security: [{key: []}]
tags: [{name: orders, description: What was bought.}]
paths:
  /orders/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
    get:
      tags: [orders]
      summary: One order
      responses:
        "200": {description: It, content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
        "404": {$ref: "#/components/responses/Missing"}
    delete: {deprecated: true, responses: {"204": {description: Gone}}}
  /orders:
    post:
      tags: [orders]
      requestBody: {content: {application/json: {schema: {type: object, required: [seats], properties: {seats: {type: array, items: {$ref: "#/components/schemas/Seat"}, maxItems: 8}}}}}}
      responses: {}
components:
  responses:
    Missing: {description: No such order}
  schemas:
    Order: {type: object, properties: {id: {type: string}, parent: {$ref: "#/components/schemas/Order"}, seats: {type: array, items: {$ref: "#/components/schemas/Seat"}}}}
    Seat: {oneOf: [{type: string}, {$ref: "other.yaml#/Seat"}]}
"""
SWAGGER = """
swagger: "2.0"
info: {title: Old, version: "1"}
host: api.example.com
basePath: /v1
paths:
  /pets:
    post:
      parameters: [{name: pet, in: body, schema: {$ref: "#/definitions/Pet"}}, {name: dry, in: query, type: boolean}]
      responses: {"200": {description: ok, schema: {$ref: "#/definitions/Pet"}}}
definitions:
  Pet: {type: object, properties: {name: {type: string}}}
"""
LIGHTS_2 = """
asyncapi: 2.6.0
info: {title: Lights, version: 1.0.0}
servers: {main: {url: "broker.example.com:1883", protocol: mqtt}}
channels:
  light/{id}/measured:
    parameters: {id: {schema: {type: string}}}
    publish: {operationId: onMeasured, message: {$ref: "#/components/messages/Measured"}}
  light/turn:
    subscribe: {message: {oneOf: [{name: on, payload: {type: object}}, {name: off}]}}
components:
  messages: {Measured: {name: measured, payload: {type: object, properties: {lumens: {type: integer, minimum: 0}}}}}
"""
LIGHTS_3 = """
asyncapi: 3.0.0
info: {title: Lights, version: 2.0.0}
servers: {main: {host: "broker.example.com", pathname: /ws, protocol: ws}}
channels:
  measured: {address: "light/{id}/measured", parameters: {id: {description: Which light}}, messages: {measured: {$ref: "#/components/messages/Measured"}}}
  quiet: {address: quiet, messages: {nothing: {payload: {type: string}}}}
operations:
  onMeasured: {action: receive, channel: {$ref: "#/channels/measured"}, messages: [{$ref: "#/channels/measured/messages/measured"}]}
components:
  messages: {Measured: {payload: {schemaFormat: "application/schema+json", schema: {type: object, properties: {lumens: {type: integer}}}}}}
"""
SHOWS = """
"What can be asked for"
type Query { show(id: ID!, lang: String = "en"): Show  shows(first: Int!): [Show!]! @deprecated(reason: "slow") }
type Mutation { book(seat: SeatInput!): Booking }
interface Node { id: ID! }
type Show implements Node { id: ID!  title: String!  seats: [Seat!] }
union Seat = Stalls | Box
type Stalls { row: Int }
type Box { number: Int }
input SeatInput { row: Int! number: Int = 1 }
enum Booking { DONE REFUSED }
scalar Date
"""
SEATS = """
syntax = "proto3";
package lanternhouse.seats.v1;
// service Ghost { rpc Boo (A) returns (B); }
service Seats {
  rpc List (ListRequest) returns (stream Seat) { option (google.api.http) = { get: "/v1/seats" }; }
  rpc Hold(lanternhouse.seats.v1.Seat) returns (Hold);
}
message ListRequest { string performance = 1; repeated Kind kinds = 2; map<string, Seat> by_row = 3; }
message Seat { message Place { int32 row = 1; } oneof where { Place place = 1; string box = 2; } reserved 7; }
message Hold {}
enum Kind { STALLS = 0; BOX = 1; }
"""


def outline_of(type_: str, text: str) -> Outline:
    reading = read_definition(type_, text)
    assert reading.error == ""
    assert reading.outline is not None
    return reading.outline


def operations(outline: Outline) -> dict[str, Operation]:
    return {f"{row.method} {row.address}": row for group in outline.groups for row in group.operations}


def test_it_reads_openapi() -> None:
    outline = outline_of("openapi", ORDERS)
    assert (outline.title, outline.version, outline.format) == ("Orders", "1.2.0", "OpenAPI 3.1.0")
    assert [(group.name, group.description) for group in outline.groups] == [
        ("orders", "What was bought."), ("Other operations", "")
    ]  # fmt: skip
    found = operations(outline)
    assert set(found) == {"GET /orders/{id}", "DELETE /orders/{id}", "POST /orders"}
    got = found["GET /orders/{id}"]
    assert [(row.name, row.place, row.is_required) for row in got.parameters] == [("id", "path", True)]
    assert [(row.status, row.description) for row in got.answers] == [("200", "It"), ("404", "No such order")]
    assert got.security == ("key",)
    assert found["DELETE /orders/{id}"].is_deprecated
    [seats] = found["POST /orders"].bodies[0].shape.fields
    assert (seats.shape.text, seats.shape.notes, seats.is_required) == ("list of Seat", ("at most 8 items",), True)
    assert seats.shape.target == next(row.anchor for row in outline.types if row.name == "Seat")
    assert outline.notes == ["It refers to other files, which are not read from here: other.yaml#/Seat."]


def test_it_reads_swagger() -> None:
    outline = outline_of("openapi", SWAGGER)
    post = operations(outline)["POST /pets"]
    assert outline.servers == [("api.example.com/v1", "")]
    assert [row.name for row in post.parameters] == ["dry"]
    assert [row.shape.text for row in post.bodies] == ["Pet"]
    assert post.answers[0].bodies[0].shape.text == "Pet"


def test_it_reads_asyncapi_2() -> None:
    outline = outline_of("asyncapi", LIGHTS_2)
    found = operations(outline)
    assert outline.servers == [("broker.example.com:1883", "main · mqtt")]
    measured = found["publish light/{id}/measured"]
    assert measured.bodies[0].title == "measured"
    assert measured.bodies[0].shape.fields[0].shape.notes == ("at least 0",)
    assert [row.name for row in measured.parameters] == ["id"]
    assert [row.title for row in found["subscribe light/turn"].bodies] == ["on", "off"]


def test_it_reads_asyncapi_3() -> None:
    outline = outline_of("asyncapi", LIGHTS_3)
    found = operations(outline)
    assert outline.servers[0][0] == "broker.example.com/ws"
    assert found["receive light/{id}/measured"].bodies[0].shape.fields[0].name == "lumens"
    assert found["message quiet"].bodies[0].shape.text == "string"


def test_it_reads_graphql() -> None:
    outline = outline_of("graphql", SHOWS)
    found = operations(outline)
    assert set(found) == {"query show", "query shows", "mutation book"}
    assert [(row.name, row.is_required) for row in found["query show"].parameters] == [("id", True), ("lang", False)]
    assert found["query shows"].is_deprecated
    types = {row.name: row for row in outline.types}
    assert {name: row.sort for name, row in types.items()} == {
        "Node": "interface", "Show": "type", "Seat": "union", "Stalls": "type", "Box": "type", "SeatInput": "input",
        "Booking": "enum", "Date": "scalar",
    }  # fmt: skip
    assert types["Show"].shape.fields[2].shape.target == types["Seat"].anchor
    assert types["Booking"].shape.notes == ("one of DONE, REFUSED",)
    assert [row.is_required for row in types["SeatInput"].shape.fields] == [True, False]


def test_it_finds_the_roots_that_a_schema_names() -> None:
    outline = outline_of("graphql", "schema { query: Ask } type Ask { a: Int } type Query { b: Int }")
    assert set(operations(outline)) == {"query a"}


def test_it_reads_grpc() -> None:
    outline = outline_of("grpc", SEATS)
    found = operations(outline)
    assert outline.title == "lanternhouse.seats.v1"
    assert set(found) == {"rpc List", "rpc Hold"}
    assert [row.shape.text for row in found["rpc List"].bodies] == ["ListRequest", "stream Seat"]
    types = {row.name: row for row in outline.types}
    assert set(types) == {"ListRequest", "Seat", "Seat.Place", "Hold", "Kind"}
    assert [row.name for row in types["ListRequest"].shape.fields] == ["performance", "kinds", "by_row"]
    assert [row.name for row in types["Seat"].shape.fields] == ["place", "box"]
    assert found["rpc Hold"].bodies[0].shape.target == types["Seat"].anchor


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        ("openapi", "[]"),
        ("openapi", "just words"),
        ("openapi", "a: [unclosed"),
        ("openapi", "a: &a [*a, *a]"),
        ("asyncapi", ""),
        ("graphql", "type Query {"),
        ("graphql", "{" * 20_000),
        ("graphql", "type Q { a: " + "[" * 20_000),
        ("openapi", '{"a":' * 20_000),
        ("openapi", "[" * 20_000),
        ("openapi", "a" * (MOST_READ + 1)),
    ],
)
def test_it_says_why_there_is_no_outline(type_: str, text: str) -> None:
    reading = read_definition(type_, text)
    assert reading.outline is None
    assert reading.error


@pytest.mark.parametrize(
    "document",
    [
        {"openapi": 3, "info": [], "paths": [], "components": "x", "tags": {}, "servers": {"url": 1}},
        {"paths": {"/a": {"get": {"parameters": {"a": 1}, "responses": [], "requestBody": "x", "tags": "t"}}}},
        {"paths": {"/a": {"$ref": "#/paths/~1a"}}},
        {
            "paths": {"/a": {"get": {"parameters": [{"$ref": "#/a"}, None, 7]}}},
            "a": {"$ref": "#/b"},
            "b": {"$ref": "#/a"},
        },
        {"components": {"schemas": {"A": {"allOf": [{"$ref": "#/components/schemas/A"}]}, "B": None, "C": [1]}}},
        {"components": {"schemas": {"A": {"type": {"x": 1}, "enum": [{}, []], "required": "id", "items": 7}}}},
        {"channels": {"a": {"publish": {"message": {"$ref": "#/channels/a/publish/message"}}}}, "asyncapi": "2.0"},
        {"channels": [], "operations": {"a": {"channel": None}}, "asyncapi": "3.0.0", "servers": []},
    ],
)
@pytest.mark.parametrize("type_", ["openapi", "asyncapi"])
def test_it_leaves_out_what_has_not_its_form(type_: str, document: dict[str, Any]) -> None:
    outline = outline_of(type_, json.dumps(document))
    for row in outline.types:
        draw_shape(row.shape)


def test_it_bounds_what_is_wide_and_deep() -> None:
    deep: dict[str, Any] = {"type": "object"}
    for _ in range(60):
        deep = {"type": "object", "properties": {"inner": deep}}
    wide = {"type": "object", "properties": {f"p{number}": {"type": "string"} for number in range(3000)}}
    many = {f"/a{number}": {"get": {"responses": {}}} for number in range(1000)}
    document = {"openapi": "3.0.0", "paths": many, "components": {"schemas": {"deep": deep, "wide": wide}}}
    outline = outline_of("openapi", json.dumps(document))
    assert outline.operation_count == 250
    assert len(outline.types[1].shape.fields) == 200
    assert outline.notes[0] == "750 more operations are not shown; the text has them."
    assert "too deep or too large" in outline.notes[1]


@pytest.mark.parametrize("text", ["/*" * 200_000, '"\\' * 200_000, "message A {" * 20_000, "service S { rpc " * 20_000])
def test_it_comes_to_an_end_with_hostile_protos(text: str) -> None:
    outline_of("grpc", text)


def test_it_has_no_outline_of_other_types() -> None:
    assert read_definition("trpc", "{}") == read_definition("TRPC", "{}")
    assert read_definition("trpc", "{}").outline is None
    assert read_definition("trpc", '{"a": 1}').language == "json"


def test_it_escapes_what_it_draws() -> None:
    text = json.dumps({"components": {"schemas": {"A": {"properties": {"<script>": {"description": "<img>"}}}}}})
    drawn = str(draw_shape(outline_of("openapi", text).types[0].shape))
    assert "<script>" not in drawn
    assert "<img>" not in drawn


def definitions(folder: Path) -> list[tuple[str, str]]:
    found = []
    for path in sorted(folder.rglob("*.yaml")):
        text = path.read_text(errors="replace")
        if "kind: API" not in text:
            continue
        for document in load_documents(text):
            value = document.value
            if isinstance(value, dict) and value.get("kind") == "API":
                spec = value.get("spec")
                definition = spec.get("definition") if isinstance(spec, dict) else None
                if isinstance(spec, dict) and isinstance(definition, str):
                    found.append((str(spec.get("type")), definition))
    return found


def test_it_outlines_public_definitions(beside: Path) -> None:
    found = definitions(beside / "corpus" / "catalogs")
    readings = [(type_, read_definition(type_, text)) for type_, text in found]
    known = [reading for type_, reading in readings if type_ in ("openapi", "asyncapi", "graphql", "grpc")]
    assert len(known) > 5
    assert [reading.error for reading in known if reading.error] == []
