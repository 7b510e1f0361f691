// What is seen of a drawing that is larger than its frame: moved by dragging, zoomed by wheel, pinch, keys and buttons.
const LEAST = 0.08;
const MOST = 2.5;

export class View {
    constructor(canvas, layer, { width, height, heart, isOnCard }) {
        Object.assign(this, { canvas, layer, width, height, heart, isOnCard });
        this.scale = 1;
        this.x = 0;
        this.y = 0;
        this.hasMoved = false;
        this.fingers = new Map();
    }

    start() {
        this.fit();
        // What would be too small to read begins with the heart of the matter instead.
        if (this.scale < 0.5) {
            this.scale = 0.8;
            this.show(this.heart);
            this.fill();
        }
        this.canvas.addEventListener("pointerdown", (event) => this.press(event));
        this.canvas.addEventListener("pointermove", (event) => this.drag(event));
        ["pointerup", "pointercancel", "pointerleave"].forEach((name) => this.canvas.addEventListener(name, (event) => this.release(event)));
        this.canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
        this.canvas.addEventListener("dragstart", (event) => event.preventDefault());
    }

    get frame() {
        return this.canvas.getBoundingClientRect();
    }

    apply() {
        this.layer.setAttribute("transform", `translate(${this.x} ${this.y}) scale(${this.scale})`);
    }

    fit() {
        const { width, height } = this.frame;
        this.scale = Math.min(1, width / this.width, height / this.height);
        this.x = (width - this.width * this.scale) / 2;
        this.y = (height - this.height * this.scale) / 2;
        this.apply();
    }

    show(place) {
        const { width, height } = this.frame;
        this.x = width / 2 - place.x * this.scale;
        this.y = height / 2 - place.y * this.scale;
        this.apply();
    }

    // Moves a drawing that is larger than the frame so that it leaves no empty edge.
    fill() {
        const { width, height } = this.frame;
        const within = (value, size, room) => Math.min(0, Math.max(value, room - size * this.scale));
        this.x = this.width * this.scale > width ? within(this.x, this.width, width) : this.x;
        this.y = this.height * this.scale > height ? within(this.y, this.height, height) : (height - this.height * this.scale) / 2;
        this.apply();
    }

    zoom(factor, x = this.frame.width / 2, y = this.frame.height / 2) {
        const scale = Math.min(MOST, Math.max(LEAST, this.scale * factor));
        this.x = x - ((x - this.x) * scale) / this.scale;
        this.y = y - ((y - this.y) * scale) / this.scale;
        this.scale = scale;
        this.apply();
    }

    at(event) {
        const { left, top } = this.frame;
        return { x: event.clientX - left, y: event.clientY - top };
    }

    wheel(event) {
        // On a card the wheel scrolls the page, as everywhere else on it.
        if (this.isOnCard && !event.ctrlKey) {
            return;
        }
        event.preventDefault();
        const { x, y } = this.at(event);
        this.zoom(Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) / 200), x, y);
    }

    press(event) {
        if (event.button === 0) {
            this.hasMoved = false;
            this.fingers.set(event.pointerId, this.at(event));
        }
    }

    drag(event) {
        const before = this.fingers.get(event.pointerId);
        if (!before) {
            return;
        }
        const now = this.at(event);
        if (!this.hasMoved && Math.hypot(now.x - before.x, now.y - before.y) < 5) {
            return;
        }
        this.hasMoved = true;
        this.canvas.classList.add("is-moving");
        const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
        if (other) {
            const factor = Math.hypot(now.x - other.x, now.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
            this.zoom(factor, other.x, other.y);
        } else {
            this.x += now.x - before.x;
            this.y += now.y - before.y;
            this.apply();
        }
        this.fingers.set(event.pointerId, now);
    }

    release(event) {
        this.fingers.delete(event.pointerId);
        this.canvas.classList.remove("is-moving");
    }
}
