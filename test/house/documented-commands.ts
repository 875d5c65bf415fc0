// The commands of a document that promise to work. A ```bash block right below `<!-- tested -->` is such a promise, and is kept in one of two ways:
// a test runs the block as it stands (it calls `documentedCommands("README.md")`), or each command stands literally in .ci/run or in a test.
import { textOf } from "./source.ts";

const BLOCK = /^<!-- tested -->\s*\n+```(?:bash|sh)\n([\s\S]*?)^```/gm;

/** The marked blocks of `markdown` as they stand, in order. */
export const blocksIn = (markdown: string): string[] => [...markdown.matchAll(BLOCK)].map(([, block]) => block!);

/** Single commands of the marked blocks: without comments, lines that end in `\` joined with their next. */
export const commandsIn = (markdown: string): string[] =>
  blocksIn(markdown).flatMap((block) =>
    block
      .replace(/\\\n\s*/g, "")
      .split("\n")
      .map((line) => line.replace(/(^|\s)#\s.*$/, "").trim())
      .filter(Boolean),
  );

/** The marked blocks of the document at `path` (from the repository's root), for bash to run one after the other in one shell. */
export const documentedCommands = (path: string): string[] => blocksIn(textOf(path));

/** Commands of `markdown` that nobody runs; `tests` are the texts that might. */
export const unkeptPromises = (path: string, markdown: string, tests: readonly string[]): string[] => {
  if (tests.some((test) => test.includes(`documentedCommands("${path}")`))) return [];
  return commandsIn(markdown)
    .filter((command) => !tests.some((test) => test.includes(command)))
    .map((command) => `${path}: nothing runs \`${command}\``);
};
