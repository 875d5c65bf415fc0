// The sandbox in the words of the action `code.run`.
import type { CodeOutcome, Snippet } from "../domain/action-ports.ts";
import type { CodeBudget } from "../domain/code-budget/budget.ts";
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

/** The interpreters say how many bytes they could not have, not of how many. */
const limitOf = (name: string, { memoryBytes }: CodeBudget): string =>
  name === "MemoryError" ? `; the budget is ${memoryBytes} bytes of memory` : "";

export const runSnippet = async (snippet: Snippet, budget: CodeBudget): Promise<CodeOutcome> => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
  const { steps: fuel, ...rest } = budget;
  const outcome = runCode({ ...snippet, budget: { fuel, ...rest }, seed, now: Date.now() });
  const logs = linesOf(outcome.stdout);
  if (outcome.ok && outcome.isMissing) logs.push("The code set no result: it is null.");
  if (outcome.ok) return { ok: true, result: outcome.result, logs };
  const { name, message, line } = outcome.error;
  const place = line === undefined ? "" : ` (line ${line})`;
  return {
    ok: false,
    error: { code: CODES[name] ?? "CODE_ERROR", message: `${name}: ${message}${limitOf(name, budget)}${place}` },
    logs,
  };
};
