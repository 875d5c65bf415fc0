// Every ErrorCode in the standard error format of the Event Stream document: its API and its providers' callbacks answer with it.
import type { DomainError, ErrorCode, FieldProblem } from "../../domain/errors.ts";
import type { Api } from "./api.ts";

type Answer = { status: 400 | 401 | 402 | 403 | 404 | 409 | 413 | 422 | 429 | 500 | 503 | 504; error: string };

const ANSWERS: Record<ErrorCode, Answer> = {
  invalid_input: { status: 400, error: "validation_error" },
  malformed_json: { status: 400, error: "validation_error" },
  payload_too_large: { status: 413, error: "payload_too_large" },
  unauthenticated: { status: 401, error: "unauthorized" },
  forbidden: { status: 403, error: "forbidden" },
  license_required: { status: 402, error: "license_required" },
  not_found: { status: 404, error: "not_found" },
  conflict: { status: 409, error: "conflict" },
  impossible: { status: 422, error: "unprocessable_entity" },
  key_reused: { status: 422, error: "unprocessable_entity" },
  invalid_definition: { status: 400, error: "validation_error" },
  execution_refused: { status: 409, error: "conflict" },
  execution_timeout: { status: 504, error: "timeout" },
  queue_full: { status: 429, error: "rate_limit_exceeded" },
  rate_limited: { status: 429, error: "rate_limit_exceeded" },
  webhook_disabled: { status: 403, error: "forbidden" },
  ip_not_allowed: { status: 403, error: "forbidden" },
  signature_required: { status: 403, error: "signature_invalid" },
  signature_invalid: { status: 403, error: "signature_invalid" },
  unavailable: { status: 503, error: "service_unavailable" },
  internal: { status: 500, error: "internal_error" },
};

/** The words of the document where it has some; else the field's own message, which needs no name in front when the answer has it beside. */
const messageOf = ({ code, message, problems: [first] }: DomainError): string => {
  if (code === "rate_limited") return "Too many requests. Please try again later.";
  return first && message === `${first.field}: ${first.message}` ? first.message : message;
};

const toProblem = ({ field, provided, expected }: FieldProblem) => ({
  field,
  ...(provided === undefined ? {} : { provided }),
  ...(expected === undefined ? {} : { expected }),
});

/** Nobody reads more of them. */
const MAX_PROBLEMS = 100;

/** `field` also at the top, as one of the document's examples has it; `details.errors` lists all fields when there is more than one. */
const fieldsOf = ({ problems, details }: DomainError) => {
  const [first] = problems;
  if (!first) return Object.keys(details).length > 0 ? { details } : {};
  const errors = problems.slice(0, MAX_PROBLEMS).map((one) => ({ ...toProblem(one), message: one.message }));
  return { field: first.field, details: { ...details, ...toProblem(first), ...(errors.length > 1 ? { errors } : {}) } };
};

export const writeError: Api["writeError"] = (c, error, status) =>
  c.json(
    {
      error: status === 405 ? "method_not_allowed" : ANSWERS[error.code].error,
      message: messageOf(error),
      ...fieldsOf(error),
      ...(error.retryAfterSeconds === undefined ? {} : { retry_after_seconds: error.retryAfterSeconds }),
      timestamp: new Date().toISOString(),
      request_id: c.var.requestId,
    },
    status ?? ANSWERS[error.code].status,
  );
