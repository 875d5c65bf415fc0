// Who is calling, and how often they may. A credential has its own window; who could not prove to be somebody shares that of their network.
import { createMiddleware } from "hono/factory";
import { DomainError } from "../../domain/errors.ts";
import { networkOf } from "../../domain/identity/network.ts";
import { HOUR_MS } from "../../lib/durations.ts";
import type { AppEnv } from "../shared/api.ts";
import { authenticate } from "../shared/authenticate.ts";
import { countRequest } from "../shared/rate-limit.ts";

const WINDOW_MS = HOUR_MS;
const REQUESTS_OF_AN_ADDRESS = 1_000;
const REQUESTS_OF_A_CREDENTIAL = 10_000;

const identified = authenticate({ organization: "optional" });

/** Sets `c.var.context`. Throws what `authenticate` throws, and `rate_limited`, which wins. */
export const limited = createMiddleware<AppEnv>(async (c, next) => {
  try {
    await identified(c, async () => {});
  } catch (error) {
    // Known, and refused: that is their own affair, not their neighbours'.
    const actor = error instanceof DomainError ? error.actor : undefined;
    if (actor !== undefined) await countRequest(c, `stream:${actor}`, REQUESTS_OF_A_CREDENTIAL, WINDOW_MS);
    else await countRequest(c, `stream:address:${networkOf(c.var.clientAddress)}`, REQUESTS_OF_AN_ADDRESS, WINDOW_MS);
    throw error;
  }
  const { keyId, userId } = c.var.context.principal;
  const credential = keyId === undefined ? `user:${userId}` : `key:${keyId}`;
  await countRequest(c, `stream:${credential}`, REQUESTS_OF_A_CREDENTIAL, WINDOW_MS);
  await next();
});
