// The contract between run-code.ts and the two interpreters. An interpreter makes a fresh instance for every run and forgets it.

import type { Budget } from "./budget.ts";
import type { Fuel } from "./fuel.ts";
import { type CodeError, Stop } from "./outcome.ts";
import type { Output } from "./output.ts";

export interface Run {
  code: string;
  /** The input as JSON text; undefined means: only compile. */
  context: string | undefined;
  /** The result is whether the snippet's is true, as its language has it. */
  asTruth: boolean;
  budget: Budget;
  fuel: Fuel;
  output: Output;
  /** Any number; the same seed gives the same random numbers. */
  seed: number;
  /** Epoch ms. The clock of a run stands still. */
  now: number;
}

/** `json` is the text of the result as the guest wrote it, not yet trusted; `isMissing` when there was none. */
export type Answer = { ok: true; json: string; isMissing?: true } | { ok: false; error: CodeError };

/** May throw Stop, and whatever WebAssembly throws when the instance dies. */
export type Interpreter = (run: Run) => Answer;

/** An error as the language shows it; each interpreter finds the line in its own kind of trace. */
export interface Failure {
  name: string;
  message: string;
  trace: string;
}

/** What an answer may be longer than the result in it: the harnesses cut messages and traces to less than this. */
export const ANSWER_BYTES = 32 << 10;

/**
 * Lends fuel for reading an input and for writing a result. MicroPython, the slower, takes about 100 units a byte for either, and
 * more for single texts of hundreds of kilobytes, which it builds by copying: hence a limit that is no more than a tenth of a second.
 */
export const lendReading = ({ fuel, code, context = "" }: Run): void => {
  const units = 1_000_000 + 400 * (code.length + context.length);
  fuel.lend(Math.min(100_000_000, units), "the code and its context are too large to read");
};
export const lendWriting = (fuel: Fuel, outputBytes: number): void =>
  fuel.lend(1_000_000 + 300 * outputBytes, "the result takes too long to write");

const isText = (value: unknown): value is string => typeof value === "string";

/** Reads what a harness answers: `R` and the result's JSON, `N` when there is none, or `E` and the JSON of [name, message, trace]. */
export const readAnswer = (text: string, locate: (failure: Failure) => CodeError): Answer => {
  if (text === "N") return { ok: true, json: "null", isMissing: true };
  if (text.startsWith("R")) return { ok: true, json: text.slice(1) };
  const parts: unknown = text.startsWith("E") ? JSON.parse(text.slice(1)) : undefined;
  if (!Array.isArray(parts) || !parts.every(isText))
    throw new Stop("SandboxError", "the snippet ended without an answer");
  const [name = "", message = "", trace = ""] = parts as string[];
  return { ok: false, error: locate({ name, message, trace }) };
};
