// The middleware that turns x-user-id and what vouches for it into a Context. Who is believed gets decided in domain/identity.
import { createMiddleware } from "hono/factory";
import { DomainError } from "../../domain/errors.ts";
import { resolveFlowUser } from "../../domain/identity/resolve-flow-user.ts";
import type { AppEnv } from "../shared/api.ts";

/** Sets `c.var.context`, or throws `unauthenticated`, or `forbidden` for a token of another user than the header names. */
export const identified = createMiddleware<AppEnv>(async (c, next) => {
  const { ports, configuration, requestId, clientAddress } = c.var;
  const { jwt, flow } = configuration;
  const { principal, isAnother } = await resolveFlowUser(
    ports,
    {
      userId: c.req.header("x-user-id"),
      gatewaySecret: c.req.header("x-gateway-secret"),
      authorization: c.req.header("authorization"),
      organizationId: c.req.header("x-organization-id"),
      requestId,
    },
    { jwt, trustsEverybody: flow.trustUserHeader, gatewaySecret: flow.gatewaySecret },
  );
  c.set("context", { principal, ports, requestId, clientAddress });
  if (isAnother) throw new DomainError("forbidden", "These credentials are not those of the user that x-user-id names");
  await next();
});
