// What a person means who was given choices: the one that they tapped, its words, its number or its id. Pure.
import { foldCase } from "../engine/expression/compare.ts";

export type Choice = { id: string; title: string };

/** `tapped`: the id that came back with a button or a list row. */
export type Reply = { text: string; tapped?: string | undefined };

/** `2`, `2.`, `2)`, `#2`: as people copy from a numbered list. */
const NUMBER = /^#?(\d{1,3})[.)]?$/;

const plain = (text: string): string => foldCase(text.trim().replace(/\s+/g, " "));

/**
 * In this order: what was tapped, the title in any case, the number in the list (from 1), the id in any case. A number that is somebody's title
 * is that title: people see titles and numbers, never ids.
 */
export const matchChoice = <C extends Choice>(choices: readonly C[], { text, tapped }: Reply): C | undefined => {
  const touched = tapped === undefined ? undefined : choices.find(({ id }) => id === tapped);
  if (touched) return touched;
  const said = plain(text);
  if (said === "") return undefined;
  const number = Number(NUMBER.exec(said)?.[1] ?? 0);
  return (
    choices.find(({ title }) => plain(title) === said) ??
    choices[number - 1] ??
    choices.find(({ id }) => plain(id) === said)
  );
};
