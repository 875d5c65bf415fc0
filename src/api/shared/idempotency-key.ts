// The Idempotency-Key, as far as it is one: a header here, a field of the message over gRPC.
import { invalid } from "../../domain/errors.ts";
import type { ApiContext } from "./api.ts";

/** Nothing when there is none. Throws `invalid_input` about `field`. */
export const checkIdempotencyKey = (key: string | undefined, field: string): { idempotencyKey?: string } => {
  if (key === undefined) return {};
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw invalid(field, "must be 1 to 255 visible ASCII characters");
  return { idempotencyKey: key };
};

export const idempotencyKeyOf = (c: ApiContext): { idempotencyKey?: string } =>
  checkIdempotencyKey(c.req.header("idempotency-key"), "Idempotency-Key");
