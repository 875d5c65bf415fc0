// For verbs that know a repeated request by themselves, by the ids that follow from its key: that it is the same request, and not another one that
// would be answered with what it never asked for. The key is the organisation's, as those ids are.
import { claimRequest, type IdempotentRow, releaseRequest } from "../../db/queries/idempotent-requests.ts";
import { DAY_MS } from "../../lib/durations.ts";
import { sha256Hex } from "../../lib/hmac.ts";
import { canonicalJson, type Json } from "../../lib/json.ts";
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";

/** `of`: what has keys of its own, such as one workflow's executions. `asked`: what makes two requests the same. */
export type KeyedRequest = { of: readonly string[]; key: string | undefined; asked: object };

export const keyReused = (): DomainError =>
  new DomainError("key_reused", "The Idempotency-Key was used for another request", {
    problems: [{ field: "Idempotency-Key", message: "was used for another request" }],
  });

/** Carries it out, the first time and again. Throws `key_reused`. One round trip, and none without a key. */
export const sameRequest = async <T>(
  { principal, ports: { db, now }, requestId }: Context,
  { of, key: given, asked }: KeyedRequest,
  deed: () => Promise<T>,
): Promise<T> => {
  if (given === undefined) return deed();
  const { organizationId } = principal;
  const [key, fingerprint] = await Promise.all([
    sha256Hex(JSON.stringify([...of, given])),
    sha256Hex(canonicalJson(asked as Json)),
  ]);
  const at = now();
  const claim = claimRequest(db, { organizationId, key, fingerprint, requestId, at }, at - DAY_MS);
  const row = (await db.batch<IdempotentRow>(claim))[1]!.results[0]!;
  if (row.fingerprint !== fingerprint) throw keyReused();
  try {
    return await deed();
  } catch (error) {
    const isRefused = error instanceof DomainError && error.code !== "internal" && error.code !== "unavailable";
    // What was refused leaves its key free.
    if (isRefused && row.requestId === requestId) await releaseRequest(db, { organizationId, key, requestId }).run();
    throw error;
  }
};
