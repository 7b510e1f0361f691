"""AsyncAPI 2.x and 3.x. Rules: the specifications of the AsyncAPI Initiative.

Version 2 tells from the side of the caller: who reads "publish" sends to the API. Version 3 tells from the side of the
API: "send" is what the API sends. Both words stay as they are written, with what they mean beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.definitions.openapi import add_notes, add_types
from catalog.definitions.outlines import (
    MOST_NAME,
    MOST_OPERATIONS,
    Anchors,
    Body,
    Field,
    Group,
    Operation,
    Outline,
    words,
)
from catalog.definitions.schemas import Schemas

_MEANS = {
    "publish": "You send this to it.", "subscribe": "It sends this to you.",
    "send": "It sends this to you.", "receive": "You send this to it.",
}  # fmt: skip
_TONES = {"publish": "ok", "receive": "ok", "subscribe": "running", "send": "running"}
_MOST_MESSAGES = 40


def read_asyncapi(document: Mapping[str, Any]) -> Outline:
    """The outline of an AsyncAPI document; what has not the form that it should have is left out."""
    schemas = Schemas(document, Anchors())
    info = _mapping(document.get("info"))
    version = words(document.get("asyncapi"), 20)
    outline = Outline(
        words(info.get("title"), MOST_NAME), words(info.get("version"), 60), f"AsyncAPI {version}".strip(),
        words(info.get("description")), _servers(document),
    )  # fmt: skip
    reader = _Reader(document, schemas)
    outline.groups = reader.new_groups() if version.startswith("3") else reader.old_groups()
    components = _mapping(document.get("components"))
    add_types(outline, _mapping(components.get("schemas")), schemas)
    if reader.is_cut:
        outline.notes.append("There are more operations than are shown; the text has them.")
    add_notes(outline, schemas)
    return outline


def _servers(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for name, written in list(_mapping(document.get("servers")).items())[:20]:
        row = _mapping(written)
        address = words(row.get("url") or f"{words(row.get('host'))}{words(row.get('pathname'))}", 500)
        told = [words(name, 100), words(row.get("protocol"), 40), words(row.get("description"), 200)]
        if address:
            found.append((address, " · ".join(filter(None, told))))
    return found


class _Reader:
    """Channels as groups, what goes through them as operations."""

    def __init__(self, document: Mapping[str, Any], schemas: Schemas) -> None:
        self._document = document
        self._schemas = schemas
        self._anchors = Anchors()
        self._left = MOST_OPERATIONS
        self.is_cut = False

    def old_groups(self) -> list[Group]:
        """Version 2: a channel holds its operations."""
        groups = []
        for address, written in _mapping(self._document.get("channels")).items():
            channel = self._schemas.resolved(written)
            told = [
                self._operation(method, words(address, 500), _mapping(channel[method]),
                                self._messages(_mapping(channel[method]).get("message")), channel)
                for method in ("publish", "subscribe") if isinstance(channel.get(method), Mapping)
            ]  # fmt: skip
            groups.append(self._group(words(address, 500), channel, told))
        return self._bounded(groups)

    def new_groups(self) -> list[Group]:
        """Version 3: operations refer to channels, and name some of their messages or mean all of them."""
        channels = _mapping(self._document.get("channels"))
        groups = []
        for name, written in channels.items():
            channel = self._schemas.resolved(written)
            address = words(channel.get("address") or name, 500)
            told = []
            for key, row in _mapping(self._document.get("operations")).items():
                operation = self._schemas.resolved(row)
                if self._schemas.resolved(operation.get("channel")) is not channel:
                    continue
                messages = operation.get("messages") or list(_mapping(channel.get("messages")).values())
                title = {"summary": words(key, MOST_NAME), **operation}
                told.append(
                    self._operation(words(operation.get("action"), 20), address, title, self._messages(messages),
                                    channel)
                )  # fmt: skip
            if not told:
                told = [self._operation("message", address, {}, self._messages(
                    list(_mapping(channel.get("messages")).values())), channel)]  # fmt: skip
            groups.append(self._group(address, channel, told))
        return self._bounded(groups)

    def _bounded(self, groups: list[Group]) -> list[Group]:
        kept = []
        for group in groups:
            self.is_cut = self.is_cut or len(group.operations) > self._left
            kept.append(Group(group.name, group.description, group.operations[: max(0, self._left)]))
            self._left -= len(group.operations)
        return [group for group in kept if group.operations]

    def _group(self, address: str, channel: Mapping[str, Any], operations: list[Operation]) -> Group:
        return Group(address, words(channel.get("description"), 600), tuple(operations))

    def _operation(
        self, method: str, address: str, row: Mapping[str, Any], bodies: tuple[Body, ...], channel: Mapping[str, Any]
    ) -> Operation:
        anchor = self._anchors.of(
            "operation", f"{method} {address} {words(row.get('operationId') or row.get('summary'))}"
        )
        description = "\n\n".join(filter(None, (_MEANS.get(method, ""), words(row.get("description")))))
        return Operation(
            method, address, anchor, words(row.get("summary") or row.get("operationId"), 300), description,
            _TONES.get(method, "neutral"), False, (), self._parameters(channel), bodies,
        )  # fmt: skip

    def _parameters(self, channel: Mapping[str, Any]) -> tuple[Field, ...]:
        found = []
        for name, written in list(_mapping(channel.get("parameters")).items())[:40]:
            row = self._schemas.resolved(written)
            schema = row.get("schema") or {"type": "string", "enum": row.get("enum")}
            field = self._schemas.field(name, schema, is_required=True, place="address")
            said = words(row.get("description"), 600)
            found.append(Field(field.name, field.shape, True, False, said or field.description, "address"))
        return tuple(found)

    def _messages(self, written: Any) -> tuple[Body, ...]:
        """One message, several, or version 2's ``oneOf``."""
        if isinstance(written, Mapping) and isinstance(written.get("oneOf"), list):
            written = written["oneOf"]
        rows = written if isinstance(written, list) else [written]
        messages = [self._schemas.resolved(row) for row in rows[:_MOST_MESSAGES]]
        return tuple(self._message(row) for row in messages if row)

    def _message(self, row: Mapping[str, Any]) -> Body:
        payload = row.get("payload", {})
        # Version 3 may wrap a schema together with the name of its language.
        if isinstance(payload, Mapping) and "schemaFormat" in payload:
            payload = payload.get("schema", {})
        title = words(row.get("title") or row.get("name") or row.get("messageId"), MOST_NAME) or "message"
        headers = self._schemas.resolved(row.get("headers"))
        fields = self._schemas.shape(headers).fields if headers else ()
        said = words(row.get("summary") or row.get("description"), 600)
        return Body(title, self._schemas.shape(payload), said, fields, "headers")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
