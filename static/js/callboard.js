// The shell's script: small parts that make pages nicer. Every page can be read and every link followed without it.
import { startMenus } from "./menus.js";
import { startSearch } from "./search.js";
import { startToasts } from "./toasts.js";
import { startCopying } from "./copy.js";
import { startTimes } from "./times.js";
import { startTheme } from "./theme.js";
import { startLogs } from "./logs.js";
import { startRequests } from "./requests.js";
import { startSlugs } from "./slugs.js";

document.documentElement.classList.add("has-script");
const parts = [startMenus, startSearch, startToasts, startCopying, startTimes, startTheme, startLogs, startRequests, startSlugs];
parts.forEach((start) => start());
