// What each part of this API makes its routes with: api/shared/operation.ts with this API's callers, limits and errors.
import { createMiddleware } from "hono/factory";
import { matchedRoutes } from "hono/route";
import { networkOf } from "../../domain/identity/network.ts";
import type { ApiContext, AppEnv } from "../shared/api.ts";
import { authenticate } from "../shared/authenticate.ts";
import { type Around, operations } from "../shared/operation.ts";
import { countRequest } from "../shared/rate-limit.ts";
import { answerIfChanged } from "./if-changed.ts";
import { answerOnce } from "./once.ts";
import { errorAnswer } from "./schema.ts";

export const BASE = "/api/v2";
const REQUESTS_A_MINUTE = 1000;

/** Statuses that any operation for identified callers may answer. */
export const ALWAYS = [400, 401, 403, 429, 500, 503] as const;

const withoutOrganization = authenticate({ organization: "optional" });
const withOrganization = authenticate({ organization: "required" });

export const countUnknown = (c: ApiContext): Promise<void> =>
  countRequest(c, `enhanced:address:${networkOf(c.var.clientAddress)}`, REQUESTS_A_MINUTE, 60_000);

/** By the organisation and the endpoint as it is registered: ids and invented methods open no window of their own. */
export const countKnown = (c: ApiContext): Promise<void> => {
  const { method, path } = matchedRoutes(c)[c.req.routeIndex]!;
  const { organizationId } = c.var.context.principal;
  return countRequest(c, `enhanced:${organizationId}:${method} ${path}`, REQUESTS_A_MINUTE, 60_000);
};

/** Every answer tells a limit: the organisation's on the endpoint, or for who could not prove to be in one, the network's. */
export const authenticated = createMiddleware<AppEnv>(async (c, next) => {
  const authenticateHere = c.req.path.replace(/\/$/, "") === `${BASE}/me` ? withoutOrganization : withOrganization;
  try {
    await authenticateHere(c, async () => {});
  } catch (error) {
    await countUnknown(c);
    throw error;
  }
  await countKnown(c);
  await next();
});

const around: Around = async (c, operation, body, answer) => {
  const { method, streams, isRead, isIdempotent } = operation;
  if (operation.public) return answer();
  if (method === "get") return streams ? answer() : answerIfChanged(c, answer);
  return isRead || isIdempotent ? answer() : answerOnce(c, body, answer);
};

export const enhancedOperations = () => operations(errorAnswer, authenticated, around);
