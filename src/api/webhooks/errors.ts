// Every ErrorCode in the standard error of the Event Stream document, whose callbacks these are.
import type { ErrorCode } from "../../domain/errors.ts";
import type { Api } from "../shared/api.ts";

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

export const writeError: Api["writeError"] = (c, error, status) =>
  c.json(
    {
      error: status === 405 ? "method_not_allowed" : ANSWERS[error.code].error,
      message: error.message,
      ...(error.problems[0] ? { details: { field: error.problems[0].field } } : {}),
      timestamp: new Date().toISOString(),
      request_id: c.var.requestId,
    },
    status ?? ANSWERS[error.code].status,
  );
