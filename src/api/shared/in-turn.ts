// What an organisation lets us compute in the isolate that answers everybody: one thing after the other, so that others' requests come in between.
import { DomainError } from "../../domain/errors.ts";
import { Turnstile } from "../../lib/turnstile.ts";
import { Turnstiles } from "../../lib/turnstiles.ts";
import type { ApiContext } from "./api.ts";

/** Longer than anything takes that is tried out, with the requests that it may send, in ms. */
const LONGEST_MS = 90_000;
const PATIENCE_MS = 30_000;

const turnstiles = new Turnstiles(() => new Turnstile(Date.now, 1, LONGEST_MS));

/** Throws `rate_limited` when the organisation's others take too long. */
export const inTurn = async <T>(c: ApiContext, compute: () => Promise<T>): Promise<T> => {
  const { organizationId } = c.var.context.principal;
  const turn = turnstiles.pass(organizationId, async () => [await compute()] as const, PATIENCE_MS, c.req.raw.signal);
  // Who hangs up in the middle of it ends it as well: otherwise nobody else's turn would come until it is forgotten.
  c.executionCtx.waitUntil(turn.catch(() => undefined));
  const done = await turn;
  if (done) return done[0];
  throw new DomainError("rate_limited", "Too much is being tried out at once; try again in 5 s", {
    retryAfterSeconds: 5,
  });
};
