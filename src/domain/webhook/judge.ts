// What becomes of one call to a webhook, decided from its settings, its window and the raw bytes, in this order: enabled, address, origin
// (of whoever calls), signature, JSON, rate. A refused call is not counted in the window, so that somebody without the secret cannot use it up.
// Pure; the `Webhook` object keeps the window and stores what is accepted.
import { inRange } from "../../lib/ip-address.ts";
import { isJsonObject, type Json, type JsonObject, own } from "../../lib/json.ts";
import { parseJson } from "../../lib/parse-json.ts";
import type { ErrorCode } from "../errors.ts";
import { MAX_EVENT_BYTES } from "../event.ts";
import type { RateLimit, WebhookCaller, WebhookRequest, WebhookSettings } from "../ports.ts";
import { deliveryId } from "./delivery-id.ts";
import { originAllowed } from "./origin-allowed.ts";
import { checkSignatures, isSignatureScheme } from "./signature.ts";
import { slideWindow, type WindowState } from "./sliding-window.ts";
import type { RefusalReason } from "./tally.ts";

export type Refusal = {
  kind: "refuse";
  reason: RefusalReason;
  code: ErrorCode;
  message: string;
  rateLimit?: RateLimit;
};

/** A call of somebody who may call, with what they sent. */
export type Admission = { kind: "admit"; payload: Json } | { kind: "challenge"; challenge: string } | Refusal;

const refuse = (reason: RefusalReason, code: ErrorCode, message: string): Refusal => ({
  kind: "refuse",
  reason,
  code,
  message,
});

const addressAllowed = (allowlist: string[], address: string | undefined): boolean =>
  allowlist.length === 0 || (address !== undefined && allowlist.some((range) => inRange(address, range)));

const SIGNATURE_REFUSALS = {
  missing: refuse("signature_missing", "signature_required", "Webhook signature required but missing"),
  stale: refuse("signature_stale", "signature_invalid", "Webhook timestamp is too far from now"),
  invalid: refuse("signature_invalid", "signature_invalid", "Webhook signature verification failed"),
} as const;

const schemeOf = ({ signatureScheme }: WebhookSettings) =>
  isSignatureScheme(signatureScheme) ? signatureScheme : "signalbox";

/** Enabled, address, origin. They may not have called yet, as when their browser asks first. */
export const refuseCaller = (settings: WebhookSettings, caller: WebhookCaller): Refusal | undefined => {
  if (!settings.enabled) return refuse("disabled", "webhook_disabled", "Webhook is disabled");
  if (!settings.workflowActive)
    return refuse("workflow_not_active", "webhook_disabled", "The webhook's workflow is not active");
  if (!addressAllowed(settings.ipAllowlist, caller.clientAddress))
    return refuse("address_not_allowed", "ip_not_allowed", "Client IP not in allowlist");
  if (!originAllowed(settings.allowedOrigins ?? [], caller.origin))
    return refuse("origin_not_allowed", "ip_not_allowed", "Origin not in the allowed origins");
  return undefined;
};

/** Signature and JSON, of a caller who was not refused. `secrets` are the opened ones; `token` the one in the caller's URL. */
export const admitCall = (
  settings: WebhookSettings,
  secrets: readonly string[],
  token: string,
  request: WebhookRequest,
): Admission => {
  const scheme = schemeOf(settings);
  if (settings.requireSignature) {
    const verdict = checkSignatures(scheme, { ...request, token }, secrets);
    if (verdict !== "valid") return SIGNATURE_REFUSALS[verdict];
  }

  const parsed = parseJson(request.bodyBytes);
  if (!parsed.ok) return refuse("malformed", "malformed_json", `Request body ${parsed.error.message}`);
  if (!isKeepable(request.bodyBytes, parsed.value)) {
    const message = `The payload is larger than ${MAX_EVENT_BYTES} bytes once its numbers are written out`;
    return refuse("too_large", "payload_too_large", message);
  }
  const challenge = scheme === "slack" ? challengeOf(parsed.value) : undefined;
  return challenge === undefined ? { kind: "admit", payload: parsed.value } : { kind: "challenge", challenge };
};

/** The call's place in the window, or a refusal. */
export const countCall = (
  settings: WebhookSettings,
  window: WindowState,
  now: number,
): { kind: "counted"; window: WindowState; rateLimit: RateLimit } | Refusal => {
  const limit = { max: settings.rateLimitMax, windowSeconds: settings.rateLimitWindowSeconds };
  const slid = slideWindow(window, limit, now);
  const rateLimit: RateLimit = {
    limit: settings.rateLimitMax,
    remaining: slid.remaining,
    resetAt: Math.ceil(slid.resetAtMs / 1000),
  };
  if (slid.allowed) return { kind: "counted", window: slid.state, rateLimit };
  return { ...refuse("rate_limited", "rate_limited", "Rate limit exceeded"), rateLimit };
};

/** How the window stands, for a call that does not count in it. */
export const windowOf = (settings: WebhookSettings, window: WindowState, now: number): RateLimit => {
  const counted = countCall(settings, window, now);
  if (counted.kind === "refuse") return counted.rateLimit!;
  return { ...counted.rateLimit, remaining: counted.rateLimit.remaining + 1 };
};

/** What the event of a payload says, and the sender's id of it. */
export const contentOfCall = (
  settings: WebhookSettings,
  { headers }: WebhookRequest,
  payload: Json,
  made: Json = payload,
): { data: JsonObject; dedupeKey: string | undefined } => ({
  data: isJsonObject(made) ? made : { body: made },
  dedupeKey: deliveryId(schemeOf(settings), headers, payload),
});

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
