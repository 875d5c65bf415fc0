// An outgoing webhook: what it is sent with, its attempts, and when the next one is. Pure.
import { DAY_MS, HOUR_MS } from "../../lib/durations.ts";
import { type EgressAnswer, type EgressFailure, tellFailure } from "../../lib/egress.ts";
import type { Json, JsonObject } from "../../lib/json.ts";
import { parseJson } from "../../lib/parse-json.ts";
import { isSecretHeader } from "../../lib/secret-header.ts";

export const DELIVERY_METHODS = ["GET", "POST", "PUT", "DELETE"] as const;
export type DeliveryMethod = (typeof DELIVERY_METHODS)[number];
export const DELIVERY_STATUSES = ["pending", "delivered", "failed"] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

export const MAX_ATTEMPTS = 10;
export const MAX_BACKOFF_MS = HOUR_MS;
export const MAX_TIMEOUT_MS = 30_000;
export const DEFAULT_TIMEOUT_MS = 10_000;
/** However long a receiver asks us to wait, and however a backoff grows. */
const LONGEST_PAUSE_MS = DAY_MS;
/** A delivery, with its log, is known for so long after its end. */
export const KEPT_MS = 30 * DAY_MS;

export type RetryPolicy = { maxAttempts: number; backoffMs: number; multiplier: number };

/** PERSISTED CONTRACT: kept sealed by the `Delivery` object. */
export type DeliveryRequest = {
  url: string;
  method: DeliveryMethod;
  headers: { [name: string]: string };
  /** Null: no body. */
  body: string | null;
  timeoutMs: number;
  retry: RetryPolicy;
};

export type AttemptError = { code: string; message: string };

/** PERSISTED CONTRACT: deliveries.attempts. Times are epoch ms. */
export type DeliveryAttempt = {
  attempt: number;
  startedAt: number;
  durationMs: number;
  /** Null: nobody answered. */
  responseStatus: number | null;
  /** The beginning of it, as text. */
  responseBody: string;
  error: AttemptError | null;
};

/** PERSISTED CONTRACT: kept by the object; the row has the same. */
export type Delivery = {
  organizationId: string;
  id: string;
  /** As people may see it. */
  url: string;
  method: DeliveryMethod;
  headers: JsonObject;
  /** `webhook-id` and `Idempotency-Key` of all attempts, and of replays. */
  messageId: string;
  replayOf: string | null;
  status: DeliveryStatus;
  attempts: DeliveryAttempt[];
  maxAttempts: number;
  nextAttemptAt: number | null;
  createdBy: string;
  createdAt: number;
  completedAt: number | null;
};

/** What the last attempt was answered, whole: for who waits for it. */
export type DeliveryAnswer = { status: number; body: Json };

const isRetryable = (status: number): boolean => [408, 425, 429].includes(status) || status >= 500;

const LOGGED_CHARACTERS = 1_000;

const textOf = ({ body }: EgressAnswer): string => new TextDecoder().decode(body);

