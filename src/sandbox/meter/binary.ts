// The WebAssembly binary format as far as the meter needs it: a cursor over bytes, LEB128 numbers, names and sections.
// What is changed in a module belongs in meter-wasm.ts and instrument.ts.
// Source: https://webassembly.github.io/spec/core/binary/

/** Ids of the sections that the meter reads or changes. */
export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  memory: 5,
  global: 6,
  export: 7,
  code: 10,
} as const;

export interface Section {
  id: number;
  body: Uint8Array;
}

export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

export const cursor = (bytes: Uint8Array): Cursor => ({ bytes, at: 0 });

export const readByte = (from: Cursor): number => {
  const byte = from.bytes[from.at++];
  if (byte === undefined) throw new Error(`wasm: unexpected end at byte ${from.at - 1}`);
  return byte;
};

/** An unsigned LEB128 number of at most 32 bits. */
export const readU32 = (from: Cursor): number => {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = readByte(from);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value >>> 0;
  }
};

/** Steps over a LEB128 number of any width and sign. */
export const skipLeb = (from: Cursor): void => {
  while (readByte(from) >= 0x80);
};

export const readBytes = (from: Cursor, length: number): Uint8Array => {
  if (from.at + length > from.bytes.length) throw new Error(`wasm: unexpected end after byte ${from.at}`);
  from.at += length;
  return from.bytes.subarray(from.at - length, from.at);
};

export const readName = (from: Cursor): string => new TextDecoder().decode(readBytes(from, readU32(from)));

export const u32 = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest ? low | 0x80 : low);
  } while (rest);
  return bytes;
};

export const encodeName = (name: string): number[] => {
  const bytes = new TextEncoder().encode(name);
  return [...u32(bytes.length), ...bytes];
};

export const concat = (parts: readonly ArrayLike<number>[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** The sections of a module in file order. */
export const readSections = (bytes: Uint8Array): Section[] => {
  if (HEADER.some((byte, index) => bytes[index] !== byte)) throw new Error("wasm: not a version 1 module");
  const from = cursor(bytes);
  from.at = HEADER.length;
  const sections: Section[] = [];
  while (from.at < bytes.length) {
    const id = readByte(from);
    sections.push({ id, body: readBytes(from, readU32(from)) });
  }
  return sections;
};

export const writeSections = (sections: readonly Section[]): Uint8Array =>
  concat([HEADER, ...sections.flatMap(({ id, body }) => [[id, ...u32(body.length)], body])]);
