// Running Python of ours in an instance, and giving it texts. What is run belongs in python.ts and python-image.ts.

import { allocate, bytesAt, putText, wordsAt } from "./guest.ts";
import type { Failure } from "./interpreter.ts";
import { type CodeError, Stop } from "./outcome.ts";
import type { MicroPython } from "./python-host.ts";

/** Kinds of values that cross the border (micropython, ports/webassembly/proxy_c.c), and their size. */
const KIND_EXCEPTION = 0xffffffff;
const KIND_JS_STRING = 5;
const VALUE_BYTES = 12;

export interface Session {
  /** Puts a text among the modules, under `name`. */
  define(name: string, text: string): void;
  /** Runs Python of ours. The harness answers for what a snippet does; what gets past it is a limit, and throws Stop. */
  execute(source: string): void;
}

/** The error of the user's code that a trace shows. */
export const pythonErrorOf = ({ name, message, trace }: Failure): CodeError => {
  // Python names the frames from the outermost in; the last one of ours is where it happened.
  const line = [...trace.matchAll(/File "snippet", line (\d+)/g)].at(-1)?.[1];
  const isRecursion = name === "RuntimeError" && message.startsWith("maximum recursion depth");
  return { name: isRecursion ? "RecursionError" : name, message, ...(line && { line: Number(line) }) };
};

export const newSession = (guest: MicroPython): Session => {
  const put = (text: string) => putText(guest.memory, guest.malloc, text);
  const value = allocate(guest.malloc, VALUE_BYTES);
  return {
    define(name, text) {
      const { at, length } = put(text);
      new Uint32Array(guest.memory.buffer, value, 3).set([KIND_JS_STRING, length, at]);
      guest.mp_js_register_js_module(put(name).at, value);
    },
    execute(source) {
      const { at, length } = put(source);
      guest.mp_js_do_exec(at, length, value);
      const [kind, size, text] = wordsAt(guest.memory, value, 3);
      if (kind !== KIND_EXCEPTION) return;
      const [name = "", trace = ""] = new TextDecoder().decode(bytesAt(guest.memory, text!, size!)).split("\x04");
      const last = trace.trimEnd().split("\n").at(-1)!;
      const message = last.startsWith(`${name}: `) ? last.slice(name.length + 2) : last;
      const error = pythonErrorOf({ name, message, trace });
      throw new Stop(error.name, error.message);
    },
  };
};
