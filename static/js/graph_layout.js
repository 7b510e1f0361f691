// Finds places for the boxes of a graph, in a worker, so that a large one does not hold up the page.
import { Graph, layout } from "../vendor/dagre.esm.js";

self.addEventListener("message", (event) => {
    const { nodes, edges, direction, isLarge } = event.data;
    const graph = new Graph({ multigraph: true });
    graph.setGraph({
        rankdir: direction,
        nodesep: isLarge ? 10 : 18,
        ranksep: isLarge ? 90 : 70,
        edgesep: 8,
        marginx: 16,
        marginy: 16,
        // The exact method takes many seconds for hundreds of nodes.
        ranker: isLarge ? "longest-path" : "network-simplex",
    });
    graph.setDefaultEdgeLabel(() => ({}));
    nodes.forEach((node) => graph.setNode(node.id, { width: node.width, height: node.height }));
    edges.forEach((edge, place) => {
        graph.setEdge(edge.source, edge.target, { width: edge.width, height: edge.height, labelpos: "c" }, String(place));
    });
    layout(graph);
    self.postMessage({
        width: graph.graph().width,
        height: graph.graph().height,
        nodes: nodes.map((node) => ({ id: node.id, x: graph.node(node.id).x, y: graph.node(node.id).y })),
        edges: edges.map((edge, place) => {
            const found = graph.edge(edge.source, edge.target, String(place));
            return { points: found.points, x: found.x, y: found.y };
        }),
    });
});
