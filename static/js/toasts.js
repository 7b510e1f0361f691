// Toasts go away by themselves, except for errors. Servers add one with the header HX-Trigger: {"toast": {"text", "tone"}}.
const SECONDS = 7;

function arm(toast) {
    toast.querySelector("[data-toast-close]").addEventListener("click", () => toast.remove());
    if (toast.matches(".toast-error, .toast-failed")) {
        return;
    }
    let timer = 0;
    const start = () => {
        timer = window.setTimeout(() => toast.remove(), SECONDS * 1000);
    };
    toast.addEventListener("pointerenter", () => window.clearTimeout(timer));
    toast.addEventListener("pointerleave", start);
    start();
}

export function showToast(text, tone = "info") {
    const toast = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
    toast.className = `toast toast-${tone}`;
    toast.querySelector(".toast-text").textContent = text;
    document.getElementById("toasts").append(toast);
    arm(toast);
}

export function startToasts() {
    document.querySelectorAll("#toasts [data-toast]").forEach(arm);
    document.body.addEventListener("toast", (event) => showToast(event.detail.text ?? event.detail.value, event.detail.tone));
}
