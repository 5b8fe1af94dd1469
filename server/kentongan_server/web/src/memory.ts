// What this browser remembers: language, appearance, keys. Private windows may refuse; then nothing is kept.

export type Remembered = "language" | "theme" | "single-keys";

const PREFIX = "kentongan.";

export function remembered(name: Remembered): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function remember(name: Remembered, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // The choice holds until the page is closed.
  }
}
