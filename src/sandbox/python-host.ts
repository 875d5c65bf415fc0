// What MicroPython finds outside itself: memory up to a budget, a clock that stands still, a seed, and one stream of text. Nothing
// of the package's own JavaScript is used, because that hands the host's globals to Python; every other import refuses.
// How a snippet is run belongs in python.ts.

import type { Fuel } from "./fuel.ts";
import micropython from "./gen/micropython.wasm";
import { bytesAt, newHeap, wordsAt } from "./guest.ts";
import { Stop } from "./outcome.ts";
import { MEMORY_PAGES, PAGE } from "./pages.ts";

export interface MicroPython {
  memory: WebAssembly.Memory;
  fuel: WebAssembly.Global;
  __indirect_function_table: WebAssembly.Table;
  __wasm_call_ctors(): void;
  malloc(bytes: number): number;
  setThrew(threw: number, value: number): void;
  emscripten_stack_init(): void;
  emscripten_stack_get_current(): number;
  _emscripten_stack_restore(at: number): void;
  mp_js_init(stackWords: number, heapBytes: number): void;
  mp_js_register_js_module(name: number, value: number): void;
  mp_js_do_exec(source: number, length: number, out: number): void;
  mp_sched_keyboard_interrupt(): void;
}

export interface Outside {
  /** Bytes beyond the module's own memory. */
  memoryBytes: number;
  /** Epoch ms. */
  now(): number;
  /** An unsigned 32-bit number, asked when the snippet first imports `random`. */
  random(): number;
  /** Called with each piece of text that Python writes. */
  write(bytes: Uint8Array): void;
  fuel: Fuel;
}

/** EACCES in MicroPython's own numbering: no file, folder or descriptor may be touched. */
const EACCES = 13;
/** Fuel for each piece of text, and for a longjmp, which here is an exception of the host: about what they cost it in time. */
const WRITE_UNITS = 32;
const LONGJMP_UNITS = 500;

/** What C's longjmp throws here; the only exception that goes no further than `invoke_…`. */
const LONGJMP = Symbol("longjmp");

const IMPORTS = WebAssembly.Module.imports(micropython);

/** The import `name` of those that are the same for every run. */
const standard = (name: string, invoke: WebAssembly.ImportValue): WebAssembly.ImportValue => {
  if (name.startsWith("invoke_")) return invoke;
  if (name.startsWith("__syscall_")) return () => -EACCES;
  if (name.startsWith("fd_")) return () => EACCES;
  return () => {
    throw new Stop("SandboxError", `a snippet cannot call ${name}`);
  };
};

/** A new instance with nothing in it yet: call the constructors, or copy an image into its memory. */
export const newMicroPython = ({ memoryBytes, now, random, write, fuel }: Outside): MicroPython => {
  let guest!: MicroPython;
  const invoke = (index: number, ...args: number[]): number | undefined => {
    const stack = guest.emscripten_stack_get_current();
    try {
      return guest.__indirect_function_table.get(index)(...args);
    } catch (thrown) {
      if (thrown !== LONGJMP) throw thrown;
      guest._emscripten_stack_restore(stack);
      guest.setThrew(1, 0);
    }
  };
  // Doubling heaps each have their own tables, about a thirty-second of what they hold.
  const heap = newHeap(MEMORY_PAGES.micropython.min * PAGE + memoryBytes + (memoryBytes >> 5));
  const known: Record<string, WebAssembly.ImportValue> = {
    _emscripten_throw_longjmp: () => {
      fuel.burn(LONGJMP_UNITS);
      throw LONGJMP;
    },
    emscripten_resize_heap: (wanted: number) => heap.grow(guest.memory, wanted),
    _abort_js: fuel.empty,
    mp_js_random_u32: random,
    mp_js_time_ms: now,
    mp_js_ticks_ms: () => now() & 0x3fffffff,
    fd_write(_file: number, vectors: number, count: number, written: number): number {
      fuel.burn(WRITE_UNITS + (count >>> 0));
      const words = wordsAt(guest.memory, vectors, 2 * (count >>> 0));
      let total = 0;
      for (let index = 0; index < words.length; index += 2) {
        const bytes = bytesAt(guest.memory, words[index]!, words[index + 1]!);
        fuel.burn(bytes.length >> 6);
        write(bytes);
        total += bytes.length;
      }
      new DataView(guest.memory.buffer).setUint32(written >>> 0, total, true);
      return 0;
    },
  };
  const imports: WebAssembly.Imports = {};
  for (const { module, name } of IMPORTS) {
    imports[module] ??= {};
    imports[module][name] = known[name] ?? standard(name, invoke);
  }
  guest = new WebAssembly.Instance(micropython, imports).exports as unknown as MicroPython;
  fuel.attach(guest.fuel, guest.mp_sched_keyboard_interrupt);
  guest.emscripten_stack_init();
  return guest;
};
