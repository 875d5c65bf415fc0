// JSONata expressions of users: the library runs inside the interpreter that holds their code, so that steps, memory and patterns are bounded by the
// same kind of budget and nothing of the host can be reached. A fresh instance for every run, made of an image in which the library stands.
import type { Json } from "../lib/json.ts";
import { parseJson } from "../lib/parse-json.ts";
import { newFuel } from "./fuel.ts";
import { allocate, newHeap, textAt } from "./guest.ts";
import { newQuickJs, OWN_BYTES } from "./javascript-host.ts";
import { askJsonata, jsonataImage } from "./jsonata-image.ts";

const FUEL = 10_000_000;
/** The library's own among them. */
const MEMORY_BYTES = 20 << 20;
const OUTPUT_BYTES = 1 << 20;
/** For a byte of the input, which does not count as the expression's work; the same for the result. */
const READ_UNITS = 400;
const WRITE_UNITS = 1_000_000 + 300 * OUTPUT_BYTES;
const MAX_READ_UNITS = 100_000_000;
const ALL_JOBS = -1;
const MAX_EXPRESSION = 10_000;

/** `position`: of the fault in the expression, from 0. */
export type JsonataFault = { code: "syntax" | "failed" | "budget"; message: string; position?: number };
export type JsonataOutcome = { ok: true; value: Json } | { ok: false; fault: JsonataFault };

const MAX_MESSAGE = 500;

const TOO_MUCH: JsonataFault = {
  code: "budget",
  message: "The expression takes too many steps, too much memory, or makes too large a result",
};

const outcomeOf = (text: string): JsonataOutcome => {
  // No key of it reaches a prototype, whatever reads it.
  const judged = parseJson(new TextEncoder().encode(text), { keys: "safe" });
  if (!judged.ok) return { ok: false, fault: { code: "failed", message: `The result ${judged.error.message}` } };
  const { fault, message, position, value } = judged.value as { [name: string]: Json };
  if (fault === undefined) return { ok: true, value: value ?? null };
  return {
    ok: false,
    fault: {
      code: fault === "syntax" ? "syntax" : "failed",
      message: String(message).slice(0, MAX_MESSAGE),
      ...(typeof position === "number" && { position }),
    },
  };
};

const run = (expression: string, input: Json, isCheck: boolean, now: number): JsonataOutcome => {
  if (expression.length > MAX_EXPRESSION) {
    const message = `The expression has more than ${MAX_EXPRESSION} characters`;
    return { ok: false, fault: { code: "syntax", message } };
  }
  const image = jsonataImage();
  const request = JSON.stringify({ expression, input, isCheck });
  const fuel = newFuel(FUEL);
  try {
    const heap = newHeap(OWN_BYTES + MEMORY_BYTES);
    const instance = newQuickJs({ heap, fuel, clock: () => now, print: () => {}, image });
    const { guest, memory } = instance;
    const units = Math.min(MAX_READ_UNITS, 1_000_000 + READ_UNITS * request.length);
    fuel.lend(units, "the input is too large to read");
    askJsonata(instance, image, "read", request);
    fuel.start();
    askJsonata(instance, image, "run");
    guest.QTS_ExecutePendingJob(image.runtime, ALL_JOBS, allocate(guest.malloc, 4));
    fuel.lend(WRITE_UNITS, "the result takes too long to write");
    const answer = guest.QTS_GetString(image.context, askJsonata(instance, image, "write"));
    if (answer === 0 || fuel.exceeded()) return { ok: false, fault: TOO_MUCH };
    return outcomeOf(textAt(memory, answer, OUTPUT_BYTES));
  } catch {
    // A budget that is passed, whichever, ends the instance by an exception of the host's or of WebAssembly's.
    return { ok: false, fault: TOO_MUCH };
  }
};

/** What `expression` makes of `input`; `now` (epoch ms) is what `$now()` says. Never throws. */
export const runJsonata = (expression: string, input: Json, now: number): JsonataOutcome =>
  run(expression, input, false, now);

/** What is wrong with an expression, before anybody runs it; undefined when it can be read. */
export const checkJsonata = (expression: string): JsonataFault | undefined => {
  const outcome = run(expression, null, true, 0);
  return outcome.ok ? undefined : outcome.fault;
};
