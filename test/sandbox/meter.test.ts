import { describe, expect, test } from "vitest";
import { encodeName, SECTION, u32, writeSections } from "../../src/sandbox/meter/binary.ts";
import { meterWasm } from "../../src/sandbox/meter/meter-wasm.ts";

const I32 = 0x7f;

/** A module of one function `run: (i32) -> ()` with one local, that imports `env.call` and has a page of memory. */
const moduleOf = (...body: number[]): Uint8Array => {
  const code = [1, 1, I32, ...body, 0x0b];
  const sections: [number, number[]][] = [
    [SECTION.custom, [...encodeName("name"), 1, 2, 3]],
    [SECTION.type, [2, 0x60, 1, I32, 0, 0x60, 0, 0]],
    [SECTION.import, [1, ...encodeName("env"), ...encodeName("call"), 0, 1]],
    [SECTION.function, [1, 0]],
    [SECTION.memory, [1, 0, 1]],
    [SECTION.global, [1, I32, 1, 0x41, 0, 0x0b]],
    [SECTION.export, [2, ...encodeName("run"), 0, 1, ...encodeName("memory"), 2, 0]],
    [SECTION.code, [1, ...u32(code.length), ...code]],
  ];
  return writeSections(sections.map(([id, bytes]) => ({ id, body: Uint8Array.from(bytes) })));
};

const OPTIONS = { memoryPages: { min: 1, max: 3 }, exports: { start: "run", memory: "memory" } };

const instantiate = (bytes: Uint8Array) => {
  let calls = 0;
  const Module = WebAssembly.Module as unknown as new (bytes: Uint8Array) => WebAssembly.Module;
  const module = new Module(bytes);
  const { exports } = new WebAssembly.Instance(module, { env: { call: () => void calls++ } });
  const { start, fuel, memory } = exports as unknown as {
    start: (argument: number) => void;
    fuel: { value: bigint };
    memory: WebAssembly.Memory;
  };
  const burnt = (argument: number, units = 1_000_000): number => {
    fuel.value = BigInt(units);
    start(argument);
    return units - Number(fuel.value);
  };
  return { exports, burnt, fuel, memory, calls: () => calls };
};

/** do { local1 += 1; call() } while (local1 < argument) */
const LOOP = [...[0x03, 0x40, 0x20, 1, 0x41, 1, 0x6a, 0x21, 1, 0x10, 0], ...[0x20, 1, 0x20, 0, 0x48, 0x0d, 0, 0x0b]];
/** memory.fill(0, 7, argument) and memory.copy(0, 8, argument) */
const FILL = [0x41, 0, 0x41, 7, 0x20, 0, 0xfc, 11, 0];
const COPY = [0x41, 0, 0x41, 8, 0x20, 0, 0xfc, 10, 0, 0];
/** drop(memory.grow(argument)) */
const GROW = [0x20, 0, 0x40, 0, 0x1a];

describe("fuel", () => {
  test("one unit for the call and one for each turn", () => {
    const { burnt, calls } = instantiate(meterWasm(moduleOf(...LOOP), OPTIONS));
    expect(burnt(1)).toBe(2);
    expect(burnt(500)).toBe(501);
    expect(calls()).toBe(501);
  });

  test("a trap below zero, in the turn that passed it", () => {
    const { burnt, calls, fuel } = instantiate(meterWasm(moduleOf(...LOOP), OPTIONS));
    expect(burnt(10, 11)).toBe(11);
    expect(() => burnt(10, 10)).toThrow(WebAssembly.RuntimeError);
    expect(fuel.value).toBe(-1n);
    expect(calls()).toBe(10 + 9);
  });

  test("what a host forgets to limit ends as well", () => {
    const { fuel, exports, calls } = instantiate(meterWasm(moduleOf(...LOOP), OPTIONS));
    expect(fuel.value).toBe(1_000_000n);
    expect(() => (exports.start as (turns: number) => void)(0x7fffffff)).toThrow(WebAssembly.RuntimeError);
    expect(calls()).toBe(999_999);
  });

  test.each([
    ["fill", FILL],
    ["copy", COPY],
  ])("memory.%s costs by its length, and still does it", (_name, code) => {
    const { burnt, memory } = instantiate(meterWasm(moduleOf(...code), OPTIONS));
    expect(burnt(0)).toBe(2);
    new Uint8Array(memory.buffer)[8] = 9;
    expect(burnt(6400)).toBe(102);
    expect(new Uint8Array(memory.buffer)[0]).toBe(code === FILL ? 7 : 9);
    expect(() => burnt(64_000, 500)).toThrow(WebAssembly.RuntimeError);
  });
});

test("a host that is called when the fuel is used up may refill once and end it the next time", () => {
  const bytes = meterWasm(moduleOf(...LOOP), { ...OPTIONS, whenEmpty: "call" });
  const Module = WebAssembly.Module as unknown as new (bytes: Uint8Array) => WebAssembly.Module;
  let fuel: { value: bigint } | undefined;
  let refills = 0;
  // The loop calls the same import each turn: only below zero is it the meter.
  const call = () => {
    if (!fuel || fuel.value >= 0n) return;
    if (refills++) throw new Error("over");
    fuel.value = 100n;
  };
  const { exports } = new WebAssembly.Instance(new Module(bytes), { env: { call } });
  fuel = exports.fuel as unknown as { value: bigint };
  fuel.value = 10n;
  expect(() => (exports.start as (turns: number) => void)(1000)).toThrow("over");
  expect(refills).toBe(2);
  expect(() => meterWasm(moduleOf(), { ...OPTIONS, whenEmpty: "nobody" })).toThrow("no import nobody");
});

test("memory grows to the cap and no further", () => {
  const { burnt, memory } = instantiate(meterWasm(moduleOf(...GROW), OPTIONS));
  burnt(2);
  expect(memory.buffer.byteLength).toBe(3 * 65536);
  burnt(1);
  expect(memory.buffer.byteLength).toBe(3 * 65536);
});

test("only what is named is exported, under its new name", () => {
  const { exports } = instantiate(meterWasm(moduleOf(), { ...OPTIONS, exports: { start: "run" } }));
  expect(Object.keys(exports).sort()).toEqual(["fuel", "start"]);
  expect(() => meterWasm(moduleOf(), { ...OPTIONS, exports: { x: "y" } })).toThrow("no export y");
});

test("imports get new names", () => {
  const bytes = meterWasm(moduleOf(), { ...OPTIONS, imports: { call: "callHost" } });
  const Module = WebAssembly.Module as unknown as new (bytes: Uint8Array) => WebAssembly.Module;
  expect(WebAssembly.Module.imports(new Module(bytes)).map(({ name }) => name)).toEqual(["callHost"]);
});

test.each([
  ["exceptions", [0x06, 0x40, 0x0b]],
  ["try_table", [0x1f, 0x40, 0, 0x0b]],
  ["tail calls", [0x12, 0]],
  ["vectors", [0xfd, 12]],
  ["threads", [0xfe, 0]],
  ["tables that grow", [0xfc, 15, 0]],
])("a module with %s is refused", (_name, code) => {
  expect(() => meterWasm(moduleOf(...code), OPTIONS)).toThrow(/cannot meter instruction/);
});

test.each([
  ["no module", Uint8Array.from([1, 2, 3])],
  ["a module cut short", moduleOf(...LOOP).subarray(0, -3)],
])("%s is refused", (_name, bytes) => {
  expect(() => meterWasm(bytes, OPTIONS)).toThrow(/wasm:/);
});
