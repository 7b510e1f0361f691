// Draws the graph of relations as SVG: boxes are links, arrow keys move between them, dragging and pinching move the whole.
import { View } from "./graph_view.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 36;
const MORE_HEIGHT = 26;
const MOST_TEXT = 30;
// With more edges than these their words would hide the boxes; they are shown for the box that has the focus.
const MOST_WORDS = 60;

function make(name, attributes = {}, text = "") {
    const element = document.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    element.textContent = text;
    return element;
}

function cut(text) {
    return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT - 1)}…` : text;
}

function ruler(element) {
    const context = document.createElement("canvas").getContext("2d");
    const family = getComputedStyle(element).fontFamily;
    return (text, size) => {
        context.font = `500 ${size}px ${family}`;
        return context.measureText(text).width;
    };
}

// The boxes and arrows of the data, with their sizes; what is left out becomes a box of its own.
function measured(data, widthOf) {
    const nodes = data.nodes.map((node) => ({
        ...node,
        id: node.ref,
        text: cut(node.label),
        width: Math.ceil(widthOf(cut(node.label), 13)) + 46,
        height: HEIGHT,
    }));
    const hasWords = data.edges.length <= MOST_WORDS;
    const known = new Set(data.nodes.map((node) => node.ref));
    const edges = data.edges
        .filter((edge) => known.has(edge.source) && known.has(edge.target))
        .map((edge) => ({ ...edge, width: hasWords ? Math.ceil(widthOf(edge.label, 11)) + 8 : 0, height: hasWords ? 14 : 0 }));
    data.nodes.filter((node) => node.more).forEach((node) => {
        const text = `${node.more} more`;
        nodes.push({ id: `more ${node.ref}`, isMore: true, depth: node.depth + 1, text, label: `${text} beside ${node.label}`, url: node.graph, width: Math.ceil(widthOf(text, 12)) + 22, height: MORE_HEIGHT });
        edges.push({ source: node.ref, target: `more ${node.ref}`, isMore: true, label: "", width: 0, height: 0 });
    });
    return { nodes, edges };
}

function path(points) {
    const [first, ...rest] = points;
    let line = `M${first.x},${first.y}`;
    rest.forEach((point, place) => {
        const next = rest[place + 1];
        line += next ? `Q${point.x},${point.y} ${(point.x + next.x) / 2},${(point.y + next.y) / 2}` : `L${point.x},${point.y}`;
    });
    return line;
}

function drawEdge(edge, placed, layer, words) {
    const group = make("g", { class: edge.isMore ? "graph-edge is-more" : "graph-edge" });
    group.dataset.ends = JSON.stringify([edge.source, edge.target]);
    group.append(make("path", { d: path(placed.points), "marker-end": edge.isMore ? "" : `url(#${words})` }));
    if (edge.label) {
        const text = make("text", { x: placed.x ?? placed.points[0].x, y: (placed.y ?? placed.points[0].y) + 4, class: edge.width ? "" : "is-quiet" }, edge.label);
        group.append(text);
    }
    layer.append(group);
}

function drawNode(node, place, data, layer) {
    const left = place.x - node.width / 2;
    const top = place.y - node.height / 2;
    const kinds = ["graph-node", node.id === data.root ? "is-root" : "", node.isMore ? "is-more" : ""];
    const link = make("a", { href: node.url, class: kinds.filter(Boolean).join(" "), tabindex: node.id === data.root ? "0" : "-1" });
    link.setAttribute("aria-label", node.isMore ? node.label : `${node.kind} ${node.label}`);
    link.append(make("title", {}, node.isMore ? node.label : `${node.ref}${node.type ? ` (${node.type})` : ""}`));
    link.append(make("rect", { x: left, y: top, width: node.width, height: node.height, rx: node.isMore ? node.height / 2 : 8 }));
    if (!node.isMore) {
        link.append(make("use", { href: `#graph-sign-${node.kind.toLowerCase()}`, x: left + 11, y: place.y - 8, width: 16, height: 16 }));
    }
    link.append(make("text", { x: node.isMore ? place.x : left + 34, y: place.y + 4.5, "text-anchor": node.isMore ? "middle" : "start" }, node.text));
    link.graphPlace = place;
    link.graphId = node.id;
    layer.append(link);
    return link;
}

