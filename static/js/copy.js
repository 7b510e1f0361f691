// [data-copy] puts its text on the clipboard and shows for a moment that it did.
async function onClick(event) {
    const button = event.target.closest("[data-copy]");
    if (!button) {
        return;
    }
    await navigator.clipboard.writeText(button.dataset.copy);
    button.classList.add("is-done");
    window.setTimeout(() => button.classList.remove("is-done"), 1500);
}

export function startCopying() {
    document.addEventListener("click", onClick);
}
