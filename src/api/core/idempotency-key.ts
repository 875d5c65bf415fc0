// The Idempotency-Key header, as far as it is one.
import { invalid } from "../../domain/errors.ts";
import type { ApiContext } from "../shared/api.ts";

/** Nothing when the header is absent. Throws `invalid_input`. */
export const idempotencyKeyOf = (c: ApiContext): { idempotencyKey?: string } => {
  const key = c.req.header("idempotency-key");
  if (key === undefined) return {};
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw invalid("Idempotency-Key", "must be 1 to 255 visible ASCII characters");
  return { idempotencyKey: key };
};
