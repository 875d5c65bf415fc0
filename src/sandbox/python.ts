// Python: runs or checks one snippet in a MicroPython of its own. What MicroPython sees of the host belongs in python-host.ts,
// what the snippet sees in python-harness.ts.

import { allocate, bytesAt, putText, wordsAt } from "./guest.ts";
import { ANSWER_BYTES, type Failure, type Interpreter, lendReading, lendWriting, readAnswer } from "./interpreter.ts";
import { type CodeError, Stop } from "./outcome.ts";
import { newOutput } from "./output.ts";
import { PYTHON_HARNESS } from "./python-harness.ts";
import { newMicroPython } from "./python-host.ts";
import { seededRandom } from "./seeded-random.ts";

/** Words of Python's own stack: more than its nested calls need before C's stack of 32 KiB ends, at about 150 of them. */
const PYTHON_STACK_WORDS = 16 << 10;
/** The heap doubles from here up to the budget. */
const FIRST_HEAP_BYTES = 256 << 10;

/** Kinds of values that cross the border (micropython, ports/webassembly/proxy_c.c), and their size. */
const KIND_EXCEPTION = 0xffffffff;
const KIND_JS_STRING = 5;
const VALUE_BYTES = 12;

const errorOf = ({ name, message, trace }: Failure): CodeError => {
  // Python names the frames from the outermost in; the last one of ours is where it happened.
  const line = [...trace.matchAll(/File "snippet", line (\d+)/g)].at(-1)?.[1];
  const isRecursion = name === "RuntimeError" && message.startsWith("maximum recursion depth");
  return { name: isRecursion ? "RecursionError" : name, message, ...(line && { line: Number(line) }) };
};

export const runPython: Interpreter = (run) => {
  let sink = run.output;
  const guest = newMicroPython({
    memoryBytes: run.budget.memoryBytes,
    now: run.now,
    random: seededRandom(run.seed),
    write: (bytes) => sink.write(bytes),
    fuel: run.fuel,
  });
  guest.mp_js_init(PYTHON_STACK_WORDS, FIRST_HEAP_BYTES);

  const put = (text: string) => putText(guest.memory, guest.malloc, text);
  const value = allocate(guest.malloc, VALUE_BYTES);
  const define = (name: string, text: string): void => {
    const { at, length } = put(text);
    new Uint32Array(guest.memory.buffer, value, 3).set([KIND_JS_STRING, length, at]);
    guest.mp_js_register_js_module(put(name).at, value);
  };
  /** Runs Python of ours. The harness answers for what a snippet does; what gets past it is a limit, and ends the run. */
  const execute = (source: string): void => {
    const { at, length } = put(source);
    guest.mp_js_do_exec(at, length, value);
    const [kind, size, text] = wordsAt(guest.memory, value, 3);
    if (kind !== KIND_EXCEPTION) return;
    const [name = "", trace = ""] = new TextDecoder().decode(bytesAt(guest.memory, text!, size!)).split("\x04");
    const last = trace.trimEnd().split("\n").at(-1)!;
    const error = errorOf({ name, message: last.startsWith(`${name}: `) ? last.slice(name.length + 2) : last, trace });
    throw new Stop(error.name, error.message);
  };

  execute(PYTHON_HARNESS);
  lendReading(run);
  define("_code", run.code);
  if (run.context !== undefined) {
    define("_context", run.context);
    execute("_read()");
  }
  run.fuel.start();
  execute(run.context === undefined ? "_check()" : "_run()");
  lendWriting(run.fuel, run.budget.outputBytes);
  const answer = newOutput(ANSWER_BYTES + run.budget.outputBytes, "the result has");
  sink = answer;
  execute(`_write(${run.budget.depth})`);
  return readAnswer(answer.text(), errorOf);
};
