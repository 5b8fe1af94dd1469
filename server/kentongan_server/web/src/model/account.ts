// What the centre says of one's own account: docs/operators-centre.md, "HTTP". Times are Unix milliseconds.

export interface OwnSession {
  /** Its name, by which it can be ended. */
  readonly session: string;
  readonly began_at_ms: number;
  readonly expires_at_ms: number;
  readonly seen_at_ms: number;
  readonly method: string;
}

/** `own` is the session that asked, if it is among them. */
export interface Sessions {
  readonly sessions: readonly OwnSession[];
  readonly own: string | null;
}

export interface Passkey {
  readonly id: number;
  readonly label: string;
  readonly made_at_ms: number;
  readonly used_at_ms: number | null;
}

/** By what people may come in besides a password. */
export interface Ways {
  readonly passkeys: boolean;
  readonly oidc: string | null;
}
