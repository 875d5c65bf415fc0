// JSONata expressions of users: the library runs inside the interpreter that holds their code (javascript.ts), so that steps, memory and patterns are
// bounded by the same budget and nothing of the host can be reached. No state between runs.
import type { Json } from "../lib/json.ts";
import { parseJson } from "../lib/parse-json.ts";
import { JSONATA } from "./gen/jsonata.ts";
import { runCode } from "./run-code.ts";

/** What the library needs to stand, and what is an expression's own. */
const FUEL = 12_000_000 + 10_000_000;
const BUDGET = { fuel: FUEL, memoryBytes: 20 << 20, outputBytes: 1 << 20, depth: 64 } as const;
export const MAX_EXPRESSION = 10_000;

/** `position`: of the fault in the expression, from 0. */
export type JsonataFault = { code: "syntax" | "failed" | "budget"; message: string; position?: number };
export type JsonataOutcome = { ok: true; value: Json } | { ok: false; fault: JsonataFault };

/** The library throws plain objects. A value is wrapped, since nothing found is no value. */
const HARNESS = `
const module = { exports: {} }, exports = module.exports;
${JSONATA}
const jsonata = module.exports;
const fault = (kind, error) => ({ fault: kind, message: String(error && error.message || error), position: error && error.position });
const work = async () => {
  let expression;
  try { expression = jsonata(context.expression); } catch (error) { return fault("syntax", error); }
  if (context.isCheck) return { value: null };
  try {
    const value = await expression.evaluate(context.input);
    if (typeof value === "function" || value && (value._jsonata_lambda || value._jsonata_function)) return fault("failed", "The expression gives a function");
    return value === undefined ? fault("failed", "The expression gives nothing") : { value };
  } catch (error) { return fault("failed", error); }
};
return work();
`;

const MAX_MESSAGE = 500;
const LIMITS: ReadonlySet<string> = new Set(["BudgetExceeded", "MemoryError", "RecursionError", "OutputLimit"]);

const faultOf = ({ fault, message, position }: { fault: string; message: unknown; position: unknown }) => ({
  code: fault === "syntax" ? ("syntax" as const) : ("failed" as const),
  message: String(message).slice(0, MAX_MESSAGE),
  ...(typeof position === "number" && { position }),
});

const isFault = (result: object): result is { fault: string; message: unknown; position: unknown } => "fault" in result;

const run = (expression: string, input: Json, isCheck: boolean, now: number): JsonataOutcome => {
  if (expression.length > MAX_EXPRESSION) {
    const message = `The expression has more than ${MAX_EXPRESSION} characters`;
    return { ok: false, fault: { code: "syntax", message } };
  }
  const context = { expression, input, isCheck };
  const outcome = runCode({ language: "javascript", code: HARNESS, context, budget: BUDGET, now });
  if (!outcome.ok && !LIMITS.has(outcome.error.name)) {
    return { ok: false, fault: { code: "failed", message: outcome.error.message.slice(0, MAX_MESSAGE) } };
  }
  if (!outcome.ok) {
    const message = "The expression takes too many steps, too much memory, or makes too large a result";
    return { ok: false, fault: { code: "budget", message } };
  }
  const result = outcome.result as object;
  if (isFault(result)) return { ok: false, fault: faultOf(result) };
  const { value } = result as { value: Json };
  // No key of it reaches a prototype, whatever reads it.
  const judged = parseJson(new TextEncoder().encode(JSON.stringify(value ?? null)), { refuseForbiddenKeys: true });
  if (judged.ok) return { ok: true, value: judged.value };
  return { ok: false, fault: { code: "failed", message: `The result ${judged.error.message}` } };
};

/** What `expression` makes of `input`; `now` (epoch ms) is what `$now()` says. Never throws. */
export const runJsonata = (expression: string, input: Json, now: number): JsonataOutcome =>
  run(expression, input, false, now);

/** What is wrong with an expression, before anybody runs it; undefined when it can be read. */
export const checkJsonata = (expression: string): JsonataFault | undefined => {
  const outcome = run(expression, null, true, 0);
  return outcome.ok ? undefined : outcome.fault;
};
