// The variables of a blueprint: what they may hold, and what somebody who makes a workflow from it gave for each. Pure.
import { isForbiddenKey, isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";
import { isPhone } from "../../lib/phone.ts";
import type { FieldProblem } from "../errors.ts";

export const VARIABLE_TYPES = [
  "string",
  "number",
  "boolean",
  "array",
  "object",
  "date",
  "email",
  "phone",
  "url",
] as const;
export type VariableType = (typeof VARIABLE_TYPES)[number];

/** PERSISTED CONTRACT: blueprints.variables. Required ones without a default must be given. */
export type BlueprintVariable = {
  name: string;
  type: VariableType;
  required: boolean;
  defaultValue?: Json;
  description?: string;
};

const MAX_TEXT = 10_000;

/** A date, or a date and time with its offset. */
const DATE = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;
const EMAIL =
  /^[^\s@"(),:;<>[\]\\]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}][\p{L}\p{N}-]+$/u;

const isRealDate = (text: string): boolean => {
  if (!DATE.test(text) || Number.isNaN(Date.parse(text))) return false;
  const [year, month, day] = text.slice(0, 10).split("-").map(Number) as [number, number, number];
  return new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;
};

/** Run-time templates in it are read as some text. */
const isUrl = (text: string): boolean => {
  const plain = text.replace(/\{\{[^{}]*\}\}/g, "x");
  return URL.canParse(plain) && /^https?:$/.test(new URL(plain).protocol) && new URL(plain).username === "";
};

const text = (value: Json): value is string => typeof value === "string" && value.length <= MAX_TEXT;

const FITS: Record<VariableType, [test: (value: Json) => boolean, message: string]> = {
  string: [text, `Must be a text of at most ${MAX_TEXT} characters.`],
  number: [(value) => typeof value === "number" && Number.isFinite(value), "Must be a number."],
  boolean: [(value) => typeof value === "boolean", "Must be true or false."],
  array: [Array.isArray, "Must be a list."],
  object: [isJsonObject, "Must be an object."],
  date: [(value) => text(value) && isRealDate(value), "Must be an ISO 8601 date, or date and time with an offset."],
  email: [(value) => text(value) && value.length <= 254 && EMAIL.test(value), "Must be an e-mail address."],
  phone: [(value) => text(value) && isPhone(value), "Must be a phone number in E.164, such as +4915112345678."],
  url: [(value) => text(value) && isUrl(value), "Must be an http or https URL without credentials."],
};

/** Keys that reach a prototype, anywhere in it. */
const hasForbiddenKey = (value: Json): boolean =>
  Array.isArray(value)
    ? value.some(hasForbiddenKey)
    : isJsonObject(value) && Object.entries(value).some(([key, one]) => isForbiddenKey(key) || hasForbiddenKey(one));

/** Why it may not be the variable's value; undefined when it may. */
export const misfitOf = (type: VariableType, value: Json): string | undefined => {
  const [fits, message] = FITS[type];
  if (!fits(value)) return message;
  return hasForbiddenKey(value) ? "Has a key that is not allowed." : undefined;
};

/** What is wrong with the variables themselves; paths from `requiredVariables`. */
export const checkVariables = (variables: readonly BlueprintVariable[]): FieldProblem[] => {
  const seen = new Set<string>();
  return variables.flatMap(({ name, type, defaultValue }, index): FieldProblem[] => {
    const at = `requiredVariables.${index}`;
    const repeated = seen.has(name)
      ? [{ field: `${at}.name`, message: `The name '${name}' is used twice.`, code: "duplicate" }]
      : [];
    seen.add(name);
    const misfit = defaultValue === undefined ? undefined : misfitOf(type, defaultValue);
    return [
      ...repeated,
      ...(misfit === undefined ? [] : [{ field: `${at}.defaultValue`, message: misfit, code: "invalid_type" }]),
    ];
  });
};

export type Values = ReadonlyMap<string, Json>;

/** What each variable is: as given, else its default, else nothing. `null` is nothing. */
export const readValues = (
  variables: readonly BlueprintVariable[],
  given: JsonObject,
): { values: Values; problems: FieldProblem[]; warnings: string[] } => {
  const values = new Map<string, Json>();
  const problems: FieldProblem[] = [];
  for (const { name, type, required, defaultValue, description } of variables) {
    const field = `variableValues.${name}`;
    const sent = Object.hasOwn(given, name) ? (given[name] ?? undefined) : undefined;
    const value = sent ?? defaultValue;
    const isMissing = value === undefined || (required && value === "");
    if (isMissing) {
      const message = description ? `This variable is required: ${description}` : "This variable is required.";
      if (required) problems.push({ field, message, code: "required", expected: type });
      continue;
    }
    const misfit = misfitOf(type, value);
    if (misfit === undefined) values.set(name, value);
    else problems.push({ field, message: misfit, code: "invalid_type", expected: type });
  }
  const known = new Set(variables.map(({ name }) => name));
  const unknown = Object.keys(given).filter((name) => !known.has(name));
  return {
    values,
    problems,
    warnings: unknown.map((name) => `variableValues.${name}: the template has no such variable; it was left out.`),
  };
};

/** Some value of the type, to judge what is made with it. */
export const sampleOf = ({ type, defaultValue }: BlueprintVariable): Json => {
  if (defaultValue !== undefined) return defaultValue;
  const samples: Record<VariableType, Json> = {
    string: "text",
    number: 1,
    boolean: true,
    array: [],
    object: {},
    date: "2030-01-01",
    email: "someone@example.com",
    phone: "+4915112345678",
    url: "https://example.com/",
  };
  return samples[type];
};
