// Runs before the first paint: no flash of the wrong colours at night, no wrong language for a screen reader.

import { remembered } from "./memory.ts";

const root = document.documentElement;
root.dataset["theme"] = remembered("theme") ?? "system";
root.lang = remembered("language") === "en" ? "en" : "id";
