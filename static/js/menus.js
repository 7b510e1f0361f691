// Menus are <details data-menu>: at most one is open, a click elsewhere or Esc closes it, arrows move through its entries.
const OPEN = "details[data-menu][open]";
const ENTRIES = "a[href], button, input";

function closeOthers(kept) {
    for (const menu of document.querySelectorAll(OPEN)) {
        if (menu !== kept && !menu.contains(kept)) {
            menu.open = false;
        }
    }
}

function step(menu, direction) {
    const entries = [...menu.querySelectorAll(`.menu-list :is(${ENTRIES})`)].filter((entry) => entry.offsetParent !== null);
    if (entries.length) {
        const place = entries.indexOf(document.activeElement);
        entries[(place + direction + entries.length) % entries.length].focus();
    }
}

function onKey(event) {
    const menu = event.target.closest?.(OPEN) ?? document.querySelector(OPEN);
    if (!menu) {
        return;
    }
    if (event.key === "Escape") {
        menu.open = false;
        menu.querySelector("summary").focus();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && menu.contains(event.target)) {
        event.preventDefault();
        step(menu, event.key === "ArrowDown" ? 1 : -1);
    }
}

export function startMenus() {
    document.addEventListener("click", (event) => closeOthers(event.target.closest("details[data-menu]") ?? document.body.firstElementChild));
    document.addEventListener("keydown", onKey);
}
