// Studio's Liquid as pieces of text and variables. Reads only what the flow format can hold: a path; filters and tags are told as lost.
import type { Piece } from "../words.ts";

export type LiquidNote = { outcome: "approximated" | "unsupported"; reason: string };

const TOKENS = /\{\{-?((?:[^{}]|\{(?!\{)|\}(?!\}))*?)-?\}\}|\{%-?((?:[^%{]|\{(?!%)|%(?!\}))*?)-?%\}/g;
const PATH = /^[A-Za-z_][\w-]*(?:\.[\w-]+|\[(?:\d+|"[^"]*"|'[^']*')\])*$/;
const QUOTED = /^(?:"([^"]*)"|'([^']*)')$/;
const LONGEST = 20_000;

/** The path's parts: `a.b["c d"].0` is `a`, `b`, `c d`, `0`. */
export const pathParts = (path: string): string[] =>
  [...path.matchAll(/[^.[\]"']+|"([^"]*)"|'([^']*)'/g)].map((match) => match[1] ?? match[2] ?? match[0]);

type Reading = { pieces: Piece[]; notes: LiquidNote[] };

const readOutput = (inside: string, keyOf: (path: string[]) => string): Reading => {
  const [head = "", ...filters] = inside.split("|").map((part) => part.trim());
  const quoted = QUOTED.exec(head);
  if (quoted && !filters.length) return { pieces: [{ text: quoted[1] ?? quoted[2] ?? "" }], notes: [] };
  if (!PATH.test(head))
    return {
      pieces: [],
      notes: [{ outcome: "unsupported", reason: `{{${inside}}} is computed, which a flow cannot do: left out` }],
    };
  const notes: LiquidNote[] = filters.length
    ? [
        {
          outcome: "approximated",
          reason: `{{${inside}}}: the value stands as it is, without "${filters.join(" | ")}"`,
        },
      ]
    : [];
  return { pieces: [{ key: keyOf(pathParts(head)) }], notes };
};

/** Reads a text. Of `{% if %}` and `{% case %}` the first branch stays, since a person must see one text, not all of them. */
export const readLiquid = (text: string, keyOf: (path: string[]) => string): Reading => {
  if (text.length > LONGEST)
    return {
      pieces: [{ text: text.slice(0, LONGEST) }],
      notes: [{ outcome: "approximated", reason: `cut after ${LONGEST} characters` }],
    };
  const pieces: Piece[] = [];
  const notes: LiquidNote[] = [];
  /** For each open tag: whether its branch that stays is over. */
  const open: boolean[] = [];
  let position = 0;
  const silent = (): boolean => open.includes(true);
  for (const match of text.matchAll(TOKENS)) {
    if (!silent()) pieces.push({ text: text.slice(position, match.index) });
    position = match.index + match[0].length;
    const [, output, tag] = match;
    if (output !== undefined && !silent()) {
      const reading = readOutput(output.trim(), keyOf);
      pieces.push(...reading.pieces);
      notes.push(...reading.notes);
    }
    if (tag === undefined) continue;
    notes.push({ outcome: "unsupported", reason: `{%${tag}%}: a flow's texts have no tags; the first branch stands` });
    const word = tag.trim().split(/\s/)[0] ?? "";
    if (["if", "unless", "case", "for", "comment", "capture"].includes(word)) open.push(word === "comment");
    else if (["else", "elsif"].includes(word) && open.length) open[open.length - 1] = true;
    else if (word.startsWith("end")) open.pop();
  }
  if (!silent()) pieces.push({ text: text.slice(position) });
  return { pieces: pieces.filter((piece) => !("text" in piece) || piece.text !== ""), notes };
};
