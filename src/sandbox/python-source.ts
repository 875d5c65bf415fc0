// Rewrites what MicroPython cannot read or does otherwise into calls of the prelude, on the lines that it has: slices with a step, stars in
// displays, f-strings inside f-strings, `%` on a text. Names that begin and end with two underscores are the prelude's builtins.

import { endsOperand, readPythonTokens, startOfOperand, type Token } from "./python-tokens.ts";

/** Longer code is left as it is. */
const MOST_CHARS = 64_000;
/** Formats inside formats of an f-string. */
const MOST_LEVELS = 4;

interface Edit {
  from: number;
  to: number;
  text: string;
}

/** What is inserted comes before what is replaced at the same place. */
const apply = (code: string, edits: Edit[]): string => {
  let result = "";
  let at = 0;
  for (const { from, to, text } of edits.sort((a, b) => a.from - b.from || a.to - b.to)) {
    result += code.slice(at, from) + text;
    at = to;
  }
  return result + code.slice(at);
};

const insert = (at: number, text: string): Edit => ({ from: at, to: at, text });
const replace = ({ start, end }: Token, text: string): Edit => ({ from: start, to: end, text });

/** Marks at the level of the bracket at `open`, between it and its partner. */
const marksInside = (tokens: readonly Token[], open: number, visit: (index: number) => void): void => {
  for (let index = open + 1; index < tokens[open]!.partner; index++) {
    visit(index);
    if (tokens[index]!.partner > index) index = tokens[index]!.partner;
  }
};

const stepSlice = (tokens: readonly Token[], open: number, known: Map<number, number>): Edit[] => {
  let colons = 0;
  marksInside(tokens, open, (index) => {
    if (tokens[index]!.source === ":") colons++;
  });
  if (colons < 2) return [];
  return [
    insert(tokens[startOfOperand(tokens, open - 1, known)]!.start, "__step__("),
    insert(tokens[open]!.start, ")"),
  ];
};

/** `[*a, b]`, `{*a}`, `(*a, b)` and `{**a, "b": 1}`; as targets of an assignment they stay. */
const starDisplay = (tokens: readonly Token[], open: number): Edit[] => {
  const close = tokens[open]!.partner;
  const bounds: number[] = [open];
  marksInside(tokens, open, (index) => {
    if (tokens[index]!.source === ",") bounds.push(index);
  });
  const items = bounds
    .map((bound, index) => ({ first: bound + 1, last: (bounds[index + 1] ?? close) - 1 }))
    .filter(({ first, last }) => first <= last);
  const before = tokens[open - 1];
  const after = tokens[close + 1]?.source;
  const isTarget = !before || before.kind === "newline" || ["as", "for", ";"].includes(before.source);
  if (isTarget || after === "=" || after === "in") return [];
  const bracket = tokens[open]!.source;
  const wrapped = (name: string) => [replace(tokens[open]!, `${name}(`), replace(tokens[close]!, ")")];
  const starts = (star: string) => items.some(({ first }) => tokens[first]!.source === star);
  if (bracket === "{" && starts("**"))
    return [
      ...wrapped("__merge__"),
      ...items.flatMap(({ first, last }) =>
        tokens[first]!.source === "**"
          ? [replace(tokens[first]!, "")]
          : [insert(tokens[first]!.start, "{"), insert(tokens[last]!.end, "}")],
      ),
    ];
  if (!starts("*")) return [];
  return wrapped(bracket === "[" ? "__list__" : bracket === "{" ? "__set__" : "__tuple__");
};

interface Piece {
  /** The template for str.format. */
  template: string;
  /** Sources of what it formats, in order. */
  values: string[];
  /** Can MicroPython not read it as it is? */
  isNeeded: boolean;
}

