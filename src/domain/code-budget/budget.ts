// What one run of an organisation's own code may spend: what is usual, and between what it may be set. What the sandbox holds against it is
// sandbox/budget.ts.
import type { JsonObject } from "../../lib/json.ts";

/** PERSISTED CONTRACT: organizations.code_budget has the same names, those that differ from the usual. */
export type CodeBudget = {
  /** Loop turns and function calls inside the interpreter; ten million are about 50 ms of one core. */
  steps: number;
  /** The interpreter's heap. */
  memoryBytes: number;
  /** Printed text in UTF-8, and as much again of the result as JSON. */
  outputBytes: number;
  /** Levels of lists and objects in the result. */
  depth: number;
};

export const USUAL_BUDGET: CodeBudget = {
  steps: 10_000_000,
  memoryBytes: 8 << 20,
  outputBytes: 64 << 10,
  depth: 64,
};

/** Enough for a rule of a few lines. */
export const LEAST_BUDGET: CodeBudget = { steps: 10_000, memoryBytes: 1 << 20, outputBytes: 1 << 10, depth: 1 };

/**
 * An isolate is one thread for many organisations: while one's code runs, the others wait, here up to a second. It has 128 MB for all. A result
 * and what was printed make one row of a journal (objects/execution/perform.ts).
 */
export const LARGEST_BUDGET: CodeBudget = {
  steps: 200_000_000,
  memoryBytes: 32 << 20,
  outputBytes: 256 << 10,
  depth: 128,
};

/** `stored`: organizations.code_budget. What it does not say, or not as a number, is as usual. */
export const codeBudgetOf = (stored: JsonObject | null): CodeBudget => {
  const amount = (name: keyof CodeBudget): number => {
    const said = stored?.[name];
    if (typeof said !== "number") return USUAL_BUDGET[name];
    return Math.min(LARGEST_BUDGET[name], Math.max(LEAST_BUDGET[name], said));
  };
  return {
    steps: amount("steps"),
    memoryBytes: amount("memoryBytes"),
    outputBytes: amount("outputBytes"),
    depth: amount("depth"),
  };
};
