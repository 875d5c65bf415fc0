// Files as spreadsheets and programs write them, cut anywhere and read from any row on.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvRows, dialectOf } from "../../../src/domain/upload/csv-rows.ts";
import { jsonElements } from "../../../src/domain/upload/json-elements.ts";
import { textOfFile } from "../../../src/domain/upload/text-of-file.ts";
import type { Encoding } from "../../../src/domain/upload/upload.ts";

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size);
}
const all = async <T>(source: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const one of source) found.push(one);
  return found;
};
const textOf = async (file: Uint8Array, size = 7): Promise<{ bytes: Buffer; encoding: Encoding }> => {
  const { chunks, encoding } = textOfFile(cut(file, size));
  const bytes = Buffer.concat(await all(chunks));
  return { bytes, encoding: encoding() };
};
const rows = async (file: Uint8Array, size = 7, from?: number) => {
  const { bytes, encoding } = await textOf(file, size);
  const { delimiter, start } = dialectOf(bytes.toString(encoding === "utf-8" ? "utf8" : "latin1"));
  const begin = from ?? start;
  return all(csvRows(cut(bytes.subarray(begin), size), { delimiter, encoding, from: begin }));
};

const TABLE = [
  ["phone_e164", "name", "note"],
  ["+14155551234", "Zoë Müller", 'says "hi",\r\nand more; much'],
  ["+14155555678", "", "tab\there"],
];
const written = (delimiter: string, newline: string): string =>
  TABLE.map((record) => record.map((field) => `"${field.replaceAll('"', '""')}"`).join(delimiter)).join(newline);

describe("a CSV file", () => {
  const dialects = [",", ";", "\t", "|"].flatMap((delimiter) =>
    ["\r\n", "\n", "\r"].map((newline) => ({ delimiter, newline })),
  );
  it.each(dialects)("is read with $delimiter and $newline, in every encoding", async ({ delimiter, newline }) => {
    const text = written(delimiter, newline);
    const utf16be = Buffer.from(`\ufeff${text}`, "utf16le").swap16();
    const files = [
      Buffer.from(text),
      Buffer.from(`\ufeff${text}${newline}`),
      Buffer.from(`\ufeff${text}`, "utf16le"),
      utf16be,
      Buffer.from(text, "latin1"),
    ];
    for (const file of files) {
      for (const size of [1, 7, 1_000]) expect((await rows(file, size)).map((one) => one.fields)).toEqual(TABLE);
    }
  });

  it("is read from any row on", async () => {
    for (const file of [Buffer.from(written(",", "\r\n")), Buffer.from(written(";", "\n"), "latin1")]) {
      const whole = await rows(file);
      expect(whole).toHaveLength(3);
      for (const [index, { end }] of whole.entries()) {
        const rest = await rows(file, 5, end);
        expect(rest).toEqual(whole.slice(index + 1));
      }
    }
  });

  it("passes over lines without values, and the line that names the separator", async () => {
    const file = Buffer.from("sep=;\r\nphone_e164;a,b\r\n\r\n;\r\n+14155551234;x\r\n;;\r\n\r\n");
    expect((await rows(file)).map((one) => one.fields)).toEqual([
      ["phone_e164", "a,b"],
      ["+14155551234", "x"],
    ]);
  });

  it("of Windows keeps its quotes and its euro", async () => {
    const file = Buffer.from([...Buffer.from("phone_e164,a\n+14155551234,"), 0x93, 0x80, 0x94, 0xe9]);
    expect((await rows(file)).at(-1)!.fields).toEqual(["+14155551234", "“€”é"]);
  });

  it("with a quote that is never closed ends there, and says so", async () => {
    await expect(rows(Buffer.from('phone_e164,a\n+14155551234,"x\n+14155551235,y'))).rejects.toThrow("never closed");
  });

  it("of one row without end does not fill the memory", async () => {
    const endless = Buffer.from(`phone_e164\n"${"x".repeat(400_000)}`);
    await expect(rows(endless, 10_000)).rejects.toThrow("bytes");
  });
});

describe("a JSON list", () => {
  const elements = async (bytes: Uint8Array, size: number, from = 0) =>
    (await all(jsonElements(cut(bytes.subarray(from), size), from))).map(({ bytes: one, end }) => ({
      value: one && JSON.parse(Buffer.from(one).toString()),
      end,
    }));

  it("is the same in pieces, cut anywhere, and from any element on", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue(), { maxLength: 6 }),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        async (list, size, pretty) => {
          const bytes = Buffer.from(JSON.stringify(list, null, pretty ? 2 : 0));
          const whole = await elements(bytes, size);
          expect(whole.map(({ value }) => value)).toEqual(JSON.parse(bytes.toString()));
          for (const [index, { end }] of whole.entries()) {
            expect(await elements(bytes, size, end)).toEqual(whole.slice(index + 1));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each(["", "{}", "[1", "[1,]", "[,1]", "[1]x", "[1 2", '["a', "x"])("that is none is told: %s", async (text) => {
    await expect(elements(Buffer.from(text), 3)).rejects.toThrow(/JSON|empty/);
  });

  it("of one huge element is read past it", async () => {
    const bytes = Buffer.from(JSON.stringify(["x".repeat(300_000), 2]));
    expect((await elements(bytes, 5_000)).map(({ value }) => value)).toEqual([null, 2]);
  });
});
