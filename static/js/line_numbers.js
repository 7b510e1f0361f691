// Numbers beside the lines of a textarea with ``data-line-numbers``; without this module it is a plain field.

for (const field of document.querySelectorAll("textarea[data-line-numbers]")) {
    const frame = document.createElement("div");
    frame.className = "numbered";
    const gutter = document.createElement("div");
    gutter.className = "numbered-gutter mono";
    gutter.setAttribute("aria-hidden", "true");
    field.replaceWith(frame);
    frame.append(gutter, field);

    let shown = 0;
    const number = () => {
        const lines = field.value.split("\n").length;
        if (lines !== shown) {
            gutter.textContent = Array.from({ length: lines }, (_, index) => index + 1).join("\n");
            shown = lines;
        }
        gutter.scrollTop = field.scrollTop;
    };
    field.addEventListener("input", number);
    field.addEventListener("scroll", number, { passive: true });
    number();
}
