// Every ErrorCode in this API's answer. Its document names statuses only; the shape is {error, detail}, with the fields or findings where there are
// some.
import type { DomainError, ErrorCode } from "../../domain/errors.ts";
import type { Api } from "../shared/api.ts";

type Answer = { status: 400 | 401 | 402 | 403 | 404 | 409 | 413 | 429 | 500 | 503 | 504; error: string };

const ANSWERS: Record<ErrorCode, Answer> = {
  invalid_input: { status: 400, error: "validation_error" },
  malformed_json: { status: 400, error: "malformed_json" },
  payload_too_large: { status: 413, error: "payload_too_large" },
  unauthenticated: { status: 401, error: "unauthorized" },
  forbidden: { status: 403, error: "forbidden" },
  license_required: { status: 402, error: "license_required" },
  not_found: { status: 404, error: "not_found" },
  conflict: { status: 409, error: "conflict" },
  impossible: { status: 400, error: "invalid_status_transition" },
  key_reused: { status: 409, error: "conflict" },
  invalid_definition: { status: 400, error: "invalid_flow" },
  execution_refused: { status: 409, error: "conflict" },
  execution_timeout: { status: 504, error: "timeout" },
  queue_full: { status: 429, error: "rate_limited" },
  rate_limited: { status: 429, error: "rate_limited" },
  webhook_disabled: { status: 403, error: "forbidden" },
  ip_not_allowed: { status: 403, error: "forbidden" },
  signature_required: { status: 403, error: "forbidden" },
  signature_invalid: { status: 403, error: "forbidden" },
  unavailable: { status: 503, error: "service_unavailable" },
  internal: { status: 500, error: "internal_error" },
};

/** A flow may have thousands of faults; nobody reads more of them. */
const MAX_ERRORS = 100;

/** What is compiled of a flow is no concern of its author: a limit of that is one of the flow's nodes. */
const fieldOf = (field: string): string => (field === "nodes" || field === "edges" ? "flowNodes" : field);

/** `field` is the first wrong one, `errors` are all of them; `findings` are what publishing found instead, with nodes and offers. */
const detailsOf = ({ problems, details }: DomainError) => {
  const findings = Array.isArray(details.findings) ? { findings: details.findings.slice(0, MAX_ERRORS) } : {};
  const errors = problems
    .slice(0, MAX_ERRORS)
    .map(({ field, message, code }) => ({ field: fieldOf(field), message, ...(code === undefined ? {} : { code }) }));
  return errors[0] ? { field: errors[0].field, errors, ...findings } : findings;
};

export const writeError: Api["writeError"] = (c, error, status) =>
  c.json(
    {
      error: status === 405 ? "method_not_allowed" : ANSWERS[error.code].error,
      detail: error.message,
      ...detailsOf(error),
      request_id: c.var.requestId,
    },
    status ?? ANSWERS[error.code].status,
  );
