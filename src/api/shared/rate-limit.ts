// Rate limits of APIs and the three headers that tell of them.
import { DomainError } from "../../domain/errors.ts";
import type { ApiContext } from "./api.ts";

export type RateLimitState = {
  limit: number;
  remaining: number;
  /** Epoch ms. */
  resetAt: number;
};

export const writeRateLimit = (c: ApiContext, state: RateLimitState): void => {
  c.header("X-RateLimit-Limit", String(state.limit));
  c.header("X-RateLimit-Remaining", String(Math.max(0, state.remaining)));
  c.header("X-RateLimit-Reset", String(Math.ceil(state.resetAt / 1000)));
};

/**
 * Counts this request against `key` and writes the headers. Throws `rate_limited`. Fails open: when the window can't be asked, the
 * request goes on and the headers show a whole one.
 */
export const countRequest = async (c: ApiContext, key: string, max: number, windowMs: number): Promise<void> => {
  const { ports } = c.var;
  const answer = await ports.limiter.take(key, max, windowMs).catch((error: unknown) => {
    console.warn(
      JSON.stringify({ message: "rate limit not counted", requestId: c.var.requestId, error: String(error) }),
    );
    return { allowed: true, remaining: max, resetAt: ports.now() + windowMs, retryAfterMs: 0 };
  });
  writeRateLimit(c, { limit: max, remaining: answer.remaining, resetAt: answer.resetAt });
  if (answer.allowed) return;
  const retryAfterSeconds = Math.max(1, Math.ceil(answer.retryAfterMs / 1000));
  throw new DomainError("rate_limited", `Too many requests; try again in ${retryAfterSeconds} s`, {
    retryAfterSeconds,
  });
};
