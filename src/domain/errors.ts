// What can go wrong in a verb, in the product's own words. An HTTP or gRPC status never appears here: each API maps every code in its errors.ts.
import type { Json } from "../lib/json.ts";

export const ERROR_CODES = [
  "invalid_input",
  "malformed_json",
  "payload_too_large",
  "unauthenticated",
  "forbidden",
  "license_required",
  "not_found",
  "conflict",
  "impossible",
  "key_reused",
  "invalid_definition",
  "execution_refused",
  "execution_timeout",
  "queue_full",
  "rate_limited",
  "webhook_disabled",
  "ip_not_allowed",
  "signature_required",
  "signature_invalid",
  "unavailable",
  "internal",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export type FieldProblem = {
  /** Dotted path of the field, e.g. `nodes.n1.config.cron`. */
  field: string;
  message: string;
  code?: string;
  /** What the caller sent there, when it is short and no secret, and what would have been right: for APIs that repeat it. */
  provided?: string | number | boolean | null;
  expected?: string;
};

export class DomainError extends Error {
  override readonly name = "DomainError";
  readonly code: ErrorCode;
  /** The kind of thing it is about (`workflow`, `execution`, `webhook`, …), for `not_found` and `conflict`. */
  readonly subject: string | undefined;
  readonly problems: FieldProblem[];
  readonly details: { [key: string]: Json };
  /** Seconds until a retry makes sense (`rate_limited`, `unavailable`). */
  readonly retryAfterSeconds: number | undefined;
  /** Who was refused, when they had proved who they are: `user:<id>` or `key:<id>`. */
  readonly actor: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    extra: {
      subject?: string;
      problems?: FieldProblem[];
      details?: { [key: string]: Json };
      retryAfterSeconds?: number;
      actor?: string;
    } = {},
  ) {
    super(message);
    this.code = code;
    this.subject = extra.subject;
    this.problems = extra.problems ?? [];
    this.details = extra.details ?? {};
    this.retryAfterSeconds = extra.retryAfterSeconds;
    this.actor = extra.actor;
  }
}

export const notFound = (subject: string): DomainError =>
  new DomainError("not_found", `${subject[0]!.toUpperCase()}${subject.slice(1)} not found`, { subject });

/** `told`: what was sent and what would have been right, for APIs that repeat it. */
export const invalid = (
  field: string,
  message: string,
  told: Pick<FieldProblem, "provided" | "expected"> = {},
): DomainError => new DomainError("invalid_input", `${field}: ${message}`, { problems: [{ field, message, ...told }] });
