// Wire input through a schema: what does not fit becomes one `invalid_input` that names every field.
import type { z } from "zod";
import type { Context } from "../../domain/context.ts";
import { DomainError, type FieldProblem } from "../../domain/errors.ts";
import { refuseReader } from "../../domain/permission.ts";
import { pathOf } from "../../lib/json.ts";
import { kindOf, plainWords } from "../../lib/plain-words.ts";
import type { ApiContext } from "./api.ts";
import { readJson } from "./read-body.ts";

const REPEATED_CHARACTERS = 200;
const SECRET = /secret|token|password|credential|key$/i;

/** What was sent at `path`, when it is worth repeating to who sent it. */
const provided = (input: unknown, path: readonly string[]): Pick<FieldProblem, "provided"> => {
  const value = path.length > 0 ? pathOf(input, path) : undefined;
  if (value === undefined || typeof value === "object" || path.some((name) => SECRET.test(name))) return {};
  if (typeof value === "string" && (value.length > REPEATED_CHARACTERS || !value.isWellFormed())) return {};
  return { provided: value };
};

/** What a refinement says of itself: `refine(…, { params: { expected } })`. */
const expected = (issue: z.core.$ZodIssue): Pick<FieldProblem, "expected"> => {
  const said = issue.code === "custom" ? (issue.params?.expected as unknown) : undefined;
  return typeof said === "string" ? { expected: said } : {};
};

/** Of a union that one field decides, what that field may say. */
const choicesOf = (issue: z.core.$ZodIssueInvalidUnion): string[] =>
  "options" in issue && Array.isArray(issue.options)
    ? issue.options.filter((option) => option != null).map(String)
    : [];

/** `required`, `unknown_field`, `invalid_choice`, `invalid_type`, or Zod's own code. */
const problemsOf = (issue: z.core.$ZodIssue, input: unknown): FieldProblem[] => {
  const path = issue.path.map(String);
  const field = path.join(".") || "body";
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        field: [...path, key].join("."),
        message: "Unknown field.",
        code: "unknown_field",
      }));
    case "invalid_type":
      if (path.length > 0 && pathOf(input, path) === undefined) {
        return [{ field, message: "This field is required.", code: "required" }];
      }
      return [
        {
          field,
          message: issue.message,
          code: "invalid_type",
          ...provided(input, path),
          expected: kindOf(issue.expected),
        },
      ];
    case "invalid_value":
      if (path.length > 0 && pathOf(input, path) === undefined) {
        return [{ field, message: "This field is required.", code: "required" }];
      }
      return [
        {
          field,
          message: `Must be one of: ${issue.values.map(String).join(", ")}.`,
          code: "invalid_choice",
          ...provided(input, path),
          expected: issue.values.map(String).join(", "),
        },
      ];
    case "invalid_union": {
      const choices = choicesOf(issue);
      if (choices.length > 0) {
        const message = `Must be one of: ${choices.join(", ")}.`;
        return [{ field, message, code: "invalid_choice", ...provided(input, path), expected: choices.join(", ") }];
      }
      // The branch that came furthest says most.
      const best = issue.errors.toSorted((a, b) => a.length - b.length)[0] ?? [];
      const inner = best.flatMap((one) =>
        problemsOf({ ...one, path: [...issue.path, ...one.path] } as z.core.$ZodIssue, input),
      );
      return inner.length > 0 ? inner : [{ field, message: issue.message, code: issue.code }];
    }
    default:
      return [{ field, message: issue.message, code: issue.code, ...provided(input, path), ...expected(issue) }];
  }
};

/** `value` as the schema makes it. Throws `invalid_input`. */
export const parse = <S extends z.ZodType>(schema: S, value: unknown): z.output<S> => {
  const parsed = schema.safeParse(value, { error: plainWords });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap((issue) => problemsOf(issue, value));
  const first = problems[0]!;
  throw new DomainError("invalid_input", `${first.field}: ${first.message}`, { problems });
};

export type AlsoJudge = (context: Context, sent: unknown) => Promise<FieldProblem[]>;

type BodyTerms = { maxBytes?: number | undefined; isRead?: boolean | undefined; alsoJudge?: AlsoJudge | undefined };

/**
 * The JSON body through a schema; no body counts as `{}`. Throws `malformed_json`, `payload_too_large`, `invalid_input`; for a key that may only
 * read `forbidden` in their place, unless the request is one that reads (`isRead`).
 */
export const parseBody = async <S extends z.ZodType>(
  c: ApiContext,
  schema: S,
  { maxBytes, isRead = false, alsoJudge }: BodyTerms = {},
): Promise<z.output<S>> => {
  let sent: unknown;
  try {
    const body = await readJson(c, maxBytes);
    sent = body === undefined ? {} : body;
    return parse(schema, sent);
  } catch (error) {
    // What is wrong with a body is for those who may send it.
    if (!isRead) refuseReader(c.var.context?.principal);
    throw alsoJudge && sent !== undefined ? withMore(error, await alsoJudge(c.var.context, sent)) : error;
  }
};

/** A field that has a problem already has no second one. */
const withMore = (error: unknown, more: readonly FieldProblem[]): unknown => {
  if (!(error instanceof DomainError) || error.code !== "invalid_input") return error;
  const known = new Set(error.problems.map(({ field }) => field));
  const problems = [...error.problems, ...more.filter(({ field }) => !known.has(field))];
  return new DomainError(error.code, error.message, { problems });
};

/** The query through a schema of texts; an empty value counts as absent, of a repeated name the first counts. Throws `invalid_input`. */
export const parseQuery = <S extends z.ZodType>(c: ApiContext, schema: S): z.output<S> => {
  const query = Object.entries(c.req.query()).filter(([, value]) => value !== "");
  return parse(schema, Object.fromEntries(query));
};
