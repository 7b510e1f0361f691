// Keeps <time data-ago> in step with the clock, in the server's own words.
const UNITS = [[60, 1, "s"], [3600, 60, " min"], [86400, 3600, " h"], [86400 * 60, 86400, " d"], [86400 * 730, 2629800, " mo"]];

export function inWords(when, now = Date.now()) {
    const seconds = Math.trunc((now - when) / 1000);
    const size = Math.abs(seconds);
    if (size < 10) {
        return "just now";
    }
    const [, per, name] = UNITS.find(([limit]) => size < limit) ?? [0, 31557600, " y"];
    const words = `${Math.floor(size / per)}${name}`;
    return seconds >= 0 ? `${words} ago` : `in ${words}`;
}

function tick() {
    for (const time of document.querySelectorAll("time[data-ago]")) {
        const words = inWords(Date.parse(time.dateTime));
        if (time.textContent !== words) {
            time.textContent = words;
        }
    }
}

export function startTimes() {
    window.setInterval(tick, 15_000);
}
