// Studio's Liquid as pieces: texts, variables, and what only a template says, with each path of Studio's context as the path of ours. What our
// templates do not know is told as lost.
import { parseTemplate } from "../../../engine/expression/template.ts";
import type { Piece } from "../words.ts";

export type LiquidNote = { outcome: "approximated" | "unsupported"; reason: string };
export type Reading = { pieces: Piece[]; notes: LiquidNote[] };

/** `keyOf` names the variable of a path; `pathOf` says where our templates find it, told when nothing gives it a value. */
export type Context = { keyOf: (path: string[]) => string; pathOf: (key: string) => string };

const TOKENS = /\{\{-?((?:[^{}]|\{(?!\{)|\}(?!\}))*?)-?\}\}|\{%-?((?:[^%{]|\{(?!%)|%(?!\}))*?)-?%\}/g;
const PATH = /^[A-Za-z_][\w-]*\??(?:\.[\w-]+|\[(?:\d+|"[^"]*"|'[^']*')\])*$/;
/** Quoted texts, paths of Studio's context, and anything else in an expression. A dynamic part (`[idx]`) ends a path. */
const READS =
  /"[^"]*"|'[^']*'|(?<![\w.\]])(?:trigger|flow|widgets|contact)(?:\.[\w-]+|\[(?:\d+|"[^"]*"|'[^']*')\])+|[^"'tfwc]+|./g;
const QUOTED = /^(?:"([^"]*)"|'([^']*)')$/;
const LONGEST = 20_000;
/** When the conversation began: templates of ours read no clock. */
const BEGAN = "event.occurred_at";
const FILTERS: Record<string, string> = { to_json: "json", parse_json: "raw" };

/** The path's parts: `a.b["c d"].0` is `a`, `b`, `c d`, `0`. */
const pathParts = (path: string): string[] =>
  [...path.matchAll(/[^.[\]"']+|"([^"]*)"|'([^']*)'/g)].map((match) => match[1] ?? match[2] ?? match[0]);

/** The expression with our paths. `notes` takes what differs. */
const rewrite = (inside: string, { keyOf, pathOf }: Context, notes: LiquidNote[]): string => {
  const read = inside.replace(READS, (token) =>
    /^(?:trigger|flow|widgets|contact)[.[]/.test(token) ? pathOf(keyOf(pathParts(token))) : token,
  );
  const clocked = read.replace(/^(\s*)(?:"(?:now|today)"|'(?:now|today)')/, `$1${BEGAN}`);
  if (clocked !== read)
    notes.push({ outcome: "approximated", reason: `{{${inside}}}: the time is that at which the conversation began` });
  return clocked.replace(/\|\s*(to_json|parse_json)\b/g, (_, filter: string) => `| ${FILTERS[filter]}`);
};

/** What the expression is called: the last words of the path that it reads. */
const labelOf = (inside: string): string => {
  const [head = ""] = inside.split("|");
  return (
    pathParts(head.trim())
      .slice(-3)
      .filter((part) => !["parsed", "inbound", "variables"].includes(part))
      .join("_") || "text"
  );
};

const readOutput = (inside: string, context: Context): Reading => {
  const quoted = QUOTED.exec(inside);
  if (quoted) return { pieces: [{ text: quoted[1] ?? quoted[2] ?? "" }], notes: [] };
  if (PATH.test(inside)) return { pieces: [{ key: context.keyOf(pathParts(inside)) }], notes: [] };
  const notes: LiquidNote[] = [];
  const read = rewrite(inside, context, notes).trim();
  if (read !== "" && parseTemplate(`{{ ${read} }}`).ok) return { pieces: [{ read, label: labelOf(inside) }], notes };
  return {
    pieces: [],
    notes: [{ outcome: "unsupported", reason: `{{${inside}}} is computed as templates here cannot: left out` }],
  };
};

/** A text with tags as one template; undefined when ours do not know them. */
const readTags = (text: string, context: Context): Reading | undefined => {
  const notes: LiquidNote[] = [];
  const written = text.replace(TOKENS, (token, output?: string, tag?: string) => {
    const inside = output ?? tag ?? "";
    return token.replace(inside, () => rewrite(inside, context, notes));
  });
  return parseTemplate(written).ok ? { pieces: [{ written, label: "text" }], notes } : undefined;
};

/** Reads a text. Of tags that our templates do not know the first branch stays, since a person must see one text, not all of them. */
export const readLiquid = (text: string, context: Context): Reading => {
  if (text.length > LONGEST)
    return {
      pieces: [{ text: text.slice(0, LONGEST) }],
      notes: [{ outcome: "approximated", reason: `cut after ${LONGEST} characters` }],
    };
  const tagged = text.includes("{%") ? readTags(text, context) : undefined;
  if (tagged) return tagged;
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
      const reading = readOutput(output.trim(), context);
      pieces.push(...reading.pieces);
      notes.push(...reading.notes);
    }
    if (tag === undefined) continue;
    notes.push({ outcome: "unsupported", reason: `{%${tag}%} is not a template tag here: the first branch stands` });
    const word = tag.trim().split(/\s/)[0] ?? "";
    if (["if", "unless", "case", "for", "comment", "capture"].includes(word)) open.push(word === "comment");
    else if (["else", "elsif"].includes(word) && open.length) open[open.length - 1] = true;
    else if (word.startsWith("end")) open.pop();
  }
  if (!silent()) pieces.push({ text: text.slice(position) });
  return { pieces: pieces.filter((piece) => !("text" in piece) || piece.text !== ""), notes };
};
