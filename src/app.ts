// The HTTP application: what every request passes through, and which API gets it. Decisions are elsewhere; this is the order of things.
import { Hono } from "hono";
import { cors } from "hono/cors";
import { core } from "./api/core/index.ts";
import { enhanced } from "./api/enhanced/index.ts";
import { flow } from "./api/flow/index.ts";
import { marketing } from "./api/marketing/index.ts";
import { EXPOSED_HEADERS } from "./api/shared/allow-page.ts";
import type { Api, ApiContext, AppEnv } from "./api/shared/api.ts";
import { login } from "./api/shared/login.ts";
import { recordRefusal } from "./api/shared/record-refusal.ts";
import { securityHeaders } from "./api/shared/security-headers.ts";
import { stream } from "./api/stream/index.ts";
import { webhooks } from "./api/webhooks/index.ts";
import { DomainError, notFound } from "./domain/errors.ts";
import { failureOf } from "./domain/failure-of.ts";
import type { Ports } from "./domain/ports.ts";
import { configurationOf, type Env } from "./env.ts";
import { newId } from "./lib/ids.ts";

/** The shells' side of the ports. `execution` is an ExecutionContext or an object's state. */
export type MakePorts = (env: Env, execution: { waitUntil(promise: Promise<unknown>): void }) => Ports;

const APIS: readonly Api[] = [login, marketing, enhanced, stream, core, flow, webhooks];

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** It makes the answer anew, which costs more than all that it says: callers that are no page in a browser do without it. */
const forBrowsers = cors({
  origin: (origin, c: ApiContext) => (c.var.configuration.corsOrigins.includes(origin) ? origin : null),
  allowHeaders: [
    ...["Authorization", "Content-Type", "X-Organization-ID", "X-User-Id", "Idempotency-Key", "If-None-Match"],
    "Last-Event-ID",
  ],
  exposeHeaders: [...EXPOSED_HEADERS, "ETag", "Idempotency-Replayed"],
  maxAge: 600,
});

export const createApp = ({
  makePorts,
  apis = APIS,
}: {
  makePorts: MakePorts;
  apis?: readonly Api[];
}): Hono<AppEnv> => {
  // Not strict: a path with a trailing slash is the path without it.
  const app = new Hono<AppEnv>({ strict: false });

  const owners = apis
    .flatMap((api) => api.prefixes.map((prefix) => ({ prefix, api })))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  const apiOf = (path: string): Api => {
    const owner = owners.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
    return (owner ?? owners.at(-1)!).api;
  };
  const isRouted = (method: string, path: string): boolean => {
    const [handlers] = app.router.match(method, path.replace(/(?<=.)\/$/, ""));
    return handlers.some(([[, route]]) => route.method === method);
  };
  const answer = (c: ApiContext, error: DomainError, status?: 405) => {
    if (error.retryAfterSeconds !== undefined) c.header("Retry-After", String(error.retryAfterSeconds));
    if (error.code === "unauthenticated") c.header("WWW-Authenticate", "Bearer");
    return apiOf(c.req.path).writeError(c, error, status);
  };

  app.use(async (c, next) => {
    c.set("requestId", newId());
    c.set("clientAddress", c.req.header("cf-connecting-ip"));
    await next();
  });
  app.use(securityHeaders);
  app.use(async (c, next) => {
    const configuration = configurationOf(c.env);
    if (!configuration.ok) {
      console.error(configuration.error);
      throw new DomainError("unavailable", "The service is not configured; its log says what is missing");
    }
    c.set("configuration", configuration.value);
    c.set("ports", makePorts(c.env, c.executionCtx));
    await next();
  });
  app.use(async (c, next) => {
    const isOfBrowser = c.req.header("origin") !== undefined || c.req.method === "OPTIONS";
    // A route that answers OPTIONS says itself which pages may call it.
    if (isOfBrowser && !isRouted("OPTIONS", c.req.path)) return forBrowsers(c, next);
    await next();
    c.res.headers.append("Vary", "Origin");
  });

  for (const api of apis) app.route("/", api.routes);

  app.notFound((c) => {
    const allowed = METHODS.filter((method) => isRouted(method, c.req.path));
    if (allowed.length === 0 || allowed.includes(c.req.method)) return answer(c, notFound("route"));
    c.header("Allow", allowed.includes("GET") ? [...allowed, "HEAD"].join(", ") : allowed.join(", "));
    return answer(c, new DomainError("not_found", `${c.req.method} is not allowed here`, { subject: "method" }), 405);
  });

  app.onError(async (error, c) => {
    const failure = failureOf(error);
    if (failure !== error) {
      console.error(JSON.stringify({ message: error.message, requestId: c.var.requestId, stack: error.stack }));
      return answer(c, failure ?? new DomainError("internal", "Internal server error"));
    }
    await recordRefusal(c, failure);
    return answer(c, failure);
  });

  return app;
};
