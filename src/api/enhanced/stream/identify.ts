// Who opens a stream: by the headers of this API, or by a ticket, since a browser's EventSource can send none.
import { createMiddleware } from "hono/factory";
import { redeemTicket } from "../../../domain/feed/tickets.ts";
import type { AppEnv } from "../../shared/api.ts";
import { authenticated, countKnown, countUnknown } from "../operations.ts";

/** Sets `c.var.context`, or throws as `authenticated` does; a ticket that is not good throws `unauthenticated`. */
export const identifyListener = createMiddleware<AppEnv>(async (c, next) => {
  const ticket = c.req.query("ticket");
  if (!ticket) return authenticated(c, next);
  const { ports, requestId, clientAddress } = c.var;
  try {
    const principal = await redeemTicket(ports, ticket, c.req.param("id")!);
    c.set("context", { principal, ports, requestId, clientAddress });
  } catch (error) {
    await countUnknown(c);
    throw error;
  }
  await countKnown(c);
  await next();
});