const QUOTES = /^([A-Za-z]{0,2})('''|"""|'|")([\s\S]*)\2$/;

const QUOTED = /^(?:'''[\s\S]*?'''|"""[\s\S]*?"""|'[^']*'|"[^"]*")/;

/** The end of the expression of a field that begins at `at`: the `}`, `!`, `:` or `=` at its own level. */
const endOfExpression = (text: string, at: number): number => {
  let depth = 0;
  for (let index = at; index < text.length; index++) {
    const char = text[index]!;
    const quoted = "'\"".includes(char) ? QUOTED.exec(text.slice(index)) : null;
    if (quoted) index += quoted[0].length - 1;
    else if ("([{".includes(char)) depth++;
    else if (depth && ")]}".includes(char)) depth--;
    else if (depth) continue;
    else if (char === "}" || char === ":") return index;
    else if (char === "!" && text[index + 1] !== "=") return index;
    else if (char === "=" && /^=\s*[}!:]/.test(text.slice(index, index + 20)) && !"=!<>".includes(text[index - 1]!))
      return index;
  }
  return -1;
};

/** The text between the quotes of an f-string, or a format inside one, up to the `}` that ends it; undefined when it is not well formed. */
const readFields = (text: string, from: number, level: number): (Piece & { end: number }) | undefined => {
  const piece = { template: "", values: [] as string[], isNeeded: false };
  let at = from;
  while (at < text.length) {
    const char = text[at]!;
    if (level && char === "}") break;
    if ("{}".includes(char) && text[at + 1] === char && !level) {
      piece.template += char + char;
      at += 2;
    } else if (char !== "{") {
      piece.template += char;
      at++;
    } else {
      const end = endOfExpression(text, at + 1);
      if (end < 0 || level >= MOST_LEVELS) return;
      const source = text.slice(at + 1, end);
      const value = source.trim();
      const rewritten = rewritePython(value);
      if (rewritten !== value || /\blambda\b|["']/.test(value)) piece.isNeeded = true;
      let rest = end;
      let shown = "";
      if (text[rest] === "=") {
        shown = /^=\s*/.exec(text.slice(rest))![0];
        rest += shown.length;
        piece.template += (source + shown).replace(/[{}]/g, "$&$&");
        piece.isNeeded = true;
      }
      let conversion = "";
      if (text[rest] === "!") {
        conversion = text.slice(rest, rest + 2);
        rest += 2;
        if (conversion === "!a") piece.isNeeded = true;
      }
      piece.values.push(
        /^(?:lambda|yield|await)\b|^\*|,/.test(rewritten) || rewritten !== value ? `(${rewritten})` : rewritten,
      );
      let format = "";
      if (text[rest] === ":") {
        const inner = readFields(text, rest + 1, level + 1);
        if (!inner) return;
        format = `:${inner.template}`;
        piece.values.push(...inner.values);
        if (inner.values.length) piece.isNeeded = true;
        rest = inner.end;
      } else if (shown && !conversion) conversion = "!r";
      if (text[rest] !== "}") return;
      piece.template += `{${conversion}${format}}`;
      at = rest + 1;
    }
  }
  return { ...piece, end: at };
};

/** Texts side by side, of which one is an f-string that cannot stay. */
const formatted = (tokens: readonly Token[], first: number, last: number): Edit[] => {
  const parts: string[] = [];
  let isNeeded = false;
  for (const { source } of tokens.slice(first, last + 1)) {
    const [, prefix = "", quote = "", body = ""] = QUOTES.exec(source) ?? [];
    if (!/f/i.test(prefix)) {
      parts.push(source);
      continue;
    }
    const piece = readFields(body, 0, 0);
    if (!piece) return [];
    isNeeded ||= piece.isNeeded;
    parts.push(`${prefix.replace(/f/i, "")}${quote}${piece.template}${quote}.format(${piece.values.join(", ")})`);
  }
  if (!isNeeded) return [];
  return parts.map((part, index) => {
    const before = index === 0 ? "(" : " + ";
    return replace(tokens[first + index]!, before + part + (index === parts.length - 1 ? ")" : ""));
  });
};

/** Has the format something that MicroPython's own `%` does otherwise? */
const isSubtle = (source: string): boolean =>
  !/^[A-Za-z]*b/i.test(source.slice(0, 2)) && /%[^%]*[.feEgGaiu#*]|%-?\d+s/.test(source);

/** Names that are called like these take more than the interpreter's own. */
const CALLS: Readonly<Record<string, RegExp>> = {
  int: /\bbase\s*=|[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]/,
  float: /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]/,
  dict: /\b(?:Counter|defaultdict|OrderedDict|ChainMap)\b/,
};

/** `reads` is what the snippet may meet besides its own text, as JSON. */
export const rewritePython = (code: string, reads = ""): string => {
  if (code.length > MOST_CHARS) return code;
  const isOwn = (name: string) => new RegExp(`\\b(?:def|class|as)\\s+${name}\\b|\\b${name}\\s*=(?!=)`).test(code);
  const calls = new Set(
    Object.keys(CALLS).filter((name) => (CALLS[name]!.test(code) || CALLS[name]!.test(reads)) && !isOwn(name)),
  );
  const tokens = readPythonTokens(code);
  const edits: Edit[] = [];
  const known = new Map<number, number>();
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]!;
    const before = tokens[index - 1];
    if (token.kind === "text" && before?.kind !== "text") {
      let last = index;
      while (tokens[last + 1]?.kind === "text") last++;
      const group = tokens.slice(index, last + 1);
      if (group.some(({ source }) => /^\w?f/i.test(source))) edits.push(...formatted(tokens, index, last));
      else if (tokens[last + 1]?.source === "%" && group.some(({ source }) => isSubtle(source)))
        edits.push(insert(token.start, "__template__("), insert(group.at(-1)!.end, ")"));
    } else if (token.kind === "name" && calls.has(token.source) && tokens[index + 1]?.source === "(") {
      if (before?.source !== "." && before?.source !== "def" && before?.source !== "class")
        edits.push(replace(token, `__${token.source}__`));
    } else if (token.partner > index) {
      if (token.source === "[" && endsOperand(before)) edits.push(...stepSlice(tokens, index, known));
      else if (!endsOperand(before)) edits.push(...starDisplay(tokens, index));
    }
  }
  return apply(code, edits);
};
