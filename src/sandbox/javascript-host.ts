// What QuickJS finds outside itself: memory up to a budget, a clock that stands still in UTC, and one function that prints. No
// timers, files, environment or module loader; every other import refuses. How a snippet is run belongs in javascript.ts.

import { DAY_MS } from "../lib/durations.ts";
import type { Fuel } from "./fuel.ts";
import quickjs from "./gen/quickjs.wasm";
import type { Heap } from "./guest.ts";
import { Stop } from "./outcome.ts";
import { MEMORY_PAGES, PAGE } from "./pages.ts";

/** Pointers into the guest: to a runtime, a context, a value or a C string; 0 is none. */
export type Pointer = number;

export interface QuickJs {
  fuel: WebAssembly.Global;
  __wasm_call_ctors(): void;
  malloc(bytes: number): Pointer;
  QTS_NewRuntime(): Pointer;
  QTS_RuntimeSetMaxStackSize(runtime: Pointer, bytes: number): void;
  QTS_NewContext(runtime: Pointer, intrinsics: number): Pointer;
  QTS_GetUndefined(): Pointer;
  QTS_NewString(context: Pointer, text: Pointer): Pointer;
  QTS_GetString(context: Pointer, value: Pointer): Pointer;
  QTS_NewFunction(context: Pointer, name: Pointer, length: number, isConstructor: number, id: number): Pointer;
  QTS_ArgvGetJSValueConstPointer(values: Pointer, index: number): Pointer;
  QTS_Eval(
    context: Pointer,
    code: Pointer,
    length: number,
    file: Pointer,
    detectModule: number,
    flags: number,
  ): Pointer;
  QTS_Call(context: Pointer, callee: Pointer, self: Pointer, count: number, values: Pointer): Pointer;
  QTS_ExecutePendingJob(runtime: Pointer, most: number, lastContext: Pointer): Pointer;
  QTS_ResolveException(context: Pointer, value: Pointer): Pointer;
}

export interface Outside {
  heap: Heap;
  fuel: Fuel;
  /** Epoch ms. */
  clock(): number;
  /** Called with the pointer to the arguments of the function that javascript.ts makes. */
  print(values: Pointer): void;
  /** What an instance that has started already held, to go on from. */
  image?: { bytes: number; chunks: readonly { at: number; bytes: Uint8Array }[] };
}

/** Memory that the module has before a snippet asks for any. */
export const OWN_BYTES = MEMORY_PAGES.quickjs.min * PAGE;

const ENOSYS = 52;

const IMPORTS = WebAssembly.Module.imports(quickjs);

/** Writes the `struct tm` of an epoch second in UTC, so that a snippet's dates are the same wherever it runs. */
const writeUtc = (memory: WebAssembly.Memory, seconds: bigint, at: Pointer): void => {
  const date = new Date(Number(seconds) * 1000);
  const dayOfYear = Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS);
  new Int32Array(memory.buffer, at >>> 0, 10).set([
    ...[date.getUTCSeconds(), date.getUTCMinutes(), date.getUTCHours(), date.getUTCDate(), date.getUTCMonth()],
    ...[date.getUTCFullYear() - 1900, date.getUTCDay(), dayOfYear, 0, 0],
  ]);
};

const restore = (memory: WebAssembly.Memory, { bytes, chunks }: NonNullable<Outside["image"]>): void => {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  const all = new Uint8Array(memory.buffer);
  // The module has written its own data; the image has it as it was later.
  for (const { at, bytes: part } of chunks) all.set(part, at);
};

/** A new instance with nothing in it yet, or with what the image holds, and its memory. */
export const newQuickJs = ({
  heap,
  fuel,
  clock,
  print,
  image,
}: Outside): { guest: QuickJs; memory: WebAssembly.Memory } => {
  const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES.quickjs.min, maximum: MEMORY_PAGES.quickjs.max });
  /** No offset and no daylight saving; no variables and no bytes of them. */
  const writeZeros = (first: Pointer, second: Pointer): number => {
    for (const at of [first, second]) new DataView(memory.buffer).setInt32(at >>> 0, 0, true);
    return 0;
  };
  const known: Record<string, WebAssembly.ImportValue> = {
    memory,
    date_now: clock,
    resize_heap: (wanted: number) => heap.grow(memory, wanted),
    localtime: (seconds: bigint, at: Pointer) => writeUtc(memory, seconds, at),
    tzset: writeZeros,
    environ_sizes_get: writeZeros,
    environ_get: () => 0,
    fd_write: () => ENOSYS,
    abort: fuel.empty,
    free_host_ref: () => {},
    call_function: (_context: Pointer, _self: Pointer, _count: number, values: Pointer): Pointer => {
      print(values);
      return 0;
    },
  };
  const imports: WebAssembly.Imports = {};
  for (const { module, name } of IMPORTS) {
    const refuse = () => {
      throw new Stop("SandboxError", `a snippet cannot call ${name}`);
    };
    imports[module] ??= {};
    imports[module][name] = known[name] ?? refuse;
  }
  const guest = new WebAssembly.Instance(quickjs, imports).exports as unknown as QuickJs;
  fuel.attach(guest.fuel);
  if (image) restore(memory, image);
  else guest.__wasm_call_ctors();
  return { guest, memory };
};
