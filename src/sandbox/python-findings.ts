// Where Python here is not the Python that people know, found in the tokens of a snippet: modules and names that do not exist, syntax that
// cannot be read, methods that are missing. Syntax errors themselves are the interpreter's to find.

import type { Finding } from "./finding.ts";
import { isKeyword, readPythonTokens, type Token } from "./python-tokens.ts";

/** A module, or a name in it, that a snippet asks for. */
export interface Wanted {
  module: string;
  name?: string;
  line: number;
}

export interface PythonFindings {
  findings: Finding[];
  /** To be looked up in an interpreter. */
  wanted: Wanted[];
}

/** Methods of built-in types that CPython has and MicroPython's types have no room for. */
const MISSING_METHODS: Readonly<Record<string, string>> = {
  is_integer: "a float has no is_integer() here: compare it with int(x)",
  as_integer_ratio: "as_integer_ratio() is not supported",
  _asdict: "a named tuple has no _asdict() here: build the dict from its fields",
  _replace: "a named tuple has no _replace() here: make a new one",
  format_exc: "tracebacks cannot be formatted",
};

/** Calls that exist to say no, or that answer otherwise. */
const CALLS: Readonly<Record<string, string>> = {
  open: "a snippet has no files: open() fails",
  input: "a snippet has no input: input() fails",
  breakpoint: "there is no debugger here",
};

const MODULE_CALLS: Readonly<Record<string, string>> = {
  "time.sleep": "a snippet cannot sleep: time.sleep() fails, use a delay in the workflow",
  "random.seed": "random numbers after seed() are repeatable, but others than CPython's",
};

const MOST_WANTED = 200;

/** Tokens from `from` to the end of the line. */
const restOfLine = (tokens: readonly Token[], from: number): Token[] => {
  let end = from;
  while (end < tokens.length && tokens[end]!.kind !== "newline" && tokens[end]!.source !== ";") end++;
  return tokens.slice(from, end);
};

const startsStatement = (before: Token | undefined): boolean =>
  before === undefined || before.kind === "newline" || before.source === ";" || before.source === ":";

/** `a.b as c, d` as pairs; `as` is empty without one. */
const readNames = (tokens: readonly Token[]): { path: string; as: string; line: number }[] => {
  const names: { path: string; as: string; line: number }[] = [];
  let path = "";
  let as = "";
  let line = 0;
  const push = (): void => {
    if (path) names.push({ path, as, line });
    path = as = "";
  };
  let isAlias = false;
  for (const token of tokens) {
    if (token.source === "," || token.source === "(" || token.source === ")") {
      push();
      isAlias = false;
    } else if (token.source === "as") isAlias = true;
    else if (isAlias) as = token.source;
    else {
      if (!path) line = token.line;
      path += token.source;
    }
  }
  push();
  return names;
};

export const findInPython = (code: string): PythonFindings => {
  const tokens = readPythonTokens(code);
  const findings: Finding[] = [];
  const wanted: Wanted[] = [];
  const modules = new Map<string, string>();
  const defined = new Set<string>();
  const warn = (line: number, message: string) => findings.push({ line, message, severity: "warning" });
  const fail = (line: number, message: string) => findings.push({ line, message, severity: "error" });
  tokens.forEach((token, index) => {
    const before = tokens[index - 1];
    const after = tokens[index + 1];
    if (token.kind === "text") {
      if (!/^[A-Za-z]*[rRbB]/.test(token.source) && /(?:^|[^\\])(?:\\\\)*\\N\{/.test(token.source))
        fail(token.line, "\\N{name} is not supported in a text: write the character itself or \\u and its number");
      return;
    }
    if (token.kind !== "name" || wanted.length >= MOST_WANTED) return;
    if (startsStatement(before)) {
      if (token.source === "import") {
        for (const { path, as, line } of readNames(restOfLine(tokens, index + 1))) {
          wanted.push({ module: path, line });
          modules.set(as || path.split(".")[0]!, as ? path : path.split(".")[0]!);
        }
      } else if (token.source === "from") {
        const line = restOfLine(tokens, index + 1);
        const at = line.findIndex(({ source }) => source === "import");
        if (at > 0) {
          const module = line
            .slice(0, at)
            .map(({ source }) => source)
            .join("");
          wanted.push({ module, line: token.line });
          for (const name of readNames(line.slice(at + 1)))
            if (name.path !== "*") wanted.push({ module, name: name.path, line: name.line });
        }
      } else if (token.source === "match" && !isKeyword(after) && after && !"=.,:)".includes(after.source)) {
        const line = restOfLine(tokens, index);
        const next = tokens[index + line.length + 1];
        if (line.at(-1)?.source === ":" && next?.source === "case")
          fail(token.line, "match is not supported: write if and elif");
      } else if (token.source === "except" && after?.source === "*")
        fail(token.line, "except* is not supported: write except");
    }
    if (before?.source === "def" || before?.source === "class" || after?.source === "=") defined.add(token.source);
    const call = Object.hasOwn(CALLS, token.source) ? CALLS[token.source] : undefined;
    if (call && after?.source === "(" && before?.source !== "." && !defined.has(token.source)) warn(token.line, call);
    if (before?.source !== ".") return;
    const owner = tokens[index - 2];
    if (owner?.kind === "name" && tokens[index - 3]?.source !== "." && modules.has(owner.source)) {
      const module = modules.get(owner.source)!;
      const special = MODULE_CALLS[`${module}.${token.source}`];
      if (special) warn(token.line, special);
      else wanted.push({ module, name: token.source, line: token.line });
    } else if (Object.hasOwn(MISSING_METHODS, token.source)) warn(token.line, MISSING_METHODS[token.source]!);
  });
  return { findings, wanted: wanted.slice(0, MOST_WANTED) };
};

/** A snippet whose result tells for each of `context` (pairs of module and name or null) whether it is there. */
export const LOOK_UP = `
def _has(module, name):
    try:
        found = __import__(module)
        for part in module.split('.')[1:]: found = getattr(found, part)
    except (ImportError, AttributeError):
        return None if name else False
    if name is None or hasattr(found, name): return True
    try: __import__(module + '.' + name)
    except ImportError: return False
    return True
result = [_has(module, name) for module, name in context]
`;

/** `known` is the result of LOOK_UP. */
export const missingNames = (wanted: readonly Wanted[], known: readonly unknown[]): Finding[] => {
  const seen = new Set<string>();
  return wanted.flatMap(({ module, name, line }, index): Finding[] => {
    const key = `${module} ${name}`;
    if (known[index] !== false || seen.has(key)) return [];
    seen.add(key);
    const message = name ? `${module}.${name} does not exist here` : `there is no module '${module}' here`;
    return [{ line, message, severity: "warning" }];
  });
};
