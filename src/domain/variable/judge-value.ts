// Whether a value may be a variable's: its type, then its rules. Pure.
import { checkPattern, MAX_PATTERN_LENGTH, testPattern } from "../../engine/expression/regex.ts";
import { canonicalJson, isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";
import { misfitOf } from "../blueprint/variables.ts";
import { DomainError, type FieldProblem } from "../errors.ts";
import type { ValidationRule, VariableRow, VariableType } from "./variable.ts";

const sizeOf = (value: Json): number | undefined => {
  if (typeof value === "string") return [...value].length;
  if (Array.isArray(value)) return value.length;
  return isJsonObject(value) ? Object.keys(value).length : undefined;
};

/** What is compared with `min` and `max`: a number, or the instant of a date. */
const amountOf = (type: VariableType, value: Json): number | undefined => {
  if (typeof value === "number") return value;
  if (type !== "date" || typeof value !== "string") return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : at;
};

const MAX_ENUM = 200;
const WORDS: Record<ValidationRule["type"], (value: Json) => string> = {
  required: () => "A value is required.",
  min: (value) => `Must be at least ${value}.`,
  max: (value) => `Must be at most ${value}.`,
  minLength: (value) => `Must have at least ${value} characters or elements.`,
  maxLength: (value) => `Must have at most ${value} characters or elements.`,
  pattern: () => "Does not match the pattern.",
  enum: (value) =>
    `Must be one of ${
      Array.isArray(value)
        ? value
            .slice(0, 10)
            .map((one) => JSON.stringify(one))
            .join(", ")
        : ""
    }.`,
};

const holds = (type: VariableType, { type: rule, value: bound = null }: ValidationRule, value: Json): boolean => {
  const [amount, limit, size] = [amountOf(type, value), amountOf(type, bound), sizeOf(value)];
  switch (rule) {
    case "required":
      return true;
    case "min":
      return amount !== undefined && limit !== undefined && amount >= limit;
    case "max":
      return amount !== undefined && limit !== undefined && amount <= limit;
    case "minLength":
      return size !== undefined && size >= (bound as number);
    case "maxLength":
      return size !== undefined && size <= (bound as number);
    case "pattern":
      return typeof value === "string" && testPattern(bound as string, value);
    case "enum":
      return (bound as Json[]).some((one) => canonicalJson(one) === canonicalJson(value));
  }
};

/** Why it may not be the value; undefined when it may. */
export const valueProblem = (
  { dataType, validationRules }: Pick<VariableRow, "dataType" | "validationRules">,
  value: Json,
): { message: string; code: string } | undefined => {
  const misfit = misfitOf(dataType, value);
  if (misfit !== undefined) return { message: misfit, code: "invalid_type" };
  const broken = validationRules.find((rule) => !holds(dataType, rule, value));
  return broken && { message: broken.message ?? WORDS[broken.type](broken.value ?? null), code: broken.type };
};

const MEASURED: readonly VariableType[] = ["string", "array", "object", "email", "phone", "url"];
const TEXTUAL: readonly VariableType[] = ["string", "date", "email", "phone", "url"];

const ruleProblem = (type: VariableType, { type: rule, value }: ValidationRule): string | undefined => {
  switch (rule) {
    case "required":
      return value === undefined || typeof value === "boolean" ? undefined : "True or false is needed.";
    case "min":
    case "max":
      if (type !== "number" && type !== "date") return `A ${type} has no ${rule}.`;
      return amountOf(type, value ?? null) === undefined ? `A ${type} is needed.` : undefined;
    case "minLength":
    case "maxLength":
      if (!MEASURED.includes(type)) return `A ${type} has no length.`;
      return Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : "A whole number from 0 is needed.";
    case "pattern": {
      if (!TEXTUAL.includes(type)) return `A ${type} is not text.`;
      if (typeof value !== "string" || value.length > MAX_PATTERN_LENGTH)
        return `A pattern of at most ${MAX_PATTERN_LENGTH} characters is needed.`;
      const checked = checkPattern(value);
      return checked.ok ? undefined : checked.error;
    }
    case "enum":
      if (!Array.isArray(value) || value.length === 0 || value.length > MAX_ENUM)
        return `A list of 1 to ${MAX_ENUM} values is needed.`;
      return value.map((one) => misfitOf(type, one)).find((misfit) => misfit !== undefined);
  }
};

/** What is wrong with the rules themselves. */
export const checkRules = (type: VariableType, rules: readonly ValidationRule[]): FieldProblem[] =>
  rules.flatMap((rule, index): FieldProblem[] => {
    const message = ruleProblem(type, rule);
    return message === undefined ? [] : [{ field: `validationRules.${index}.value`, message, code: "invalid_rule" }];
  });

const isRequired = ({ validationRules }: VariableRow): boolean =>
  validationRules.some(({ type, value }) => type === "required" && value !== false);

/** What runs are given, judged by what their workflow declares. Throws `invalid_input` with `variables.<name>`. */
export const checkInputs = (declared: Json | undefined, given: JsonObject): void => {
  const problems = ((declared ?? []) as VariableRow[]).flatMap((row): FieldProblem[] => {
    const value = Object.hasOwn(given, row.name) ? given[row.name] : undefined;
    const field = `variables.${row.name}`;
    if (value === undefined || value === null) {
      if (!isRequired(row) || row.defaultValue !== undefined) return [];
      const rule = row.validationRules.find(({ type }) => type === "required");
      return [{ field, message: rule?.message ?? "A value is required.", code: "required" }];
    }
    const problem = valueProblem(row, value);
    return problem ? [{ field, ...problem }] : [];
  });
  const [first] = problems;
  if (first) throw new DomainError("invalid_input", `${first.field}: ${first.message}`, { problems });
};
