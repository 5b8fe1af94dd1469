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

/** Why a request failed, in the operator's language. */
export function reason(error: unknown): string {
  const { errors } = say();
  if (error instanceof PartMissingError) return errors.partMissing;
  if (!(error instanceof ApiError)) return String(error);
  if (error.status === 0) return errors.unreachable;
  if (error.status === 403) return errors.forbidden;
  if (error.status >= 500) return errors.server(error.status);
  const refused = say().cases.refusals[error.code];
  if (refused) return refused;
  return error.message || errors.server(error.status);
}
