// A flow's content as a client sends it with everything around it: what is ours may come back as we said it, and is never taken over.
import { isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";
import { DomainError, type FieldProblem } from "../errors.ts";
import { type Flow, readFlow } from "./flow.ts";

/** Ours, as the flow has it; a field that is absent here has no right value yet. */
export type Ours = { id?: string; status: string; user_id: number };

const HINTS: Record<keyof Ours, string> = {
  id: "is given by the server",
  status: "is changed by POST /flow/status/{id}",
  user_id: "is the user who makes the flow",
};

/** Throws `invalid_input` with everything that is wrong, each with its path as it was sent. */
export const acceptFlow = (sent: Json | undefined, ours: Ours): Flow => {
  const { warnings: _, ...content } = isJsonObject(sent) ? sent : {};
  const read = readFlow(isJsonObject(sent) ? content : sent);
  const problems = read.ok ? [] : read.error;
  if (isJsonObject(sent)) problems.push(...foreignIn(sent, ours));
  if (read.ok && problems.length === 0) problems.push(...brokenTextIn(read.value as JsonObject, ""));
  if (read.ok && problems.length === 0) return read.value;
  const named = problems.map((problem) => ({ ...problem, field: problem.field || "body" }));
  const { field, message } = named[0]!;
  throw new DomainError("invalid_input", `${field}: ${message}`, { problems: named });
};

/** What claims to be another flow, another user's, or in another state. */
const foreignIn = (sent: JsonObject, ours: Ours): FieldProblem[] =>
  (Object.keys(HINTS) as (keyof Ours)[]).flatMap((field) => {
    const said = Object.hasOwn(sent, field) ? sent[field] : null;
    return said === null || said === ours[field] ? [] : [{ field, message: HINTS[field], code: "read_only" }];
  });

/** Texts that would not be kept as they were sent: no channel carries them either. */
const brokenTextIn = (value: Json, path: string): FieldProblem[] => {
  if (typeof value === "string") return judgeText(value, path);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = path === "" ? key : `${path}.${key}`;
    return [...judgeText(key, path), ...brokenTextIn(inner, at)];
  });
};

const judgeText = (text: string, field: string): FieldProblem[] =>
  text.includes("\0") || !text.isWellFormed()
    ? [{ field, message: "must not hold a NUL or half a character", code: "invalid_text" }]
    : [];
