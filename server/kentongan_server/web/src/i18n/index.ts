// The language of this browser: Indonesian unless somebody chose English.

import { computed, effect, signal } from "@preact/signals";
import { remembered, remember } from "../memory.ts";
import { en } from "./en.ts";
import { id } from "./id.ts";
import type { Messages } from "./messages.ts";

export type Language = "id" | "en";

export const DICTIONARIES: Readonly<Record<Language, Messages>> = { id, en };

export const LANGUAGES: readonly Language[] = ["id", "en"];

export const language = signal<Language>(remembered("language") === "en" ? "en" : "id");

const messages = computed(() => DICTIONARIES[language.value]);

/** The sentences of the present language; reading it in a component redraws that when the language changes. */
export function say(): Messages {
  return messages.value;
}

/** The word for a code of the centre; a code without a word is shown as it is, never hidden. */
export function word(words: Readonly<Record<string, string>>, code: string): string {
  return words[code] ?? code;
}

effect(() => {
  remember("language", language.value);
  if (typeof document !== "undefined") document.documentElement.lang = language.value;
});
