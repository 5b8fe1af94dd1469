// Where the operator is: the address's fragment.

import { signal } from "@preact/signals";

export type Page = "queue" | "closed" | "troubles" | "rejections" | "devices" | "reports" | "wall";

export const PAGES: readonly Page[] = ["queue", "closed", "troubles", "rejections", "devices", "reports", "wall"];

function read(): Page {
  const name = location.hash.replace(/^#\//, "");
  return PAGES.find((page) => page === name) ?? "queue";
}

export const page = signal<Page>(read());

addEventListener("hashchange", () => (page.value = read()));

export function address(target: Page): string {
  return `#/${target}`;
}

export function go(target: Page): void {
  location.hash = address(target);
}
