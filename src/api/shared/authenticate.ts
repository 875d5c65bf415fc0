// The middleware that turns credentials into a Context. Who somebody is gets decided in domain/identity; this only knows headers.
import { createMiddleware } from "hono/factory";
import { resolvePrincipal } from "../../domain/identity/resolve-principal.ts";
import type { AppEnv } from "./api.ts";

/**
 * Sets `c.var.context`, or throws `unauthenticated`, `forbidden`, or `invalid_input` when `organization` is "required" and no
 * X-Organization-ID came. One D1 read, plus the making of the caller's own organisation at first use.
 */
export const authenticate = (options: { organization: "required" | "optional" }) =>
  createMiddleware<AppEnv>(async (c, next) => {
    const { ports, configuration, requestId, clientAddress } = c.var;
    const principal = await resolvePrincipal(
      ports,
      {
        authorization: c.req.header("authorization"),
        organizationId: c.req.header("x-organization-id"),
        organizationRequired: options.organization === "required",
        requestId,
      },
      configuration.jwt,
    );
    c.set("context", { principal, ports, requestId, clientAddress });
    await next();
  });
