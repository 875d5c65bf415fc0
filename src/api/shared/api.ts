// What every API is made of, so that app.ts can mount it: routes and a way to say that something went wrong.
import type { Hono, Context as HonoContext } from "hono";
import type { Context } from "../../domain/context.ts";
import type { DomainError } from "../../domain/errors.ts";
import type { Ports } from "../../domain/ports.ts";
import type { Configuration, Env } from "../../env.ts";

export type AppEnv = {
  Bindings: Env;
  Variables: {
    requestId: string;
    configuration: Configuration;
    ports: Ports;
    /** CF-Connecting-IP; nothing else is believed. */
    clientAddress: string | undefined;
    /** Who asks. Set by `authenticate`; reading it on a public route is a bug. */
    context: Context;
  };
};

export type ApiContext = HonoContext<AppEnv>;

export type Api = {
  name: "marketing" | "enhanced" | "stream" | "core" | "flow" | "login";
  /** Paths that are this API's; the longest that fits decides who answers an error. */
  prefixes: readonly string[];
  /** Routes with their full paths, without a trailing slash. */
  routes: Hono<AppEnv>;
  /** A DomainError in the shape and with the status that this API's document gives it. `status` wins over the code's own. */
  writeError: (c: ApiContext, error: DomainError, status?: 405) => Response;
};
