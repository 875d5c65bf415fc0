// What a run of user code ends with. Every end is data: nothing that a snippet does makes the sandbox throw.

import type { Json } from "../lib/json.ts";

/**
 * `name` is the language's own (`TypeError`, `KeyError`, `SyntaxError`, …) or one of the sandbox's, the same in both languages:
 * `BudgetExceeded` (fuel), `MemoryError`, `RecursionError`, `OutputLimit`, `SandboxError` (the host refused a call).
 * `line` counts from 1 in the user's code; absent when no line is to blame.
 */
export interface CodeError {
  name: string;
  message: string;
  line?: number;
}

/** `isMissing`: the snippet set no result, which is null then. */
export type CodeOutcome =
  | { ok: true; result: Json; isMissing?: true; stdout: string; fuelUsed: number }
  | { ok: false; error: CodeError; stdout: string; fuelUsed: number };

/** Thrown by a function of the host to end the run; it passes through the interpreter, which cannot catch it. */
export class Stop extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}
