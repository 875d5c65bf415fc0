// The tokens of a Python snippet, as far as python-source.ts and python-findings.ts need them: where each begins and ends, what kind it
// is, and which bracket closes which. Wrong code gives some tokens; whether it is Python is for the interpreter to say.

export type TokenKind = "name" | "number" | "text" | "mark" | "newline";

export interface Token {
  kind: TokenKind;
  /** As written; of a text with its prefix and quotes. */
  source: string;
  start: number;
  end: number;
  /** From 1. */
  line: number;
  /** Of a bracket that has a partner, the partner's index; otherwise -1. */
  partner: number;
}

const NAMED: Readonly<Record<string, RegExp>> = {
  blank: /[ \t\f]+|\\\r?\n|#[^\r\n]*/,
  newline: /\r?\n|\r/,
  text: /[rRbBuUfF]{0,2}(?:'''(?:[^\\]|\\[\s\S])*?(?:'''|$)|"""(?:[^\\]|\\[\s\S])*?(?:"""|$)|'(?:[^\\'\r\n]|\\[\s\S])*'|"(?:[^\\"\r\n]|\\[\s\S])*")/,
  name: /[\p{L}\p{Nl}_][\p{L}\p{N}\p{M}_]*/u,
  number: /0[xXoObB][\da-fA-F_]+|(?:\d[\d_]*)?\.?\d[\d_]*\.?(?:[eE][+-]?\d[\d_]*)?[jJ]?/,
  mark: /\*\*=?|\/\/=?|>>=?|<<=?|[!=<>:+\-*/%&|^@]=|->|[\s\S]/,
};
const PATTERN = Object.entries(NAMED)
  .map(([name, { source }]) => `(?<${name}>${source})`)
  .join("|");

const OPENING = "([{";
const CLOSING = ")]}";

/** Blanks and comments are left out; a line end inside brackets is as well. A text that is never closed goes to the end. */
export const readPythonTokens = (code: string): Token[] => {
  const tokens: Token[] = [];
  const open: number[] = [];
  const pattern = new RegExp(PATTERN, "uy");
  let line = 1;
  while (pattern.lastIndex < code.length) {
    const start = pattern.lastIndex;
    const found = pattern.exec(code);
    if (!found) break;
    const source = found[0];
    const groups = found.groups!;
    const kind = (["newline", "text", "name", "number", "mark"] as const).find((one) => groups[one] !== undefined);
    if (kind && !(kind === "newline" && open.length)) {
      const token: Token = { kind, source, start, end: start + source.length, line, partner: -1 };
      if (kind === "mark" && OPENING.includes(source)) open.push(tokens.length);
      else if (kind === "mark" && CLOSING.includes(source)) {
        const partner = open.pop() ?? -1;
        token.partner = partner;
        if (partner >= 0) tokens[partner]!.partner = tokens.length;
      }
      tokens.push(token);
    }
    for (const char of source) if (char === "\n") line++;
  }
  return tokens;
};

const KEYWORDS = new Set(
  (
    "and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not " +
    "or pass raise return try while with yield"
  ).split(" "),
);

export const isKeyword = (token: Token | undefined): boolean => token?.kind === "name" && KEYWORDS.has(token.source);

/** May the token end an operand, so that a bracket behind it subscripts or calls it? */
export const endsOperand = (token: Token | undefined): boolean =>
  token !== undefined &&
  (token.kind === "text" ||
    token.kind === "number" ||
    (token.kind === "name" && !isKeyword(token)) ||
    (token.kind === "mark" && CLOSING.includes(token.source)));

/**
 * The index of the first token of the operand that the token at `last` ends: `a.b(c)[0]` whole. `known` holds the starts of the operands
 * before brackets that were asked for already, so that a chain of them is not walked again and again.
 */
export const startOfOperand = (tokens: readonly Token[], last: number, known: Map<number, number>): number => {
  const start = walkOperand(tokens, last, known);
  known.set(last + 1, start);
  return start;
};

const walkOperand = (tokens: readonly Token[], last: number, known: Map<number, number>): number => {
  let at = last;
  for (;;) {
    const start = known.get(at);
    if (start !== undefined) return start;
    const token = tokens[at]!;
    if (token.kind === "mark" && token.partner >= 0 && token.partner < at) {
      at = token.partner;
      if (known.has(at)) continue;
    }
    const before = tokens[at - 1];
    if (tokens[at]!.kind === "mark" && "([".includes(tokens[at]!.source) && endsOperand(before)) at--;
    else if (tokens[at]!.kind === "text" && before?.kind === "text") at--;
    else if (tokens[at]!.kind === "name" && before?.source === "." && endsOperand(tokens[at - 2])) at -= 2;
    else return at;
  }
};
