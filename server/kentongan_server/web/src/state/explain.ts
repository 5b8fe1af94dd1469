// Why a change to the register or to people was refused, in the words of those pages.

import { ApiError } from "../api.ts";
import { sayAccount } from "../i18n/account.ts";
import { reason } from "./failures.ts";

export function explain(error: unknown): string {
  const known = error instanceof ApiError ? sayAccount().faults[error.code] : undefined;
  return known ?? reason(error);
}
