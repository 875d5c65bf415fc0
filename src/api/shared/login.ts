// POST /api/v1/usr/login: name and password for a token. Shared by all APIs; its errors are `{"detail": …}`.
import { Hono } from "hono";
import { z } from "zod";
import type { ErrorCode } from "../../domain/errors.ts";
import { logIn } from "../../domain/identity/log-in.ts";
import type { Api, AppEnv } from "./api.ts";
import { parseBody } from "./parse.ts";

const loginBody = z.strictObject({ username: z.string().min(1).max(200), password: z.string().min(1).max(1024) });

const routes = new Hono<AppEnv>().post("/api/v1/usr/login", async (c) => {
  const { username, password } = await parseBody(c, loginBody, { maxBytes: 16 * 1024 });
  const { ports, configuration, requestId, clientAddress } = c.var;
  const session = await logIn(
    ports,
    { username, password, clientAddress, requestId },
    { rules: configuration.jwt, demoAllowed: configuration.environment === "development" },
  );
  return c.json({
    access_token: session.token,
    token: session.token,
    token_type: "Bearer",
    expires_in: session.expiresInSeconds,
    organization_id: session.organizationId,
    user: { id: session.userId, username: session.username },
  });
});

const STATUS: Partial<Record<ErrorCode, 400 | 401 | 403 | 404 | 413 | 429 | 503>> = {
  invalid_input: 400,
  malformed_json: 400,
  payload_too_large: 413,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  rate_limited: 429,
  unavailable: 503,
};

export const login: Api = {
  name: "login",
  prefixes: ["/api/v1/usr"],
  routes,
  writeError: (c, error, status) => c.json({ detail: error.message }, status ?? STATUS[error.code] ?? 500),
};
