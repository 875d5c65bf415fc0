// What becomes of one call to a webhook, decided from its settings, its window and the raw bytes, in this order: enabled, address, signature, JSON, rate.
// A refused call is not counted in the window, so that somebody without the secret cannot use it up. Pure; the `Webhook` object keeps the window and stores what is accepted.
import { inRange } from "../../lib/ip-address.ts";
import { isJsonObject, type Json, type JsonObject, own } from "../../lib/json.ts";
import { parseJson } from "../../lib/parse-json.ts";
import type { ErrorCode } from "../errors.ts";
import { MAX_EVENT_BYTES } from "../event.ts";
import type { RateLimit, WebhookRequest, WebhookSettings } from "../ports.ts";
import { deliveryId } from "./delivery-id.ts";
import { checkSignature, isSignatureScheme } from "./signature.ts";
import { slideWindow, type WindowState } from "./sliding-window.ts";

export type Judgement =
  | {
      kind: "accept";
      /** The event's data: the payload itself when it is an object, else `{ body: payload }`. */
      data: JsonObject;
      /** The sender's id of this delivery, when it has one: a second call with it starts nothing. */
      dedupeKey: string | undefined;
      window: WindowState;
      rateLimit: RateLimit;
    }
  | { kind: "challenge"; challenge: string }
  | { kind: "refuse"; code: ErrorCode; message: string; rateLimit?: RateLimit };

const refuse = (code: ErrorCode, message: string): Judgement => ({ kind: "refuse", code, message });

const addressAllowed = (allowlist: string[], address: string | undefined): boolean =>
  allowlist.length === 0 || (address !== undefined && allowlist.some((range) => inRange(address, range)));

/** `secret` is the opened one; `token` the one in the caller's URL. */
export const judgeWebhook = (
  settings: WebhookSettings,
  secret: string,
  token: string,
  window: WindowState,
  request: WebhookRequest,
): Judgement => {
  if (!settings.enabled) return refuse("webhook_disabled", "Webhook is disabled");
  if (!settings.workflowActive) return refuse("webhook_disabled", "The webhook's workflow is not active");
  if (!addressAllowed(settings.ipAllowlist, request.clientAddress)) {
    return refuse("ip_not_allowed", "Client IP not in allowlist");
  }

  const scheme = isSignatureScheme(settings.signatureScheme) ? settings.signatureScheme : "signalbox";
  if (settings.requireSignature) {
    const verdict = checkSignature(scheme, { ...request, token, secret });
    if (verdict === "missing") return refuse("signature_required", "Webhook signature required but missing");
    if (verdict === "stale") return refuse("signature_invalid", "Webhook timestamp is too far from now");
    if (verdict === "invalid") return refuse("signature_invalid", "Webhook signature verification failed");
  }

  const parsed = parseJson(request.bodyBytes);
  if (!parsed.ok) return refuse("malformed_json", `Request body ${parsed.error.message}`);
  if (!isKeepable(request.bodyBytes, parsed.value))
    return refuse(
      "payload_too_large",
      `The payload is larger than ${MAX_EVENT_BYTES} bytes once its numbers are written out`,
    );
  const challenge = scheme === "slack" ? challengeOf(parsed.value) : undefined;
  if (challenge !== undefined) return { kind: "challenge", challenge };

  const limit = { max: settings.rateLimitMax, windowSeconds: settings.rateLimitWindowSeconds };
  const slid = slideWindow(window, limit, request.now);
  const rateLimit: RateLimit = {
    limit: settings.rateLimitMax,
    remaining: slid.remaining,
    resetAt: Math.ceil(slid.resetAtMs / 1000),
  };
  if (!slid.allowed) return { kind: "refuse", code: "rate_limited", message: "Rate limit exceeded", rateLimit };

  return {
    kind: "accept",
    data: isJsonObject(parsed.value) ? parsed.value : { body: parsed.value },
    dedupeKey: deliveryId(scheme, request.headers, parsed.value),
    window: slid.state,
    rateLimit,
  };
};

/** JSON that was read may be longer when it is written again: `1e20` becomes 21 digits. Nothing grows more than fivefold. */
const isKeepable = (bytes: Uint8Array, payload: Json): boolean =>
  bytes.byteLength * 5 <= MAX_EVENT_BYTES || Buffer.byteLength(JSON.stringify(payload)) <= MAX_EVENT_BYTES - ROOM;

/** Bytes of an event beside its data, headers included. */
const ROOM = 100_000;

/** Slack asks a new address to say its `challenge` back. */
const challengeOf = (payload: Json): string | undefined => {
  const challenge = own(payload, "challenge");
  return own(payload, "type") === "url_verification" && typeof challenge === "string" ? challenge : undefined;
};
