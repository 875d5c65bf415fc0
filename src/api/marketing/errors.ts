// Every ErrorCode in this API's answer: `{detail}` for who is asking, `{field: [messages]}` for what was sent, `{error, detail}` for the rest.
import type { DomainError, ErrorCode, FieldProblem } from "../../domain/errors.ts";
import type { Api } from "../shared/api.ts";

type Status = 400 | 401 | 402 | 403 | 404 | 409 | 413 | 422 | 429 | 500 | 503 | 504;

const STATUSES: Record<ErrorCode, Status> = {
  invalid_input: 400,
  malformed_json: 400,
  payload_too_large: 413,
  unauthenticated: 401,
  forbidden: 403,
  license_required: 402,
  not_found: 404,
  conflict: 409,
  impossible: 400,
  key_reused: 422,
  invalid_definition: 400,
  execution_refused: 400,
  execution_timeout: 504,
  queue_full: 429,
  rate_limited: 429,
  webhook_disabled: 403,
  ip_not_allowed: 403,
  signature_required: 403,
  signature_invalid: 403,
  unavailable: 503,
  internal: 500,
};

/** Nobody reads more of them. */
const MAX_PROBLEMS = 100;

/** The document's words; what was there to choose from is in the OpenAPI document. */
const wordsOf = ({ code, message }: FieldProblem): string =>
  code === "invalid_choice" ? "Select a valid choice." : message;

/** What is wrong with no field but with all that was sent has the name that clients of such APIs know. */
const fieldOf = (field: string): string => (field === "body" ? "non_field_errors" : field);

const byField = (problems: readonly FieldProblem[]): Record<string, string[]> => {
  const fields = new Map<string, string[]>();
  for (const problem of problems.slice(0, MAX_PROBLEMS)) {
    const field = fieldOf(problem.field);
    fields.set(field, [...(fields.get(field) ?? []), wordsOf(problem)]);
  }
  return Object.fromEntries(fields);
};

/** `event type` -> `EventType`: what is missing, as the document's 404 calls it. */
const kindOf = (subject: string): string =>
  subject.replace(/(?:^|[ _])(\w)/g, (_, letter: string) => letter.toUpperCase());

const bodyOf = (error: DomainError) => {
  const { code, message, subject, problems } = error;
  switch (code) {
    case "unauthenticated":
      return { detail: "Authentication credentials were not provided." };
    case "not_found":
      return subject === undefined || subject === "route"
        ? { detail: "Not found." }
        : { error: message, detail: `No ${kindOf(subject)} matches the given query.` };
    case "malformed_json":
      return { error: "Malformed request", detail: `JSON parse error - ${message}` };
    case "invalid_input":
    case "invalid_definition":
    case "impossible":
    case "key_reused":
      return problems.length > 0 ? byField(problems) : { error: message, detail: message };
    default:
      return { error: message, detail: message };
  }
};

export const writeError: Api["writeError"] = (c, error, status) =>
  status === 405
    ? c.json({ detail: `Method "${c.req.method}" not allowed.` }, status)
    : c.json(bodyOf(error), STATUSES[error.code]);
