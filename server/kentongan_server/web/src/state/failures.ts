// What it means for the desk that a request failed.

import { ApiError } from "../api.ts";
import { say } from "../i18n/index.ts";
import { PartMissingError } from "./upgrade.ts";

/** Null where this role may not look: the rest of the desk works all the same. */
export async function allowed<Answer>(request: Promise<Answer>): Promise<Answer | null> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return null;
    throw error;
  }
}

/** Why a request failed, in the operator's language: the centre's own sentences are in English, its codes have words here. */
export function reason(error: unknown): string {
  const { errors } = say();
  if (error instanceof PartMissingError) return errors.partMissing;
  if (!(error instanceof ApiError)) return String(error);
  if (error.status === 0) return errors.unreachable;
  if (error.code === "invalid") return errors.invalid(error.message);
  return say().cases.refusals[error.code] ?? errors.codes[error.code] ?? errors.server(error.status);
}
