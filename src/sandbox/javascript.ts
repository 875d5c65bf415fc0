// JavaScript: runs or checks one snippet in a QuickJS of its own. What QuickJS sees of the host belongs in javascript-host.ts,
// what the snippet sees in javascript-harness.ts.

import { allocate, newHeap, putText, textAt } from "./guest.ts";
import { ANSWER_BYTES, type Failure, type Interpreter, lendReading, lendWriting, readAnswer } from "./interpreter.ts";
import { JAVASCRIPT_HARNESS, SNIPPET, wrapForSyntax, wrapJavascript } from "./javascript-harness.ts";
import { newQuickJs, OWN_BYTES, type Pointer } from "./javascript-host.ts";
import { type CodeError, Stop } from "./outcome.ts";
import { seededRandom } from "./seeded-random.ts";

/** Of the module's own stack; deeper calls are an error that the snippet can catch. */
const STACK_BYTES = 256 << 10;

const ALL_INTRINSICS = 0;
const ALL_JOBS = -1;
/** `JS_EVAL_FLAG_COMPILE_ONLY` of quickjs.h. */
const COMPILE_ONLY = 1 << 5;

/** QuickJS has an error of its own for limits, and throws null when there is no memory left for even that. */
const LIMITS: Readonly<Record<string, string>> = {
  "out of memory": "MemoryError",
  "string too long": "MemoryError",
  "stack overflow": "RecursionError",
};

const errorOf = ({ name, message, trace }: Failure, isStarved: boolean): CodeError => {
  if (isStarved && message === "null") return { name: "MemoryError", message: "out of memory" };
  const line = new RegExp(`\\b${SNIPPET}:(\\d+)`).exec(trace)?.[1];
  const limit = name === "InternalError" ? LIMITS[message] : undefined;
  return { name: limit ?? name, message, ...(line && { line: Number(line) }) };
};

/** A clock reading between 1970 and 2109 made of two random numbers. */
const randomClock = (random: () => number): number => random() * 2 ** 10 + (random() >>> 22);

export const runJavascript: Interpreter = (run) => {
  // QuickJS seeds Math.random from the clock when a context is made; until then the clock shows the seed.
  let clock = randomClock(seededRandom(run.seed));
  const heap = newHeap(OWN_BYTES + run.budget.memoryBytes);
  const { guest, memory } = newQuickJs({
    heap,
    fuel: run.fuel,
    clock: () => clock,
    print(values) {
      const text = textOf(guest.QTS_ArgvGetJSValueConstPointer(values, 0));
      run.fuel.burn(text.length >> 4);
      run.output.write(new TextEncoder().encode(JSON.parse(text) as string));
    },
  });
  const runtime = guest.QTS_NewRuntime();
  guest.QTS_RuntimeSetMaxStackSize(runtime, STACK_BYTES);
  const context = guest.QTS_NewContext(runtime, ALL_INTRINSICS);
  clock = run.now;

  const textOf = (value: Pointer): string => {
    const at = guest.QTS_GetString(context, value);
    if (at === 0) throw new Stop("MemoryError", "out of memory");
    return textAt(memory, at, ANSWER_BYTES + run.budget.outputBytes);
  };
  const put = (text: string) => putText(memory, guest.malloc, text);
  const newString = (text: string): Pointer => guest.QTS_NewString(context, put(text).at);
  const evaluate = (expression: string, file: string, flags = 0): Pointer => {
    const { at, length } = put(expression);
    return guest.QTS_Eval(context, at, length, put(file).at, 0, flags);
  };
  const call = (callee: Pointer, ...values: Pointer[]): Pointer => {
    const list = allocate(guest.malloc, 4 * values.length);
    new Uint32Array(memory.buffer, list, values.length).set(values);
    return guest.QTS_Call(context, callee, guest.QTS_GetUndefined(), values.length, list);
  };

  const print = guest.QTS_NewFunction(context, put("print").at, 1, 0, 1);
  const harness = call(evaluate(JAVASCRIPT_HARNESS, "harness"), print);
  /** What the harness answers; an exception from there means that a limit is reached. */
  const ask = (request: string, ...values: Pointer[]): string => {
    const answer = call(harness, newString(request), ...values);
    const error = guest.QTS_ResolveException(context, answer);
    if (error === 0) return textOf(answer);
    const [, name = "InternalError", message = ""] = /^(?:(\w+): )?(.*)/s.exec(textOf(error))!;
    const limit = errorOf({ name, message, trace: "" }, heap.isStarved());
    throw new Stop(limit.name, limit.message);
  };
  const read = (answer: string) => readAnswer(answer, (failure) => errorOf(failure, heap.isStarved()));

  lendReading(run);
  if (run.context !== undefined) ask("read", newString(run.context));
  run.fuel.start();
  const syntax = evaluate(wrapForSyntax(run.code), SNIPPET, COMPILE_ONLY);
  const error = guest.QTS_ResolveException(context, syntax);
  if (error !== 0) return read(ask("fail", error));
  if (run.context === undefined) return { ok: true, json: "null" };
  ask("run", evaluate(wrapJavascript(run.code), SNIPPET));
  guest.QTS_ExecutePendingJob(runtime, ALL_JOBS, allocate(guest.malloc, 4));
  lendWriting(run.fuel, run.budget.outputBytes);
  return read(run.asTruth ? ask("write", newString("truth")) : ask("write"));
};
