// Changes the theme at once and tells the server's cookie in the background.
function choose(theme, form) {
    document.documentElement.dataset.theme = theme;
    for (const button of form.querySelectorAll("[name=theme]")) {
        button.setAttribute("aria-pressed", String(button.value === theme));
    }
}

async function onSubmit(event) {
    const theme = event.submitter?.value;
    if (!theme) {
        return;
    }
    event.preventDefault();
    const body = new FormData(event.currentTarget, event.submitter);
    choose(theme, event.currentTarget);
    await fetch(event.currentTarget.action, { method: "POST", body, redirect: "manual" });
}

export function startTheme() {
    document.querySelectorAll("[data-theme-form]").forEach((form) => form.addEventListener("submit", onSubmit));
}
