// What a file may look like from outside: its name, its size, its first line, and the words that finished work does not carry.
import { basename } from "node:path";

export type File = { path: string; text: string };

const LINES = 500;
const LEAF_LINES = 100;
/** Code is kept to 120 columns by the formatter; what is read as prose may be a little wider. */
const COMMENT_COLUMNS = 150;

const NAME = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/;
const EMPTY_NAMES = /(^|-)(helpers?|managers?|misc|services?|utils?|utilities)(-|\.)/;
const UNFINISHED = /\b(TODO|FIXME|XXX|HACK|not implemented|to be implemented)\b/;

export const linesOf = (text: string): number => text.split("\n").length - (text.endsWith("\n") ? 1 : 0);

export const median = (numbers: readonly number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
};

/** What is wrong with `file`, one line each. */
export const judgeFile = ({ path, text }: File): string[] => {
  const found: string[] = [];
  const name = basename(path);
  const lines = linesOf(text);
  const limit = path.startsWith("src/lib/") ? LEAF_LINES : LINES;
  if (!NAME.test(name)) found.push(`${path}: the name is not kebab-case`);
  if (EMPTY_NAMES.test(name)) found.push(`${path}: the name says nothing`);
  if (lines > limit) found.push(`${path}: ${lines} lines are more than ${limit}`);
  // A node type's title and description are its header.
  if (/^src\/(?!nodes\/).*\.(ts|mjs)$/.test(path) && !/^(#!.*\n)?(\/\/|\/\*)/.test(text)) {
    found.push(`${path}: no header says what belongs here`);
  }
  text.split("\n").forEach((line, index) => {
    const word = UNFINISHED.exec(line)?.[1];
    if (word) found.push(`${path}:${index + 1}: ${word}`);
    if (path.startsWith("src/") && line.length > COMMENT_COLUMNS && /^\s*(\/\/|\/\*\*|\*) /.test(line))
      found.push(`${path}:${index + 1}: a comment is wider than ${COMMENT_COLUMNS} columns`);
  });
  return found;
};