/** JSON that breaks our own laws of what comes from outside stays a text. */
export const bodyOf = (answer: EgressAnswer): Json => {
  const text = textOf(answer);
  if (text === "") return null;
  const isJson = /\bjson\b/i.test(answer.headers.get("content-type") ?? "") || /^\s*[[{]/.test(text);
  const parsed = isJson ? parseJson(answer.body) : undefined;
  return parsed?.ok ? parsed.value : text;
};

const errorOf = (answer: EgressAnswer | EgressFailure, url: string): AttemptError | null => {
  if (!answer.ok) {
    const { code, message } = tellFailure(answer, url);
    return { code, message };
  }
  const { status } = answer;
  return status >= 200 && status < 300 ? null : { code: "HTTP_ERROR", message: `The receiver answered ${status}` };
};

/** `request`: what it was the answer to; receivers like to say it back, and the log is read by more than may see what is masked in it. */
export const attemptOf = (
  started: Pick<DeliveryAttempt, "attempt" | "startedAt">,
  request: Pick<DeliveryRequest, "url" | "headers">,
  answer: EgressAnswer | EgressFailure,
  now: number,
): DeliveryAttempt => ({
  ...started,
  durationMs: Math.max(0, now - started.startedAt),
  responseStatus: answer.ok ? answer.status : null,
  responseBody: answer.ok ? withoutMasked(request, textOf(answer)).slice(0, LOGGED_CHARACTERS) : "",
  error: errorOf(answer, request.url),
});

/** Of one that was on its way when its object died: it may have arrived, and is sent again under the same key. */
export const lostAttempt = (started: Pick<DeliveryAttempt, "attempt" | "startedAt">, now: number): DeliveryAttempt => ({
  ...started,
  durationMs: Math.max(0, now - started.startedAt),
  responseStatus: null,
  responseBody: "",
  error: { code: "OUTCOME_UNKNOWN", message: "The service was interrupted while the request was on its way" },
});

const mayBeRepeated = ({ responseStatus, error }: DeliveryAttempt): boolean =>
  responseStatus === null
    ? error !== null && ["TIMEOUT", "NETWORK_ERROR", "OUTCOME_UNKNOWN"].includes(error.code)
    : isRetryable(responseStatus);

/** RFC 9110: seconds, or a date, which the answer's own Date makes relative. */
export const retryAfterOf = (answer: EgressAnswer | EgressFailure): number => {
  const said = answer.ok ? answer.headers.get("retry-after")?.trim() : undefined;
  if (!said || !answer.ok) return 0;
  if (/^\d+$/.test(said)) return Number(said) * 1000;
  const wait = Date.parse(said) - Date.parse(answer.headers.get("date") ?? "");
  return Number.isNaN(wait) ? 0 : Math.max(0, wait);
};

/** The delivery with one attempt more, and what follows from it. */
export const withAttempt = (
  delivery: Delivery,
  attempt: DeliveryAttempt,
  { backoffMs, multiplier }: RetryPolicy,
  retryAfterMs: number,
  now: number,
): Delivery => {
  const attempts = [...delivery.attempts, attempt];
  const next = { ...delivery, attempts };
  if (attempt.error === null) return { ...next, status: "delivered", nextAttemptAt: null, completedAt: now };
  if (attempts.length >= delivery.maxAttempts || !mayBeRepeated(attempt))
    return { ...next, status: "failed", nextAttemptAt: null, completedAt: now };
  const pause = Math.min(Math.max(backoffMs * multiplier ** (attempts.length - 1), retryAfterMs), LONGEST_PAUSE_MS);
  return { ...next, nextAttemptAt: now + pause };
};

/** A path's long parts and all values of a query may be secrets. */
const MAX_SHOWN_SEGMENT = 16;
const MASK = "***";

export const shownUrl = (text: string): string => {
  const url = new URL(text);
  const path = url.pathname
    .split("/")
    .map((segment) => (segment.length > MAX_SHOWN_SEGMENT ? MASK : segment))
    .join("/");
  const query = [...url.searchParams.keys()].map((name) => `${encodeURIComponent(name)}=${MASK}`).join("&");
  return `${url.origin}${path}${query === "" ? "" : `?${query}`}`;
};

/** Of users' headers only these are surely no secrets. */
const SHOWN_HEADERS: ReadonlySet<string> = new Set(["accept", "content-type", "user-agent", "accept-language"]);

export const shownHeaders = (headers: DeliveryRequest["headers"]): JsonObject =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      SHOWN_HEADERS.has(name.toLowerCase()) && !isSecretHeader(name) ? value : MASK,
    ]),
  );

/** Shorter values would be found in everything. */
const SHORTEST_MASKED = 6;

/**
 * The text without what `shownUrl` and `shownHeaders` mask: each value, and what follows a scheme such as `Bearer`, as it is sent and as JSON and a
 * URL write it.
 */
const withoutMasked = ({ url: text, headers }: Pick<DeliveryRequest, "url" | "headers">, answer: string): string => {
  const url = new URL(text);
  const masked = [
    ...Object.entries(headers).flatMap(([name, value]) =>
      shownHeaders({ [name]: value })[name.toLowerCase()] === MASK ? [value, ...value.split(" ").slice(1)] : [],
    ),
    ...url.searchParams.values(),
    ...url.pathname.split("/").filter((segment) => segment.length > MAX_SHOWN_SEGMENT),
  ];
  const spellings = masked.flatMap((value) => [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]);
  return [...new Set(spellings)]
    .filter((spelling) => spelling.length >= SHORTEST_MASKED)
    .sort((a, b) => b.length - a.length)
    .reduce((clean, spelling) => clean.replaceAll(spelling, MASK), answer);
};
