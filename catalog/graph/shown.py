"""The graph as pages show it: what the script draws, and the same as a list for those without script."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from catalog.entities.about import WORDS
from catalog.entities.linking import entity_url
from catalog.graph.walking import Graph, Node
from portal.ui.components.icons import icon_paths, kind_icon


def graph_url(ref: str) -> str:
    """The graph page of the entity with this reference."""
    return f"{entity_url(ref)}graph/"


def words_of(type_: str) -> str:
    """How an arrow is called, in lower case, as in "owned by"."""
    return WORDS.get(type_, type_).lower()


def drawn(graph: Graph) -> dict[str, Any]:
    """What the script needs."""
    return {
        "root": graph.root,
        "nodes": [{**asdict(node), "graph": graph_url(node.ref)} for node in graph.nodes],
        "edges": [{**asdict(edge), "label": words_of(edge.type)} for edge in graph.edges],
    }


def signs(graph: Graph) -> SafeString:
    """The icons of the kinds in the graph as SVG symbols, which the script refers to."""
    kinds = sorted({node.kind for node in graph.nodes})
    return format_html_join(
        "",
        '<symbol id="graph-sign-{}" viewBox="0 0 24 24">{}</symbol>',
        ((kind.lower(), icon_paths(kind_icon(kind))) for kind in kinds),
    )


def rows(graph: Graph) -> list[dict[str, Any]]:
    """The graph as a list: each node with what it points at."""
    nodes = {node.ref: node for node in graph.nodes}
    arrows: dict[str, dict[str, list[Node]]] = {}
    for edge in graph.edges:
        if edge.source in nodes and edge.target in nodes:
            arrows.setdefault(edge.source, {}).setdefault(edge.type, []).append(nodes[edge.target])
    return [
        {"node": node, "graph_url": graph_url(node.ref),
         "arrows": [(words_of(type_), targets) for type_, targets in arrows.get(node.ref, {}).items()]}
        for node in graph.nodes
    ]  # fmt: skip


def summary(graph: Graph) -> SafeString:
    """What the graph holds, in words, for those who cannot see it."""
    others, edges = len(graph.nodes) - 1, len(graph.edges)
    return format_html(
        "{} related entit{}, {} relation{}", others, "y" if others == 1 else "ies", edges, "" if edges == 1 else "s"
    )
