// What people see while htmx works, and when the server can not be reached.
import { showToast } from "./toasts.js";

export function startRequests() {
    document.body.addEventListener("htmx:sendError", () => showToast("The portal does not answer. Check your connection and try again.", "failed"));
    document.body.addEventListener("htmx:timeout", () => showToast("The portal took too long to answer. Try again.", "failed"));
}
