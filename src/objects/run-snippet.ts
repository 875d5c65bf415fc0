// The sandbox in the words of the action `code.run`.
import type { ActionPorts, CodeOutcome } from "../domain/action-ports.ts";
import { runCode } from "../sandbox/run-code.ts";

const CODES: Readonly<Record<string, string>> = {
  SyntaxError: "SYNTAX_ERROR",
  IndentationError: "SYNTAX_ERROR",
  BudgetExceeded: "BUDGET_EXCEEDED",
  MemoryError: "BUDGET_EXCEEDED",
  RecursionError: "BUDGET_EXCEEDED",
  OutputLimit: "INVALID_RESULT",
};

const linesOf = (stdout: string): string[] => stdout.split("\n").filter((line) => line !== "");

export const runSnippet: ActionPorts["code"]["run"] = async (snippet): Promise<CodeOutcome> => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
  const outcome = runCode({ ...snippet, seed, now: Date.now() });
  const logs = linesOf(outcome.stdout);
  if (outcome.ok) return { ok: true, result: outcome.result, logs };
  const { name, message, line } = outcome.error;
  const place = line === undefined ? "" : ` (line ${line})`;
  return { ok: false, error: { code: CODES[name] ?? "CODE_ERROR", message: `${name}: ${message}${place}` }, logs };
};
