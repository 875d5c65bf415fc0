// Every ErrorCode in the words of this API's document.
import type { DomainError, ErrorCode, FieldProblem } from "../../domain/errors.ts";
import type { Api } from "../shared/api.ts";

type Answer = { status: 400 | 401 | 402 | 403 | 404 | 409 | 413 | 422 | 429 | 500 | 503 | 504; code: string };

const ANSWERS: Record<ErrorCode, Answer> = {
  invalid_input: { status: 400, code: "VALIDATION_ERROR" },
  malformed_json: { status: 400, code: "INVALID_JSON" },
  payload_too_large: { status: 413, code: "PAYLOAD_TOO_LARGE" },
  unauthenticated: { status: 401, code: "UNAUTHORIZED" },
  forbidden: { status: 403, code: "INSUFFICIENT_PERMISSIONS" },
  license_required: { status: 402, code: "LICENSE_REQUIRED" },
  not_found: { status: 404, code: "NOT_FOUND" },
  conflict: { status: 409, code: "CONFLICT" },
  impossible: { status: 422, code: "UNPROCESSABLE" },
  key_reused: { status: 422, code: "UNPROCESSABLE" },
  invalid_definition: { status: 400, code: "INVALID_WORKFLOW_DATA" },
  execution_refused: { status: 409, code: "EXECUTION_FAILED" },
  execution_timeout: { status: 504, code: "EXECUTION_TIMEOUT" },
  queue_full: { status: 429, code: "QUEUE_FULL" },
  rate_limited: { status: 429, code: "RATE_LIMIT_EXCEEDED" },
  webhook_disabled: { status: 403, code: "WEBHOOK_INVALID" },
  ip_not_allowed: { status: 403, code: "WEBHOOK_INVALID" },
  signature_required: { status: 401, code: "WEBHOOK_INVALID" },
  signature_invalid: { status: 401, code: "WEBHOOK_INVALID" },
  unavailable: { status: 503, code: "SERVICE_UNAVAILABLE" },
  internal: { status: 500, code: "INTERNAL_ERROR" },
};

/** What is missing, where the document has a word for it. */
const MISSING: Record<string, string> = { workflow: "WORKFLOW_NOT_FOUND", template: "TEMPLATE_NOT_FOUND" };

const codeOf = (error: DomainError): string => {
  if (error.code === "not_found" && error.subject && MISSING[error.subject]) return MISSING[error.subject]!;
  return ANSWERS[error.code].code;
};

const toValidation = (problem: FieldProblem, error: DomainError) => {
  const { field, message, code = error.code } = problem;
  return { field, message, code };
};

export const writeError: Api["writeError"] = (c, error, status) =>
  c.json(
    {
      error: {
        code: status === 405 ? "METHOD_NOT_ALLOWED" : codeOf(error),
        message: error.message,
        ...(Object.keys(error.details).length > 0 ? { details: error.details } : {}),
        timestamp: new Date().toISOString(),
        requestId: c.var.requestId,
      },
      ...(error.problems.length > 0 ? { validation: error.problems.map((one) => toValidation(one, error)) } : {}),
    },
    status ?? ANSWERS[error.code].status,
  );
