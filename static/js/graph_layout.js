// Finds places for the boxes of a graph, in a worker, so that a large one does not hold up the page.
import { Graph, layout } from "../vendor/dagre.esm.js";

// Beyond these the layered method takes many seconds; boxes then stand in columns by their distance from the middle.
const MOST_NODES = 150;
const MOST_EDGES = 260;
const ROWS = 26;
const ROW = 46;
const BETWEEN = 48;
const BETWEEN_LEVELS = 150;

function layered({ nodes, edges, direction }) {
    const graph = new Graph({ multigraph: true });
    graph.setGraph({ rankdir: direction, nodesep: 18, ranksep: 70, edgesep: 8, marginx: 16, marginy: 16 });
    graph.setDefaultEdgeLabel(() => ({}));
    nodes.forEach((node) => graph.setNode(node.id, { width: node.width, height: node.height }));
    edges.forEach((edge, place) => {
        graph.setEdge(edge.source, edge.target, { width: edge.width, height: edge.height, labelpos: "c" }, String(place));
    });
    layout(graph);
    return {
        width: graph.graph().width,
        height: graph.graph().height,
        nodes: nodes.map((node) => ({ id: node.id, x: graph.node(node.id).x, y: graph.node(node.id).y })),
        edges: edges.map((edge, place) => {
            const found = graph.edge(edge.source, edge.target, String(place));
            return { points: found.points, x: found.x, y: found.y };
        }),
    };
}

function levels(nodes) {
    const found = [];
    nodes.forEach((node) => (found[node.depth] ??= []).push(node));
    return found.filter(Boolean);
}

function neighbours(edges) {
    const found = new Map();
    const add = (one, other) => found.set(one, [...(found.get(one) ?? []), other]);
    edges.forEach((edge) => {
        add(edge.source, edge.target);
        add(edge.target, edge.source);
    });
    return found;
}

// Each level is ordered by where the neighbours of its boxes stand in the level before, so that arrows cross less.
function columned({ nodes, edges }) {
    const near = neighbours(edges);
    const rank = new Map();
    const places = new Map();
    let x = 16;
    let tallest = 0;
    for (const level of levels(nodes)) {
        const pull = (node) => {
            const known = (near.get(node.id) ?? []).filter((id) => rank.has(id)).map((id) => rank.get(id));
            return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : 1;
        };
        const ordered = level.map((node) => [pull(node), node]).sort((one, other) => one[0] - other[0]).map(([, node]) => node);
        const rows = Math.ceil(ordered.length / Math.ceil(ordered.length / ROWS));
        for (let start = 0; start < ordered.length; start += rows) {
            const column = ordered.slice(start, start + rows);
            const width = Math.max(...column.map((node) => node.width));
            column.forEach((node, row) => places.set(node.id, { id: node.id, x: x + width / 2, y: (row - (column.length - 1) / 2) * ROW }));
            tallest = Math.max(tallest, column.length * ROW);
            x += width + BETWEEN;
        }
        ordered.forEach((node, place) => rank.set(node.id, (place + 0.5) / ordered.length));
        x += BETWEEN_LEVELS - BETWEEN;
    }
    places.forEach((place) => {
        place.y += tallest / 2 + 16;
    });
    const sizes = new Map(nodes.map((node) => [node.id, node.width / 2]));
    return {
        width: x - BETWEEN_LEVELS + 16,
        height: tallest + 32,
        nodes: nodes.map((node) => places.get(node.id)),
        edges: edges.map((edge) => ({ points: between(places.get(edge.source), places.get(edge.target), sizes) })),
    };
}

function between(from, to, sizes) {
    const ahead = to.x > from.x ? 1 : -1;
    const start = { x: from.x + ahead * sizes.get(from.id), y: from.y };
    const end = { x: to.x - (to.x === from.x ? -1 : ahead) * sizes.get(to.id), y: to.y };
    const middle = to.x === from.x ? start.x + 2 * BETWEEN * ahead : (start.x + end.x) / 2;
    return [start, { x: middle, y: start.y }, { x: middle, y: end.y }, end];
}

self.addEventListener("message", (event) => {
    const isLarge = event.data.nodes.length > MOST_NODES || event.data.edges.length > MOST_EDGES;
    self.postMessage(isLarge ? columned(event.data) : layered(event.data));
});
