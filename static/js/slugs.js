// [data-slug-to=id] fills the short name from the name, until somebody writes their own.
function slug(text) {
    const plain = text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
    return plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 63);
}

function follow(field) {
    const target = document.getElementById(field.dataset.slugTo);
    let last = slug(field.value);
    field.addEventListener("input", () => {
        if (target.value === "" || target.value === last) {
            target.value = last = slug(field.value);
        }
    });
}

export function startSlugs() {
    document.querySelectorAll("[data-slug-to]").forEach(follow);
}
