// Providers' callbacks: a line a route. What they say is read where their fields are known (channels); here are only bytes and answers. Each has a
// URL for the channels of the operator's variables (and whoever's the sender is) and one for each channel that an organisation has set up.
import { Hono } from "hono";
import { DomainError, invalid } from "../../domain/errors.ts";
import type { NamedChannel } from "../../domain/ports.ts";
import type { ApiContext, AppEnv } from "../shared/api.ts";
import { readBytes } from "../shared/read-body.ts";

/** An empty answer in TwiML: there is nothing to say at once. */
const SILENCE = `<?xml version="1.0" encoding="UTF-8"?>
<Response></Response>`;
/** Twilio's longest text has 4,096 characters, each of nine bytes at most in a form. */
const TWILIO_BYTES = 256 * 1024;
/** Meta's webhooks reach 3 MB. */
const META_BYTES = 3 * 1024 * 1024;
const NAMED = "/:organizationId/:channelId";

const namedIn = (c: ApiContext): NamedChannel | undefined => {
  const { organizationId, channelId } = c.req.param() as Partial<NamedChannel>;
  return organizationId !== undefined && channelId !== undefined ? { organizationId, channelId } : undefined;
};

const take = async (c: ApiContext, provider: "twilio" | "whatsapp_cloud", limit: number): Promise<number> => {
  const { method, url, headers } = c.req.raw;
  const callback = { method, url, headers, body: await readBytes(c, limit) };
  return c.var.ports.callbacks.receive(provider, callback, namedIn(c));
};

const takeTwilio = async (c: ApiContext): Promise<void> => {
  if ((await take(c, "twilio", TWILIO_BYTES)) === 0)
    throw invalid("body", "tells of no message that we know how to read");
};

const inbound = async (c: ApiContext) => {
  await takeTwilio(c);
  return c.body(SILENCE, 200, { "Content-Type": "text/xml; charset=utf-8" });
};

const status = async (c: ApiContext) => {
  await takeTwilio(c);
  return c.json({ status: "received" });
};

/** Meta sends much that tells of no message; it would send it again. */
const hub = async (c: ApiContext) => {
  await take(c, "whatsapp_cloud", META_BYTES);
  return c.json({ status: "received" });
};

const subscription = async (c: ApiContext) => {
  const challenge = await c.var.ports.callbacks.challenge("whatsapp_cloud", c.req.url, namedIn(c));
  if (challenge === undefined) throw new DomainError("forbidden", "The verify token is missing or wrong");
  return c.text(challenge);
};

export const routes = new Hono<AppEnv>()
  .post("/webhooks/inbound", inbound)
  .post(`/webhooks/inbound${NAMED}`, inbound)
  .post("/webhooks/status", status)
  .post(`/webhooks/status${NAMED}`, status)
  .get("/webhooks/whatsapp", subscription)
  .get(`/webhooks/whatsapp${NAMED}`, subscription)
  .post("/webhooks/whatsapp", hub)
  .post(`/webhooks/whatsapp${NAMED}`, hub);
