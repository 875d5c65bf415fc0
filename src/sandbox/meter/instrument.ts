// Function bodies: burns fuel at each entry and each loop turn, and sends bulk memory instructions through metered helpers.
// Knows the instructions that compilers emit for C without threads, SIMD or exceptions, and refuses every other: an instruction
// set in which a trap could be caught or a loop hidden would make the meter a lie.

import { type Cursor, concat, readByte, readU32, skipLeb, u32 } from "./binary.ts";

/** Bytes of memory.copy or memory.fill that cost one unit of fuel, as a power of two: about what a loop turn takes. */
const BULK_BYTES_PER_UNIT_LOG2 = 6;

const OP = {
  loop: 0x03,
  if: 0x04,
  end: 0x0b,
  unreachable: 0x00,
  call: 0x10,
  localGet: 0x20,
  globalGet: 0x23,
  globalSet: 0x24,
  i64Const: 0x42,
  i64LtS: 0x53,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64ShrU: 0x88,
  i64ExtendI32U: 0xad,
  bulk: 0xfc,
  memoryCopy: 10,
  memoryFill: 11,
  emptyBlock: 0x40,
} as const;

/** Indices, in the new module, of what the meter appended to it. */
export interface Meter {
  fuelGlobal: number;
  copyFunction: number;
  fillFunction: number;
  /** The import to call when the fuel is used up; a trap without one. */
  emptyFunction: number | undefined;
}

/** fuel -= the i64 that `cost` leaves on the stack; below zero is a trap or a call of the host, whose throw no code of the guest can catch. */
const burn = (meter: Meter, cost: readonly number[]): number[] => {
  const fuel = u32(meter.fuelGlobal);
  const empty = meter.emptyFunction === undefined ? [OP.unreachable] : [OP.call, ...u32(meter.emptyFunction)];
  return [
    ...[OP.globalGet, ...fuel, ...cost, OP.i64Sub, OP.globalSet, ...fuel],
    ...[OP.globalGet, ...fuel, OP.i64Const, 0, OP.i64LtS, OP.if, OP.emptyBlock, ...empty, OP.end],
  ];
};

const one = [OP.i64Const, 1];
const bulkCost = [
  ...[OP.localGet, 2, OP.i64ExtendI32U, OP.i64Const, BULK_BYTES_PER_UNIT_LOG2, OP.i64ShrU],
  ...[...one, OP.i64Add],
];

/** Bodies of the helpers `(to, value or from, length) -> ()` that pay for a bulk instruction and then do it. */
export const helperBodies = (meter: Meter): Uint8Array[] =>
  [
    [OP.bulk, OP.memoryCopy, 0, 0],
    [OP.bulk, OP.memoryFill, 0],
  ].map((bulk) => {
    const operands = [OP.localGet, 0, OP.localGet, 1, OP.localGet, 2];
    return Uint8Array.from([0, ...burn(meter, bulkCost), ...operands, ...bulk, OP.end]);
  });

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

type Skip = (code: Cursor) => void;
const nothing: Skip = () => {};
const twoLebs: Skip = (code) => {
  skipLeb(code);
  skipLeb(code);
};
const bytes =
  (count: number): Skip =>
  (code) => {
    code.at += count;
  };
const labels: Skip = (code) => {
  for (let left = readU32(code); left >= 0; left--) skipLeb(code);
};
const types: Skip = (code) => {
  code.at += readU32(code);
};

/** How to step over the operands of each known instruction. */
const OPERANDS: ReadonlyMap<number, Skip> = new Map<number, Skip>([
  ...[0x00, 0x01, 0x05, OP.end, 0x0f, 0x1a, 0x1b, 0xd1, ...range(0x45, 0xc4)].map((op) => [op, nothing] as const),
  ...[0x02, OP.loop, OP.if, 0x0c, 0x0d, OP.call, ...range(0x20, 0x26)].map((op) => [op, skipLeb] as const),
  ...[0x3f, 0x40, 0x41, OP.i64Const, 0xd0, 0xd2].map((op) => [op, skipLeb] as const),
  ...[0x11, ...range(0x28, 0x3e)].map((op) => [op, twoLebs] as const),
  [0x0e, labels],
  [0x1c, types],
  [0x43, bytes(4)],
  [0x44, bytes(8)],
]);

/** Likewise after the prefix 0xfc; memory.init (8) copies segments of the binary itself, so it is bounded and free. */
const BULK_OPERANDS: ReadonlyMap<number, Skip> = new Map<number, Skip>([
  ...range(0, 7).map((op) => [op, nothing] as const),
  [8, twoLebs],
  [9, skipLeb],
  [OP.memoryCopy, twoLebs],
  [OP.memoryFill, skipLeb],
]);

/** Rewrites the instructions from `code.at` to the end of its bytes. */
export const instrument = (code: Cursor, meter: Meter): Uint8Array => {
  const turn = burn(meter, one);
  const parts: ArrayLike<number>[] = [turn];
  let copied = code.at;
  const emit = (upTo: number, extra: readonly number[]) => {
    parts.push(code.bytes.subarray(copied, upTo), extra);
    copied = code.at;
  };
  while (code.at < code.bytes.length) {
    const start = code.at;
    const op = readByte(code);
    const bulk = op === OP.bulk ? readU32(code) : undefined;
    const skip = bulk === undefined ? OPERANDS.get(op) : BULK_OPERANDS.get(bulk);
    if (!skip)
      throw new Error(`wasm: cannot meter instruction 0x${op.toString(16)}${bulk === undefined ? "" : ` ${bulk}`}`);
    skip(code);
    if (op === OP.loop) emit(code.at, turn);
    else if (bulk === OP.memoryCopy) emit(start, [OP.call, ...u32(meter.copyFunction)]);
    else if (bulk === OP.memoryFill) emit(start, [OP.call, ...u32(meter.fillFunction)]);
  }
  emit(code.bytes.length, []);
  return concat(parts);
};
