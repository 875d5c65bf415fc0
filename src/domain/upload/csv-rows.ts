// The records of a CSV file in any dialect that spreadsheets write, read from any record on.
import { Readable } from "node:stream";
import { type CsvError, type Info, parse } from "csv-parse";
import { type Encoding, MAX_ROW_BYTES, UnreadableFile } from "./upload.ts";

/** `end`: where the next record begins, in bytes from the start of the file. */
export type CsvRecord = { fields: string[]; end: number };
/** `start`: where the header's line begins, past a line `sep=;`. */
export type Dialect = { delimiter: string; start: number };

const DELIMITERS = [",", ";", "\t", "|"];
const SEPARATOR_LINE = /^sep=(.)\r?\n/i;

/** What the head of a file tells: the delimiter that its first line has most often, outside quotes. */
export const dialectOf = (head: string): Dialect => {
  const told = SEPARATOR_LINE.exec(head);
  if (told) return { delimiter: told[1]!, start: Buffer.byteLength(told[0]) };
  const counts = new Map(DELIMITERS.map((delimiter) => [delimiter, 0]));
  let isQuoted = false;
  for (const character of head.replace(/^(\s*\n)+/, "")) {
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (character === "\n" || character === "\r")) break;
    else if (!isQuoted && counts.has(character)) counts.set(character, counts.get(character)! + 1);
  }
  const [delimiter] = [...counts].reduce((best, one) => (one[1] > best[1] ? one : best));
  return { delimiter, start: 0 };
};

const C1 = /[\u0080-\u009f]/;
const windows1252 = new TextDecoder("windows-1252");
/** Read as Latin-1, which keeps the bytes apart; what Windows has in place of control characters is put right after. */
const ofWindows = (text: string): string => (C1.test(text) ? windows1252.decode(Buffer.from(text, "latin1")) : text);

/** `chunks` begin at byte `from` of the file, where a record begins. Records without any value are passed over. Throws `UnreadableFile`. */
export async function* csvRows(
  chunks: AsyncIterable<Uint8Array>,
  { delimiter, encoding, from }: { delimiter: string; encoding: Encoding; from: number },
): AsyncGenerator<CsvRecord> {
  const isWindows = encoding === "windows-1252";
  const parser = parse({
    delimiter,
    encoding: isWindows ? "latin1" : "utf8",
    info: true,
    max_record_size: MAX_ROW_BYTES,
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
  });
  const source = Readable.from(chunks, { objectMode: false });
  source.on("error", (error) => parser.destroy(error)).pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      yield { fields: isWindows ? record.map(ofWindows) : record, end: from + info.bytes };
    }
  } catch (error) {
    throw UNREADABLE[(error as CsvError).code] ?? error;
  } finally {
    source.destroy();
    parser.destroy();
  }
}

const UNREADABLE: Partial<Record<string, UnreadableFile>> = {
  CSV_QUOTE_NOT_CLOSED: new UnreadableFile("A quote is opened and never closed"),
  CSV_MAX_RECORD_SIZE: new UnreadableFile(`A row has more than ${MAX_ROW_BYTES} bytes, or a quote is never closed`),
  CSV_INVALID_CLOSING_QUOTE: new UnreadableFile("Text follows a closing quote"),
};
