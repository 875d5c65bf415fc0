// The sandbox in the words of the action `code.run`.
import type { ActionPorts, CodeOutcome } from "../domain/action-ports.ts";
import type { Budget } from "../sandbox/budget.ts";
import { runCode } from "../sandbox/run-code.ts";

const CODES: Readonly<Record<string, string>> = {
  SyntaxError: "SYNTAX_ERROR",
  IndentationError: "SYNTAX_ERROR",
  BudgetExceeded: "BUDGET_EXCEEDED",
  MemoryError: "BUDGET_EXCEEDED",
  RecursionError: "BUDGET_EXCEEDED",
  OutputLimit: "INVALID_RESULT",
};

/** Printed text as lines of the action's log. */
const linesOf = (stdout: string): string[] => stdout.split("\n").filter((line) => line !== "");

/** `budget` is where an organisation's own limits come in: what is not named is the default, and nothing is above the maximum. */
export const runSnippet = async (
  snippet: Parameters<ActionPorts["code"]["run"]>[0],
  budget: Partial<Budget> = {},
): Promise<CodeOutcome> => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
  const outcome = runCode({ ...snippet, budget, seed, now: Date.now() });
  const logs = linesOf(outcome.stdout);
  if (outcome.ok && outcome.isMissing) logs.push("The code set no result: it is null.");
  if (outcome.ok) return { ok: true, result: outcome.result, logs };
  const { name, message, line } = outcome.error;
  const place = line === undefined ? "" : ` (line ${line})`;
  return { ok: false, error: { code: CODES[name] ?? "CODE_ERROR", message: `${name}: ${message}${place}` }, logs };
};
