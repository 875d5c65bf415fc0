// The memory of a QuickJS in which the JSONata library has been read, made once for each isolate and copied into every run's own instance. It holds
// nothing of any user.
import { newFuel } from "./fuel.ts";
import { JSONATA } from "./gen/jsonata.ts";
import { allocate, newHeap, putText } from "./guest.ts";
import { newQuickJs, OWN_BYTES, type Pointer } from "./javascript-host.ts";
import { Stop } from "./outcome.ts";

/** To read the library burns 11 million. */
const BOOT_UNITS = 100_000_000;
const BOOT_BYTES = 16 << 20;
/** Deeper nesting is an error of the expression. */
const STACK_BYTES = 512 << 10;
const ALL_INTRINSICS = 0;
/** Most of the memory is a stack that was never used. */
const CHUNK = 4096;

/**
 * Evaluates to `(request, text) => text`. Requests: `read` the expression and its input as JSON, `run` it, `write` what became of it. The library
 * throws plain objects; a value is wrapped, since nothing found is no value.
 */
const HARNESS = `(function () {
  "use strict";
  const module = { exports: {} }, exports = module.exports;
  ${JSONATA}
  const jsonata = module.exports;
  const { parse, stringify } = JSON;
  let given, answer = { fault: "failed", message: "The expression waits for something that never comes" };
  const fault = (kind, error) => ({
    fault: kind,
    message: String(error && error.message || error),
    position: error && error.position,
  });
  const isFunction = (value) =>
    typeof value === "function" || (value && (value._jsonata_lambda || value._jsonata_function));
  const work = async () => {
    let expression;
    try { expression = jsonata(given.expression); } catch (error) { return fault("syntax", error); }
    if (given.isCheck) return { value: null };
    try {
      const value = await expression.evaluate(given.input);
      if (isFunction(value)) return fault("failed", "The expression gives a function");
      return value === undefined ? fault("failed", "The expression gives nothing") : { value };
    } catch (error) { return fault("failed", error); }
  };
  const requests = {
    __proto__: null,
    read(text) { given = parse(text); },
    run() { work().then((made) => { answer = made; }); },
    write() {
      try { return stringify(answer); } catch (error) { return stringify(fault("failed", error)); }
    },
  };
  return (request, text) => requests[request](text) ?? "";
})()`;

export type JsonataImage = {
  bytes: number;
  chunks: readonly { at: number; bytes: Uint8Array }[];
  runtime: Pointer;
  context: Pointer;
  harness: Pointer;
};

let image: JsonataImage | undefined;

const chunksOf = (memory: Uint8Array): JsonataImage["chunks"] => {
  const chunks: { at: number; bytes: Uint8Array }[] = [];
  for (let at = 0; at < memory.length; at += CHUNK) {
    const part = memory.subarray(at, at + CHUNK);
    if (part.some((byte) => byte !== 0)) chunks.push({ at, bytes: part.slice() });
  }
  return chunks;
};

const boot = (): JsonataImage => {
  const fuel = newFuel(BOOT_UNITS);
  const refuse = (): never => {
    throw new Error("the library reached for something that belongs to a run");
  };
  const heap = newHeap(OWN_BYTES + BOOT_BYTES);
  // Whatever is made of the clock here is the same in every isolate.
  const { guest, memory } = newQuickJs({ heap, fuel, clock: () => 0, print: refuse });
  fuel.lend(BOOT_UNITS, "the library did not start");
  const runtime = guest.QTS_NewRuntime();
  guest.QTS_RuntimeSetMaxStackSize(runtime, STACK_BYTES);
  const context = guest.QTS_NewContext(runtime, ALL_INTRINSICS);
  const { at, length } = putText(memory, guest.malloc, HARNESS);
  const harness = guest.QTS_Eval(context, at, length, putText(memory, guest.malloc, "jsonata").at, 0, 0);
  if (guest.QTS_ResolveException(context, harness) !== 0) throw new Error("the library did not start");
  return {
    bytes: memory.buffer.byteLength,
    chunks: chunksOf(new Uint8Array(memory.buffer)),
    runtime,
    context,
    harness,
  };
};

/** The image; the first call of an isolate takes some tens of milliseconds. */
export const jsonataImage = (): JsonataImage => {
  image ??= boot();
  return image;
};

/** Calls the harness in an instance made of the image. Throws Stop. */
export const askJsonata = (
  { guest, memory }: ReturnType<typeof newQuickJs>,
  { context, harness }: JsonataImage,
  ...texts: string[]
): Pointer => {
  const values = texts.map((text) => guest.QTS_NewString(context, putText(memory, guest.malloc, text).at));
  const list = allocate(guest.malloc, 4 * values.length);
  new Uint32Array(memory.buffer, list, values.length).set(values);
  const answer = guest.QTS_Call(context, harness, guest.QTS_GetUndefined(), values.length, list);
  // The harness catches what the expression throws: what comes here is a limit.
  if (guest.QTS_ResolveException(context, answer) !== 0) throw new Stop("MemoryError", "out of memory");
  return answer;
};
