// Appearance: as the system says, or as the operator chose. The colours themselves are in styles/tokens.css.

import { effect, signal } from "@preact/signals";
import { remember, remembered } from "./memory.ts";

export type Theme = "system" | "light" | "dark" | "dim";

export const THEMES: readonly Theme[] = ["system", "light", "dark", "dim"];

export function readTheme(): Theme {
  const stored = remembered("theme");
  return THEMES.find((one) => one === stored) ?? "system";
}

export const theme = signal<Theme>(readTheme());

effect(() => {
  remember("theme", theme.value);
  document.documentElement.dataset["theme"] = theme.value;
});
