// Where the operator is: the address's fragment.

import { batch, signal } from "@preact/signals";

export type Page = "queue" | "closed" | "troubles" | "rejections" | "devices" | "reports" | "wall";

export const PAGES: readonly Page[] = ["queue", "closed", "troubles", "rejections", "devices", "reports", "wall"];

export function isDesk(page: AnyPage): page is Page {
  return (PAGES as readonly AnyPage[]).includes(page);
}

/** Pages for looking after the centre itself: they have no key, and one tab together. */
export type ManagePage = "sites" | "plans" | "agencies" | "users" | "account";

const MANAGE_PAGES: readonly ManagePage[] = ["sites", "plans", "agencies", "users", "account"];

/** Pages of the desk beside the queue: reached by a tab, a key or a link of their own. */
export type DeskPage = "calls" | "hand-over" | "drills" | "replay";

const DESK_PAGES: readonly DeskPage[] = ["calls", "hand-over", "drills", "replay"];

/** Anything that an address can name. */
export type AnyPage = Page | ManagePage | DeskPage;

function parts(): readonly string[] {
  return location.hash.replace(/^#\//, "").split("/");
}

function read(): AnyPage {
  const [name] = parts();
  return [...PAGES, ...DESK_PAGES, ...MANAGE_PAGES].find((page) => page === name) ?? "queue";
}

/** What of the page is shown, such as the site of `#/sites/bank`; empty for the whole. */
function readPart(): string {
  try {
    return decodeURIComponent(parts()[1] ?? "");
  } catch {
    return "";
  }
}

export const page = signal<AnyPage>(read());
export const part = signal(readPart());

addEventListener("hashchange", () =>
  batch(() => {
    page.value = read();
    part.value = readPart();
  }),
);

export function address(target: AnyPage, of = ""): string {
  return of === "" ? `#/${target}` : `#/${target}/${encodeURIComponent(of)}`;
}

export function go(target: AnyPage, of = ""): void {
  location.hash = address(target, of);
}
