// The rows of a stored file of either format, read from a place where an earlier reader stopped.
import { headerProblem, type ReadRow, rowOfElement, rowOfRecord } from "./columns.ts";
import { csvRows, type Dialect, dialectOf } from "./csv-rows.ts";
import { jsonElements } from "./json-elements.ts";
import { type Encoding, type Format, UnreadableFile } from "./upload.ts";

/** PERSISTED CONTRACT. How far a file was read, in bytes, and what its head told. */
export type Place = { offset: number; csv?: { header: string[]; delimiter: string } };

/** `read` is absent for what is no row: a header. */
export type RowOfFile = { read?: ReadRow; place: Place };

/** `chunks(from)`: the file's bytes from there on. Throws `UnreadableFile`, after all rows before the trouble. */
export async function* rowsOfFile(
  chunks: (from: number) => AsyncIterable<Uint8Array>,
  of: { place: Place; format: Format; encoding: Encoding },
): AsyncGenerator<RowOfFile> {
  const { place, format, encoding } = of;
  if (format === "json") {
    if (encoding !== "utf-8") throw new UnreadableFile("The file is not UTF-8");
    for await (const { bytes, end } of jsonElements(chunks(place.offset), place.offset)) {
      yield { read: rowOfElement(bytes), place: { offset: end } };
    }
    return;
  }
  const csv = place.csv ?? (await headOf(chunks, encoding));
  const from = "start" in csv ? csv.start : place.offset;
  const { delimiter } = csv;
  let header = place.csv?.header;
  for await (const { fields, end } of csvRows(chunks(from), { delimiter, encoding, from })) {
    const next: Place = { offset: end, csv: { header: header ?? fields, delimiter } };
    if (header) {
      yield { read: rowOfRecord(header, fields), place: next };
      continue;
    }
    const problem = headerProblem(fields);
    if (problem) throw new UnreadableFile(problem);
    header = fields;
    yield { place: next };
  }
  if (!header) throw new UnreadableFile("The file is empty");
}

const headOf = async (chunks: (from: number) => AsyncIterable<Uint8Array>, encoding: Encoding): Promise<Dialect> => {
  for await (const chunk of chunks(0)) {
    return dialectOf(Buffer.from(chunk).toString(encoding === "utf-8" ? "utf8" : "latin1"));
  }
  throw new UnreadableFile("The file is empty");
};
