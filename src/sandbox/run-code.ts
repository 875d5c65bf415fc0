// Runs a snippet of user code in an interpreter of its own and says how it ended. The only door of this room, with check-code.ts:
// no network, no bindings, no clock, nothing shared between runs, and a budget of our own.

import type { Json } from "../lib/json.ts";
import { type Budget, budgetOf } from "./budget.ts";
import { newFuel } from "./fuel.ts";
import type { Interpreter } from "./interpreter.ts";
import { runJavascript } from "./javascript.ts";
import { type CodeError, type CodeOutcome, Stop } from "./outcome.ts";
import { newOutput } from "./output.ts";
import { runPython } from "./python.ts";

export type Language = "python" | "javascript";

export interface CodeRequest {
  language: Language;
  code: string;
  /** What the snippet sees as `context`. */
  context: Json;
  /** The result is a boolean: whether the snippet's is true, as its language has it. Any value has a truth, also one that is no JSON. */
  asTruth?: boolean;
  budget?: Partial<Budget>;
  /** Seed of the snippet's random numbers: 32 bits. Default 0. */
  seed?: number;
  /** Epoch ms of the snippet's clock, which stands still. Default 0. */
  now?: number;
}

const INTERPRETERS: Readonly<Record<Language, Interpreter>> = { python: runPython, javascript: runJavascript };

/** Deepest nesting of brackets in JSON text, without recursion and before anything is built from it. */
const depthOf = (json: string): number => {
  let depth = 0;
  let deepest = 0;
  let inText = false;
  for (let at = 0; at < json.length; at++) {
    const char = json[at];
    if (char === '"') inText = !inText;
    else if (inText) {
      if (char === "\\") at++;
    } else if (char === "[" || char === "{") deepest = Math.max(deepest, ++depth);
    else if (char === "]" || char === "}") depth--;
  }
  return deepest;
};

/** What an exception that left the interpreter means to the author of the snippet. */
const errorOf = (thrown: unknown): CodeError => {
  if (thrown instanceof Stop) return { name: thrown.name, message: thrown.message };
  if (thrown instanceof RangeError && /call stack/.test(thrown.message))
    return { name: "RecursionError", message: "maximum recursion depth exceeded" };
  return {
    name: "SandboxError",
    message: `the interpreter gave up: ${thrown instanceof Error ? thrown.message : thrown}`,
  };
};

const lineOf = ({ line }: CodeError) => (line === undefined ? {} : { line });

/** `code` is compiled only when `context` is undefined. Never throws. */
export const interpret = (request: Omit<CodeRequest, "context"> & { context: Json | undefined }): CodeOutcome => {
  const budget = budgetOf(request.budget);
  const fuel = newFuel(budget.fuel);
  const output = newOutput(budget.outputBytes);
  const end = () => ({ stdout: output.text(), fuelUsed: fuel.used() });
  try {
    const context = request.context === undefined ? undefined : JSON.stringify(request.context);
    if (request.code.length + (context?.length ?? 0) > budget.memoryBytes)
      throw new Stop("MemoryError", `the code and its context have more than ${budget.memoryBytes} bytes`);
    const answer = INTERPRETERS[request.language]({
      code: request.code,
      context,
      asTruth: request.asTruth ?? false,
      budget,
      fuel,
      output,
      seed: request.seed ?? 0,
      now: request.now ?? 0,
    });
    const over = fuel.exceeded();
    if (over) return { ok: false, error: { ...over, ...(!answer.ok && lineOf(answer.error)) }, ...end() };
    if (!answer.ok) return { ...answer, ...end() };
    if (new TextEncoder().encode(answer.json).length > budget.outputBytes)
      throw new Stop("OutputLimit", `the result has more than ${budget.outputBytes} bytes`);
    if (depthOf(answer.json) > budget.depth)
      throw new Stop("OutputLimit", `the result nests deeper than ${budget.depth} levels`);
    const missing = answer.isMissing && { isMissing: answer.isMissing };
    return { ok: true, result: JSON.parse(answer.json) as Json, ...missing, ...end() };
  } catch (thrown) {
    return { ok: false, error: fuel.exceeded() ?? errorOf(thrown), ...end() };
  }
};

/** Runs `code` on `context`. Never throws; a fresh interpreter for each run. */
export const runCode = (request: CodeRequest): CodeOutcome => interpret(request);
