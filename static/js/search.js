// The search box: "/" and Ctrl/⌘ K go to it, arrows move through its hits, Esc leaves it.
function isTyping(element) {
    return element.matches("input, textarea, select, [contenteditable]");
}

function move(box, direction) {
    const stops = [box.querySelector("input"), ...box.querySelectorAll(".hit")];
    const place = stops.indexOf(document.activeElement);
    stops[(place + direction + stops.length) % stops.length].focus();
}

function onBoxKey(event) {
    const box = event.currentTarget;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        move(box, event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape") {
        document.activeElement.blur();
    }
}

export function startSearch() {
    const box = document.querySelector("[data-search]");
    if (!box) {
        return;
    }
    box.addEventListener("keydown", onBoxKey);
    document.addEventListener("keydown", (event) => {
        const palette = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
        const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target);
        if (palette || slash) {
            event.preventDefault();
            box.querySelector("input").select();
        }
    });
}
