// Every ErrorCode in the words of this API's document.
import type { DomainError, ErrorCode } from "../../domain/errors.ts";
import type { Json } from "../../lib/json.ts";
import type { Api } from "../shared/api.ts";
import { graphFieldOf } from "./convert.ts";

type Answer = { status: 400 | 401 | 402 | 403 | 404 | 409 | 413 | 429 | 500 | 503 | 504; code: string };

const ANSWERS: Record<ErrorCode, Answer> = {
  invalid_input: { status: 400, code: "BAD_REQUEST" },
  malformed_json: { status: 400, code: "INVALID_JSON" },
  payload_too_large: { status: 413, code: "PAYLOAD_TOO_LARGE" },
  unauthenticated: { status: 401, code: "UNAUTHORIZED" },
  forbidden: { status: 403, code: "FORBIDDEN" },
  license_required: { status: 402, code: "PAYMENT_REQUIRED" },
  not_found: { status: 404, code: "NOT_FOUND" },
  conflict: { status: 409, code: "CONFLICT" },
  impossible: { status: 400, code: "BAD_REQUEST" },
  key_reused: { status: 409, code: "CONFLICT" },
  invalid_definition: { status: 400, code: "BAD_REQUEST" },
  execution_refused: { status: 400, code: "EXECUTION_ERROR" },
  execution_timeout: { status: 504, code: "EXECUTION_TIMEOUT" },
  queue_full: { status: 429, code: "RATE_LIMIT_EXCEEDED" },
  rate_limited: { status: 429, code: "RATE_LIMIT_EXCEEDED" },
  webhook_disabled: { status: 403, code: "WEBHOOK_DISABLED" },
  ip_not_allowed: { status: 403, code: "IP_NOT_ALLOWED" },
  signature_required: { status: 403, code: "SIGNATURE_REQUIRED" },
  signature_invalid: { status: 403, code: "SIGNATURE_INVALID" },
  unavailable: { status: 503, code: "SERVICE_UNAVAILABLE" },
  internal: { status: 500, code: "INTERNAL_ERROR" },
};

/** Where the document has a word of its own for what is missing or not permitted. */
const MISSING: Record<string, string> = { workflow: "WORKFLOW_NOT_FOUND", webhook: "WEBHOOK_NOT_FOUND" };
const codeOf = ({ code, subject }: DomainError): string => {
  if (code === "not_found" && subject && MISSING[subject]) return MISSING[subject];
  if (code === "forbidden" && subject === "workflow") return "PERMISSION_DENIED";
  return ANSWERS[code].code;
};

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Findings name places of a definition; any other problem names a field as the client wrote it, or a list by our word for it. */
const fieldOf = (of: ErrorCode, path: string, code?: string): string =>
  of === "invalid_definition" || of === "execution_refused"
    ? graphFieldOf(path, code)
    : path.replace(/^ipAllowlist\b/, "ip_allowlist");

/** A graph may have thousands of faults; nobody reads more of them. */
const MAX_ERRORS = 100;

/** `field` is the first one, `errors` are all, each with its path as the client wrote it. */
const detailsOf = (error: DomainError): { [key: string]: Json } => {
  const errors = error.problems.slice(0, MAX_ERRORS).map(({ field, message, code }) => ({
    field: fieldOf(error.code, field, code),
    message,
    ...(code === undefined ? {} : { code }),
  }));
  return {
    ...Object.fromEntries(Object.entries(error.details).map(([name, value]) => [snake(name), value])),
    ...(errors[0] && { field: errors[0].field, errors }),
  };
};

/** A message that begins with its field says it in the client's word. */
const messageOf = ({ code, message, problems }: DomainError): string => {
  const [first] = problems;
  return first && message === `${first.field}: ${first.message}`
    ? `${fieldOf(code, first.field, first.code)}: ${first.message}`
    : message;
};

export const writeError: Api["writeError"] = (c, error, status) =>
  c.json(
    {
      success: false,
      error: {
        code: status === 405 ? "METHOD_NOT_ALLOWED" : codeOf(error),
        message: messageOf(error),
        details: detailsOf(error),
        request_id: c.var.requestId,
      },
    },
    status ?? ANSWERS[error.code].status,
  );
