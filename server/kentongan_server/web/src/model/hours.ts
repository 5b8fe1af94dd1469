// Hours as people write them in a table and in a form: `Sen-Jum 08:00-17:00 | Sab 22:00-06:00` (domain/contact.py).

import type { Window } from "./register.ts";

const INDONESIAN = ["Sen", "Sel", "Rab", "Kam", "Jum", "Sab", "Min"];
const ENGLISH = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const DAY_MINUTES = 1_440;
const WINDOW = /^([a-z]{3})(?:\s*-\s*([a-z]{3}))?\s+(\d{1,2}:\d\d)\s*-\s*(\d{1,2}:\d\d)$/i;

/** Empty for always. */
export function toWords(hours: readonly Window[] | null, language: "id" | "en"): string {
  const days = language === "en" ? ENGLISH : INDONESIAN;
  return (hours ?? []).map(([day, from, to]) => `${days[day - 1]} ${clock(from)}-${clock(to)}`).join(" | ");
}

/** Null for always; "wrong" where it is no hours. Days in either language. */
export function fromWords(words: string): readonly Window[] | null | "wrong" {
  if (words.trim() === "") return null;
  const found: Window[] = [];
  for (const part of words.split("|")) {
    const [, first = "", last, from = "", to = ""] = WINDOW.exec(part.trim()) ?? [];
    const [begin, end] = [number(first), number(last ?? first)];
    const [begins, ends] = [minute(from), minute(to)];
    if (begin === null || end === null || begins === null || ends === null || begins === ends || begins === DAY_MINUTES) return "wrong";
    for (let offset = 0; offset <= (end - begin + 7) % 7; offset += 1) found.push([((begin + offset - 1) % 7) + 1, begins, ends]);
  }
  return found;
}

function number(name: string): number | null {
  const same = (one: string): boolean => one.toLowerCase() === name.toLowerCase();
  const at = Math.max(INDONESIAN.findIndex(same), ENGLISH.findIndex(same));
  return at < 0 ? null : at + 1;
}

function minute(text: string): number | null {
  const [hours, minutes] = text.split(":").map(Number);
  if (hours === undefined || minutes === undefined || minutes > 59) return null;
  const all = hours * 60 + minutes;
  return all <= DAY_MINUTES ? all : null;
}

function clock(all: number): string {
  return `${String(Math.floor(all / 60)).padStart(2, "0")}:${String(all % 60).padStart(2, "0")}`;
}
