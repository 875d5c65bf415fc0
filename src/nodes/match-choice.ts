// What a person means who was given choices: the one that they tapped, its words, its number or its id. Pure.
import { foldCase } from "../engine/expression/compare.ts";
import { plainDigits } from "../lib/plain-digits.ts";

export type Choice = { id: string; title: string };

/** `tapped`: the id that came back with a button or a list row. */
export type Reply = { text: string; tapped?: string | undefined };

/** `2`, `2.`, `2)`, `#2`: as people copy from a numbered list. */
const NUMBER = /^#?(\d{1,3})[.)]?$/;

const plain = (text: string): string => foldCase(text.trim().replace(/\s+/g, " "));

/** Letters and digits, as people type a title that is adorned: "✅ Yes!" is answered by "yes". */
const bare = (text: string): string =>
  plain(text)
    .replace(/[^\p{L}\p{M}\p{N}\s]/gu, "")
    .replace(/\s+/g, " ")
    .trim();

/** The only choice whose title is made of these words. */
const byWords = <C extends Choice>(choices: readonly C[], said: string): C | undefined => {
  const words = bare(said);
  if (words === "") return undefined;
  const meant = choices.filter(({ title }) => bare(title) === words);
  return meant.length === 1 ? meant[0] : undefined;
};

/**
 * In this order: what was tapped, the title in any case, the number in the list (from 1), the id in any case, the title without its signs. A number
 * that is somebody's title is that title: people see titles and numbers, never ids. `anyDigits`: its number in any script's.
 */
export const matchChoice = <C extends Choice>(
  choices: readonly C[],
  { text, tapped }: Reply,
  anyDigits = true,
): C | undefined => {
  const touched = tapped === undefined ? undefined : choices.find(({ id }) => id === tapped);
  if (touched) return touched;
  const said = plain(text);
  if (said === "") return undefined;
  const number = Number(NUMBER.exec(anyDigits ? plainDigits(said) : said)?.[1] ?? 0);
  return (
    choices.find(({ title }) => plain(title) === said) ??
    choices[number - 1] ??
    choices.find(({ id }) => plain(id) === said) ??
    byWords(choices, said)
  );
};
