// Why something that was asked of the centre failed.

export interface ErrorWords {
  readonly unreachable: string;
  readonly forbidden: string;
  readonly partMissing: string;
  readonly server: (status: number) => string;
  /** `detail` is the centre's own: which field, what it expected, what it found. */
  readonly invalid: (detail: string) => string;
  /** By the centre's word for it (api/errors.py); a page may have better words of its own. */
  readonly codes: Readonly<Record<string, string>>;
}
