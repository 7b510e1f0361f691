"""Relations come in pairs, one for each direction; the graph draws one edge for both and calls it by the first."""

from __future__ import annotations

from catalog.entities.kinds import KINDS

# Source → target, so that arrows point at what something needs, uses, belongs to. Names are Backstage's.
PAIRS = {
    "ownedBy": "ownerOf", "partOf": "hasPart", "dependsOn": "dependencyOf", "providesApi": "apiProvidedBy",
    "consumesApi": "apiConsumedBy", "memberOf": "hasMember", "childOf": "parentOf",
}  # fmt: skip


def pairs() -> dict[str, str]:
    """Each relation that an arrow is drawn for, with its inverse: those above, then those of declared kinds."""
    found = dict(PAIRS)
    known = {*found, *found.values()}
    for kind in KINDS:
        for relation in kind.relations:
            if relation.type not in known:
                found[relation.type] = relation.inverse
                known |= {relation.type, relation.inverse}
    return found


def forward_names() -> dict[str, str]:
    """For each relation whose arrow is drawn the other way round, the one that it is drawn as."""
    return {inverse: type_ for type_, inverse in pairs().items() if inverse != type_}
