// Rewrites a WebAssembly module so that it burns fuel and cannot grow beyond a number of pages. Nothing is moved: the fuel
// global and two helper functions are appended, so that every index of the original stays right.
// Instructions belong in instrument.ts, the choice of modules in interpreters.ts.

import {
  concat,
  cursor,
  encodeName,
  readByte,
  readBytes,
  readName,
  readSections,
  readU32,
  SECTION,
  type Section,
  skipLeb,
  u32,
  writeSections,
} from "./binary.ts";
import { helperBodies, instrument, type Meter } from "./instrument.ts";

export interface MeterOptions {
  /** Limits of the memory in pages of 64 KiB, whether the module defines it or imports it. */
  memoryPages: { min: number; max: number };
  /** New name -> old name. What is not named is no longer exported; `fuel` is added. */
  exports: Readonly<Record<string, string>>;
  /** Old field name -> new field name of imports; a field that is not named keeps its name. */
  imports?: Readonly<Record<string, string>>;
  /**
   * Old field name of an imported function `() -> ()` that is called when the fuel falls below zero, instead of a trap. It refills and
   * returns, or throws.
   */
  whenEmpty?: string;
}

const KIND = { function: 0, table: 1, memory: 2, global: 3 } as const;
const HAS_MAXIMUM = 1;
/** `global (mut i64)` of a million: enough for a start function, and an end to what a host forgets to limit. */
const FUEL_GLOBAL = [0x7e, 1, 0x42, 0xc0, 0x84, 0x3d, 0x0b];
const BULK_HELPER_TYPE = [0x60, 3, 0x7f, 0x7f, 0x7f, 0];

const limits = ({ min, max }: MeterOptions["memoryPages"]): number[] => [HAS_MAXIMUM, ...u32(min), ...u32(max)];

const skipLimits = (from: ReturnType<typeof cursor>): void => {
  const flags = readByte(from);
  skipLeb(from);
  if (flags & HAS_MAXIMUM) skipLeb(from);
};

const rewriteImports = (body: Uint8Array, options: MeterOptions) => {
  const from = cursor(body);
  const count = readU32(from);
  const parts: ArrayLike<number>[] = [u32(count)];
  const imported = { functions: 0, globals: 0 };
  let emptyFunction: number | undefined;
  for (let left = count; left > 0; left--) {
    const module = readName(from);
    const field = readName(from);
    const kind = readByte(from);
    const start = from.at;
    if (kind === KIND.function && field === options.whenEmpty) emptyFunction = imported.functions;
    if (kind === KIND.function) imported.functions++;
    if (kind === KIND.global) imported.globals++;
    if (kind === KIND.function) skipLeb(from);
    else if (kind === KIND.global) from.at += 2;
    else if (kind === KIND.memory) skipLimits(from);
    else throw new Error(`wasm: cannot meter an import of kind ${kind}`);
    const type = kind === KIND.memory ? limits(options.memoryPages) : body.subarray(start, from.at);
    parts.push([...encodeName(module), ...encodeName(options.imports?.[field] ?? field), kind], type);
  }
  if (options.whenEmpty && emptyFunction === undefined) throw new Error(`wasm: no import ${options.whenEmpty}`);
  return { body: concat(parts), imported, emptyFunction };
};

const rewriteExports = (body: Uint8Array, options: MeterOptions, fuelGlobal: number): Uint8Array => {
  const from = cursor(body);
  const targets = new Map<string, Uint8Array>();
  for (let left = readU32(from); left > 0; left--) {
    const name = readName(from);
    const start = from.at++;
    skipLeb(from);
    targets.set(name, body.subarray(start, from.at));
  }
  const kept = Object.entries(options.exports).map(([name, old]) => {
    const target = targets.get(old);
    if (!target) throw new Error(`wasm: no export ${old} to be called ${name}`);
    return concat([encodeName(name), target]);
  });
  return concat([u32(kept.length + 1), ...kept, encodeName("fuel"), [KIND.global, ...u32(fuelGlobal)]]);
};

const rewriteCode = (body: Uint8Array, meter: Meter): Uint8Array => {
  const from = cursor(body);
  const count = readU32(from);
  const helpers = helperBodies(meter);
  const functions: Uint8Array[] = [];
  for (let left = count; left > 0; left--) {
    const code = cursor(readBytes(from, readU32(from)));
    for (let groups = readU32(code); groups > 0; groups--) {
      skipLeb(code);
      code.at++;
    }
    const locals = code.bytes.subarray(0, code.at);
    functions.push(concat([locals, instrument(code, meter)]));
  }
  return concat([
    u32(count + helpers.length),
    ...[...functions, ...helpers].flatMap((code) => [u32(code.length), code]),
  ]);
};

/** The vector of `body` with entries appended. */
const append = (body: Uint8Array, ...entries: number[][]): Uint8Array => {
  const from = cursor(body);
  const count = readU32(from);
  return concat([u32(count + entries.length), body.subarray(from.at), ...entries]);
};

const countOf = (section: Section): number => readU32(cursor(section.body));

/**
 * The metered module: an exported mutable i64 global `fuel` loses one at each function entry and loop turn, and one per 64 bytes of a bulk copy or
 * fill; below zero the module traps or calls `whenEmpty`. It starts at a million. Throws for a module that it cannot meter honestly.
 */
export const meterWasm = (bytes: Uint8Array, options: MeterOptions): Uint8Array => {
  const sections = readSections(bytes);
  const find = (id: number): Section => {
    const section = sections.find((candidate) => candidate.id === id);
    if (!section) throw new Error(`wasm: a module without section ${id} is not metered`);
    return section;
  };
  const imports = rewriteImports(find(SECTION.import).body, options);
  const firstHelper = imports.imported.functions + countOf(find(SECTION.function));
  const meter: Meter = {
    fuelGlobal: imports.imported.globals + countOf(find(SECTION.global)),
    copyFunction: firstHelper,
    fillFunction: firstHelper + 1,
    emptyFunction: imports.emptyFunction,
  };
  const helperType = u32(countOf(find(SECTION.type)));
  const rewrite: Record<number, (body: Uint8Array) => Uint8Array> = {
    [SECTION.type]: (body) => append(body, BULK_HELPER_TYPE),
    [SECTION.import]: () => imports.body,
    [SECTION.function]: (body) => append(body, helperType, helperType),
    [SECTION.memory]: () => Uint8Array.from([1, ...limits(options.memoryPages)]),
    [SECTION.global]: (body) => append(body, FUEL_GLOBAL),
    [SECTION.export]: (body) => rewriteExports(body, options, meter.fuelGlobal),
    [SECTION.code]: (body) => rewriteCode(body, meter),
  };
  return writeSections(
    sections
      .filter(({ id }) => id !== SECTION.custom)
      .map(({ id, body }) => ({ id, body: rewrite[id]?.(body) ?? body })),
  );
};
