// Sizes for people.

const GB = 1_000_000_000;
const MB = 1_000_000;

/** "41 GB", "1,2 GB" below ten, "350 MB" below one. */
export function bytes(count: number, locale: string): string {
  if (count < GB) return `${Math.floor(count / MB).toLocaleString(locale)} MB`;
  const digits = count < 10 * GB ? 1 : 0;
  return `${(count / GB).toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })} GB`;
}

/** "Rp 24.500". */
export function rupiah(amount: number, locale: string): string {
  return `Rp ${Math.floor(amount).toLocaleString(locale)}`;
}

/** "4,02 V" of millivolts. */
export function volts(millivolts: number, locale: string): string {
  return `${(millivolts / 1_000).toLocaleString(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 })} V`;
}

/** "−71 dBm" with a true minus sign, so that it is never split at the end of a line. */
export function dbm(level: number): string {
  return `${level < 0 ? "−" : ""}${Math.abs(level)} dBm`;
}
