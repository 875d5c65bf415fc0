// What Typebot's Set variable gives a variable: a text, a template, or JavaScript for the sandbox.
import type { JsonObject } from "../../../lib/json.ts";
import { own } from "../../../lib/json.ts";
import { textAt } from "../reading.ts";
import type { Source, Words } from "../words.ts";
import type { Variables } from "./variables.ts";

/** `note`: in what it differs. */
export type Assignment = { note?: string } & ({ template: string } | { code: string } | { unsupported: string });

const QUOTED = /^(?:return\s+)?(?:"([^"\\]*)"|'([^'\\]*)');?$/;
const COMPUTES = /[+*/%<>=()[\]{};`&|^~"'\\]|^[!-]|\d\s*-|\b(?:return|new|null|undefined|NaN|typeof|this)\b/;
const NUMBER = /^-?\d+(?:\.\d+)?$/;
const FILTERS: Record<string, string> = { "+": "plus", "-": "minus", "*": "times", "/": "divided_by" };

const BEGAN = { template: "{{ event.occurred_at }}", note: "the time is that at which the conversation began" };
const RUN = { template: "{{ execution.id }}", note: "the id is the conversation's own" };
/** What the types other than Custom give. */
const GIVEN: Record<string, Assignment> = {
  Empty: { template: "" },
  "Phone number": { template: "{{ contact.phone }}" },
  "Contact name": { template: "{{ contact.name }}" },
  "Environment name": { template: "whatsapp" },
  Now: BEGAN,
  Today: BEGAN,
  "Random ID": RUN,
  "Result ID": RUN,
  "User ID": RUN,
};

/** The text that an expression is, if it is one and no JavaScript. */
const textOf = (options: JsonObject): string | undefined => {
  const expression = textAt(options, "expressionToEvaluate").trim();
  const quoted = QUOTED.exec(expression);
  if (quoted) return quoted[1] ?? quoted[2] ?? "";
  if (NUMBER.test(expression)) return expression;
  const rest = expression.replace(/\{\{[^{}]*\}\}/g, "x");
  const isText = /^https?:\/\/\S+$/.test(rest) || !COMPUTES.test(rest);
  return isText && own(options, "isCode") !== true ? expression : undefined;
};

type Reading = { words: Words; variables: Variables };

/** `{{A}} + 5 - {{B}}` as a template: sums alone, or products alone, from left to right. */
const sumOf = ({ words, variables }: Reading, expression: string): string | undefined => {
  const parts =
    expression.trim().match(/\{\{[^{}]*\}\}|(?<=[-+*/]\s*|^)-?\d+(?:\.\d+)?|\d+(?:\.\d+)?|[-+*/]|\S/g) ?? [];
  if (parts.length < 3 || parts.length > 41 || parts.length % 2 === 0) return undefined;
  const signs = parts.filter((_, index) => index % 2 === 1);
  if (!signs.every((sign) => "+-".includes(sign)) && !signs.every((sign) => "*/".includes(sign))) return undefined;
  const operands = parts
    .filter((_, index) => index % 2 === 0)
    .map((part) => {
      if (NUMBER.test(part)) return part;
      const [piece, ...more] = part.startsWith("{{") ? variables.read(part) : [];
      return piece && "key" in piece && !more.length ? words.path(piece.key) : undefined;
    });
  if (operands.includes(undefined)) return undefined;
  const filters = signs.map((sign, index) => `${FILTERS[sign]}: ${operands[index + 1]}`);
  return `{{ ${[operands[0], ...filters].join(" | ")} }}`;
};

/** Typebot's JavaScript for ours: `{{Name}}` is the variable's value, a text of digits the number. */
const codeOf = ({ words, variables }: Reading, expression: string): string => {
  const body = expression.replace(/\{\{([^{}]*)\}\}/g, (whole) => {
    const [piece] = variables.read(whole);
    return piece && "key" in piece ? `variable(${JSON.stringify(words.name(piece.key, piece.key))})` : "null";
  });
  return [
    "const variable = (name) => {",
    "  const value = context.variables[name];",
    '  return typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value)) ? Number(value) : value ?? null;',
    "};",
    `result = (() => { ${/\breturn\b/.test(body) ? body : `return ${body}`}\n})() ?? null;`,
  ].join("\n");
};

/** What the block gives the variable `key`. */
export const assignmentOf = (reading: Reading, options: JsonObject, key: string): Assignment => {
  const { words, variables } = reading;
  const silent = { path: "", became: () => {}, note: () => {} };
  const type = textAt(options, "type") || "Custom";
  if (Object.hasOwn(GIVEN, type)) return GIVEN[type]!;
  if (type === "Append value(s)") {
    const pieces = variables.read(textAt(options, "item"));
    const [only, ...more] = pieces;
    if (!only || more.length) return { unsupported: "several texts at once cannot be added to a list" };
    const item =
      "key" in only ? words.path(only.key) : JSON.stringify("text" in only ? only.text.replaceAll('"', "'") : "");
    return { template: `{{ ${words.path(key)} | push: ${item} }}` };
  }
  if (type !== "Custom") return { unsupported: `there is nothing like "${type}" here: the variable is left as it is` };
  const text = textOf(options);
  if (text !== undefined) return { template: words.template(variables.read(text), silent) };
  const expression = textAt(options, "expressionToEvaluate");
  const sum = sumOf(reading, expression);
  if (sum !== undefined) return { template: sum };
  return {
    code: codeOf(reading, expression),
    note: "JavaScript runs in the sandbox, which has no page and no network",
  };
};

/** What the block's variable is from, before anything is written. */
export const sourceOf = (options: JsonObject, variables: Variables): Source => {
  const type = textAt(options, "type") || "Custom";
  if (type === "Custom") {
    const text = textOf(options);
    return text === undefined ? "set" : { value: variables.read(text) };
  }
  return Object.hasOwn(GIVEN, type) || type === "Append value(s)" ? "set" : "unknowable";
};
