// Why a message was refused, in words; the codes are those of the centre's domain/verdict.py.

import { computed } from "@preact/signals";
import type { Detail } from "../model/types.ts";
import { language, type Language } from "./index.ts";

interface DetailWords {
  readonly details: Readonly<Record<string, (detail: Detail) => string>>;
  /** What is wrong with bytes that are no frame. */
  readonly frames: Readonly<Record<string, string>>;
}

const id: DetailWords = {
  details: {
    note: ({ text }) => String(text),
    frame: ({ reason }) => id.frames[String(reason)] ?? String(reason),
    cut: ({ bytes }) => `lebih dari ${String(bytes)} bita yang diteruskan gerbang`,
    lane: ({ expected, found }) => `pesan jalur ${String(found)}, padahal ini jalur ${String(expected)}`,
    topic: () => "bukan topik sebuah gerbang",
    signer: ({ device }) => `ditandatangani ${String(device)}, tetapi datang lewat jalur gerbang lain`,
    "not-enrolled": ({ role, key }) => `tidak ada ${ROLES_ID[String(role)] ?? String(role)} bernomor ini dengan kunci ke-${String(key)}`,
    mac: () => "tidak dibuat dengan kunci perangkat ini",
    compromised: ({ key }) => `kunci ke-${String(key)} dinyatakan bocor`,
    counter: ({ counter }) => `penghitungnya, ${String(counter)}, tidak naik`,
    "no-frame": ({ characters, sender }) => `${String(characters)} karakter, ${SENDERS_ID[String(sender)] ?? `dari nomor ${String(sender)}`}`,
  },
  frames: {
    truncated: "terpotong",
    oversize: "terlalu panjang",
    version: "versi yang tidak dikenal",
    type: "jenis yang tidak diterima di sini",
    length: "panjangnya tidak cocok dengan jenisnya",
    value: "nilai yang tidak mungkin",
    armour: "karakter yang bukan bagian dari pesan",
  },
};

const ROLES_ID: Readonly<Record<string, string>> = { button: "tombol", gateway: "gerbang", device: "perangkat" };
const SENDERS_ID: Readonly<Record<string, string>> = { name: "pengirimnya sebuah nama", short: "dari nomor pendek" };

const en: DetailWords = {
  details: {
    note: ({ text }) => String(text),
    frame: ({ reason }) => en.frames[String(reason)] ?? String(reason),
    cut: ({ bytes }) => `longer than the ${String(bytes)} bytes that the gateway passed on`,
    lane: ({ expected, found }) => `a message of lane ${String(found)} on lane ${String(expected)}`,
    topic: () => "no topic of a gateway",
    signer: ({ device }) => `signed by ${String(device)}, but it came by another gateway's lane`,
    "not-enrolled": ({ role, key }) => `there is no ${String(role)} of this number with key ${String(key)}`,
    mac: () => "not made with this device's key",
    compromised: ({ key }) => `key ${String(key)} is marked as leaked`,
    counter: ({ counter }) => `its counter, ${String(counter)}, does not rise`,
    "no-frame": ({ characters, sender }) => `${String(characters)} characters, ${SENDERS_EN[String(sender)] ?? `from number ${String(sender)}`}`,
  },
  frames: {
    truncated: "cut off",
    oversize: "too long",
    version: "an unknown version",
    type: "a type that is not taken here",
    length: "its length does not fit its type",
    value: "a value that cannot be",
    armour: "characters that are no part of a message",
  },
};

const SENDERS_EN: Readonly<Record<string, string>> = { name: "the sender is a name", short: "from a short number" };

export const REJECTIONS: Readonly<Record<Language, DetailWords>> = { id, en };

const words = computed(() => REJECTIONS[language.value].details);

/** The detail in words; one whose code has no sentence is shown as it came, never hidden. */
export function rejectionWords(detail: Detail | null): string | null {
  if (detail === null) return null;
  const sentence = words.value[detail.code];
  if (sentence) return sentence(detail);
  const facts = Object.entries(detail).filter(([name]) => name !== "code");
  return [detail.code, ...facts.map(([name, value]) => `${name} ${String(value)}`)].join(", ");
}
