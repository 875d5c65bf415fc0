// Whether a delivery was signed by someone who holds the webhook's secret, for the senders whose schemes we know. Pure: bytes, headers, secret and
// time in, a verdict out. Where the request comes from and what happens to it is judge.ts.
import { createHmac } from "node:crypto";
import { sameText } from "../../lib/constant-time.ts";
import { randomToken } from "../../lib/ids.ts";

export const SIGNATURE_SCHEMES = ["signalbox", "github", "stripe", "standard-webhooks", "shopify", "slack"] as const;
export type SignatureScheme = (typeof SIGNATURE_SCHEMES)[number];

/** What an endpoint of the enhanced API takes: Standard Webhooks, or the hex of the body alone. */
export const ENDPOINT_SCHEME = "standard";
export type AnyScheme = SignatureScheme | typeof ENDPOINT_SCHEME;

export const isSignatureScheme = (value: string): value is AnyScheme =>
  value === ENDPOINT_SCHEME || (SIGNATURE_SCHEMES as readonly string[]).includes(value);

/** Where a scheme signs a timestamp, one further away than this (either way) is refused. */
const TIMESTAMP_TOLERANCE_SECONDS = 300;

export type SignedRequest = {
  bodyBytes: Uint8Array;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** The webhook's token; part of what `signalbox` signs. */
  token: string;
  secret: string;
  /** Epoch ms. */
  now: number;
};

export type SignatureVerdict = "valid" | "missing" | "invalid" | "stale";

type Parts = readonly (string | Uint8Array)[];

const hmac = (key: string | Uint8Array, parts: Parts): Uint8Array => {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(part);
  return mac.digest();
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

const isFresh = (timestamp: string, now: number): boolean =>
  /^\d{1,12}$/.test(timestamp) && Math.abs(now / 1000 - Number(timestamp)) <= TIMESTAMP_TOLERANCE_SECONDS;

/** Any of the given signatures; all are compared, so that the time does not tell which was right. */
const anyMatches = (given: string[], expected: string): boolean =>
  given.reduce((found, signature) => sameText(signature, expected) || found, false);

const judge = (given: string[], expected: string): SignatureVerdict =>
  anyMatches(given, expected) ? "valid" : "invalid";

/** `X-Webhook-Signature: sha256=` hex of token and body, as the core API documents. */
const signalbox = ({ headers, token, bodyBytes, secret }: SignedRequest): SignatureVerdict => {
  const given = headers["x-webhook-signature"];
  return given ? judge([given], `sha256=${hex(hmac(secret, [token, bodyBytes]))}`) : "missing";
};

const github = ({ headers, bodyBytes, secret }: SignedRequest): SignatureVerdict => {
  const given = headers["x-hub-signature-256"];
  return given ? judge([given], `sha256=${hex(hmac(secret, [bodyBytes]))}`) : "missing";
};

const shopify = ({ headers, bodyBytes, secret }: SignedRequest): SignatureVerdict => {
  const given = headers["x-shopify-hmac-sha256"];
  return given ? judge([given], base64(hmac(secret, [bodyBytes]))) : "missing";
};

const slack = ({ headers, bodyBytes, secret, now }: SignedRequest): SignatureVerdict => {
  const given = headers["x-slack-signature"];
  const timestamp = headers["x-slack-request-timestamp"];
  if (!given || !timestamp) return "missing";
  if (!isFresh(timestamp, now)) return "stale";
  return judge([given], `v0=${hex(hmac(secret, [`v0:${timestamp}:`, bodyBytes]))}`);
};

/** `Stripe-Signature: t=…,v1=…[,v1=…]`: several while a secret is being rolled. */
const stripe = ({ headers, bodyBytes, secret, now }: SignedRequest): SignatureVerdict => {
  const header = headers["stripe-signature"];
  if (!header) return "missing";
  const pairs = header.split(",").map((part) => part.trim().split("=", 2));
  const timestamp = pairs.find(([name]) => name === "t")?.[1] ?? "";
  const given = pairs.flatMap(([name, value]) => (name === "v1" && value ? [value] : []));
  if (given.length === 0 || timestamp === "") return "invalid";
  if (!isFresh(timestamp, now)) return "stale";
  return judge(given, hex(hmac(secret, [`${timestamp}.`, bodyBytes])));
};

/** `webhook-signature: v1,…[ v1,…]` over id, timestamp and body; the key is the base64 after `whsec_`. */
const standardWebhooks = ({ headers, bodyBytes, secret, now }: SignedRequest): SignatureVerdict => {
  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  const header = headers["webhook-signature"];
  if (!id || !timestamp || !header) return "missing";
  if (!isFresh(timestamp, now)) return "stale";
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const given = header.split(" ").flatMap((part) => (part.startsWith("v1,") ? [part.slice(3)] : []));
  return judge(given, base64(hmac(key, [`${id}.${timestamp}.`, bodyBytes])));
};

/** `X-Webhook-Signature: sha256=` hex of the body, keyed with the secret as it is written. */
const hexOfBody = ({ headers, bodyBytes, secret }: SignedRequest): SignatureVerdict => {
  const given = headers["x-webhook-signature"];
  if (!given) return "missing";
  return judge([given.trim().toLowerCase()], `sha256=${hex(hmac(secret, [bodyBytes]))}`);
};

const SCHEMES: Record<AnyScheme, (request: SignedRequest) => SignatureVerdict> = {
  [ENDPOINT_SCHEME]: (request) =>
    request.headers["webhook-signature"] === undefined ? hexOfBody(request) : standardWebhooks(request),
  signalbox,
  github,
  stripe,
  "standard-webhooks": standardWebhooks,
  shopify,
  slack,
};

export const checkSignature = (scheme: AnyScheme, request: SignedRequest): SignatureVerdict => SCHEMES[scheme](request);

/** By any of the secrets that are good now. All are tried, so that the time does not tell which was right. */
export const checkSignatures = (
  scheme: AnyScheme,
  request: Omit<SignedRequest, "secret">,
  secrets: readonly string[],
): SignatureVerdict => {
  const verdicts = secrets.map((secret) => checkSignature(scheme, { ...request, secret }));
  return verdicts.find((verdict) => verdict === "valid") ?? verdicts[0] ?? "invalid";
};

/** Why a text cannot be this scheme's secret, or undefined. */
export const secretFault = (scheme: SignatureScheme, secret: string): string | undefined => {
  if (scheme !== "standard-webhooks") return secret.length < 16 ? "must have at least 16 characters" : undefined;
  const key = secret.replace(/^whsec_/, "");
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(key) && Buffer.from(key, "base64").length >= 16;
  return isBase64 ? undefined : "must be base64 of at least 16 bytes, with or without `whsec_` in front";
};

/** A new secret of 256 bits in the form that the scheme's senders take. */
export const newSecret = (scheme: AnyScheme): string => {
  const secret = randomToken();
  return scheme === "standard-webhooks" || scheme === ENDPOINT_SCHEME
    ? `whsec_${base64(Buffer.from(secret, "base64url"))}`
    : secret;
};