// The nearest box in the direction of an arrow key; what lies off to the side counts as farther away.
function nearest(links, from, key) {
    const [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key];
    let best = null;
    let least = Infinity;
    for (const link of links) {
        const x = link.graphPlace.x - from.graphPlace.x;
        const y = link.graphPlace.y - from.graphPlace.y;
        const ahead = x * dx + y * dy;
        const aside = Math.abs(x * dy) + Math.abs(y * dx);
        if (link !== from && ahead > 1 && ahead + 2.5 * aside < least) {
            least = ahead + 2.5 * aside;
            best = link;
        }
    }
    return best;
}

function listen(figure, links, view) {
    const root = links.find((link) => link.classList.contains("is-root")) ?? links[0];
    const edges = [...figure.querySelectorAll(".graph-edge")].map((element) => [element, JSON.parse(element.dataset.ends)]);
    const point = (link) => {
        links.forEach((other) => other.setAttribute("tabindex", other === link ? "0" : "-1"));
        edges.forEach(([element, ends]) => element.classList.toggle("is-lit", ends.includes(link.graphId)));
    };
    figure.addEventListener("focusin", (event) => {
        const link = event.target.closest(".graph-node");
        if (link) {
            point(link);
            if (link.matches(":focus-visible")) {
                view.show(link.graphPlace);
            }
        }
    });
    figure.addEventListener("pointerover", (event) => {
        const link = event.target.closest(".graph-node");
        if (link) {
            edges.forEach(([element, ends]) => element.classList.toggle("is-lit", ends.includes(link.graphId)));
        }
    });
    figure.addEventListener("keydown", (event) => {
        const link = event.target.closest(".graph-node");
        const acts = { "+": () => view.zoom(1.25), "=": () => view.zoom(1.25), "-": () => view.zoom(0.8), "0": () => view.fit(), Home: () => root.focus() };
        if (event.ctrlKey || event.metaKey || event.altKey) {
            return;
        }
        if (link && event.key.startsWith("Arrow")) {
            event.preventDefault();
            nearest(links, link, event.key)?.focus();
        } else if (acts[event.key] && !event.target.closest("button")) {
            event.preventDefault();
            acts[event.key]();
        }
    });
    figure.addEventListener("click", (event) => {
        const button = event.target.closest("[data-graph-do]");
        if (button) {
            ({ in: () => view.zoom(1.25), out: () => view.zoom(0.8), fit: () => view.fit() })[button.dataset.graphDo]();
        } else if (view.hasMoved && event.detail && event.target.closest(".graph-node")) {
            // A drag that ends on a box does not open it; a key does.
            event.preventDefault();
        }
    });
}

function show(place, data, found, placed) {
    const figure = place.querySelector(".graph-figure");
    const canvas = figure.querySelector(".graph-canvas");
    const arrow = `graph-arrow-${Math.random().toString(36).slice(2)}`;
    const marker = make("marker", { id: arrow, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse", class: "graph-arrow" });
    marker.append(make("path", { d: "M0,0.5 L7.5,4 L0,7.5 z" }));
    canvas.querySelector("defs").append(marker);
    const layer = make("g");
    found.edges.forEach((edge, number) => drawEdge(edge, placed.edges[number], layer, arrow));
    const places = new Map(placed.nodes.map((spot) => [spot.id, spot]));
    const links = found.nodes.map((node) => drawNode(node, places.get(node.id), data, layer));
    canvas.append(layer);
    figure.querySelector(".graph-wait").remove();
    const view = new View(canvas, layer, { width: placed.width, height: placed.height, heart: places.get(data.root), isOnCard: place.classList.contains("graph-on-card") });
    view.start();
    listen(figure, links, view);
}

function fail(place) {
    place.querySelector(".graph-figure").hidden = true;
    place.querySelector(".graph-list").open = true;
}

function draw(place) {
    place.dataset.drawn = "";
    const data = JSON.parse(place.querySelector("script[type='application/json']").textContent);
    const figure = place.querySelector(".graph-figure");
    figure.hidden = false;
    const found = measured(data, ruler(figure));
    const worker = new Worker(place.dataset.worker, { type: "module" });
    worker.addEventListener("message", (event) => {
        worker.terminate();
        show(place, data, found, event.data);
    });
    worker.addEventListener("error", () => fail(place));
    const bare = ({ id, depth, source, target, width, height }) => ({ id, depth, source, target, width, height });
    worker.postMessage({ nodes: found.nodes.map(bare), edges: found.edges.map(bare), direction: figure.clientWidth < 620 ? "TB" : "LR" });
}

function drawAll() {
    document.querySelectorAll("[data-graph]:not([data-drawn])").forEach(draw);
}

drawAll();
document.body.addEventListener("htmx:afterSettle", drawAll);
