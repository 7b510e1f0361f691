// Logs: follow the end while lines arrive (scrolling up stops that), wrap or not.
function press(button, isOn) {
    button.setAttribute("aria-pressed", String(isOn));
}

function startLog(log) {
    if (log.dataset.started) {
        return;
    }
    log.dataset.started = "yes";
    const lines = log.querySelector(".log-lines");
    const follow = log.querySelector("[data-log-follow]");
    const wrap = log.querySelector("[data-log-wrap]");
    follow.hidden = wrap.hidden = false;
    const following = () => follow.getAttribute("aria-pressed") === "true";
    const toEnd = () => lines.scrollTo({ top: lines.scrollHeight });
    follow.addEventListener("click", () => {
        press(follow, !following());
        if (following()) {
            toEnd();
        }
    });
    wrap.addEventListener("click", () => {
        press(wrap, !log.classList.toggle("is-unwrapped"));
    });
    lines.addEventListener("wheel", (event) => event.deltaY < 0 && press(follow, false), { passive: true });
    new MutationObserver(() => following() && toEnd()).observe(lines, { childList: true });
    if (following() && !window.location.hash) {
        toEnd();
    }
}

export function startLogs() {
    const all = (root) => root.querySelectorAll("[data-log]").forEach(startLog);
    all(document);
    document.body.addEventListener("htmx:load", (event) => all(event.detail.elt.parentElement ?? document));
}
