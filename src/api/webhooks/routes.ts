// Providers' callbacks: a line a route. What they say is read where their fields are known (channels); here are only bytes and answers.
import { Hono } from "hono";
import { invalid } from "../../domain/errors.ts";
import type { ApiContext, AppEnv } from "../shared/api.ts";
import { readBytes } from "../shared/read-body.ts";

/** An empty answer in TwiML: there is nothing to say at once. */
const SILENCE = `<?xml version="1.0" encoding="UTF-8"?>
<Response></Response>`;

const take = async (c: ApiContext): Promise<void> => {
  const { method, url, headers } = c.req.raw;
  const facts = await c.var.ports.callbacks.receive("twilio", { method, url, headers, body: await readBytes(c) });
  if (facts === 0) throw invalid("body", "tells of no message that we know how to read");
};

export const routes = new Hono<AppEnv>()
  .post("/webhooks/inbound", async (c) => {
    await take(c);
    return c.body(SILENCE, 200, { "Content-Type": "text/xml; charset=utf-8" });
  })
  .post("/webhooks/status", async (c) => {
    await take(c);
    return c.json({ status: "received" });
  });
