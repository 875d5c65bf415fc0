// The pieces that node configurations are made of, as authors write them: values, templates, paths, conditions. What a rendered one must be is
// kept beside each and read by settle.ts.
import { z } from "zod";
import type { ConditionTree } from "../engine/expression/condition.ts";
import { CONDITION_META, conditionTree } from "../engine/expression/condition-schema.ts";
import { isForbiddenKey, isJsonObject, type Json, type JsonObject } from "../lib/json.ts";
import { isLine } from "../lib/plain-text.ts";
import { plainWords } from "../lib/plain-words.ts";

/** Elements that one node may filter or loop over. */
const MAX_ITEMS = 10_000;

const REQUIRED = "This field is required.";

export const hasTemplate = (value: unknown): value is string =>
  typeof value === "string" && (value.includes("{{") || value.includes("{%"));

const settledSchemas = new WeakMap<z.ZodType, z.ZodType>();
/** What a field must be once it is rendered. */
export const settledSchema = (field: z.ZodType): z.ZodType => settledSchemas.get(field) ?? field;

const describedBy = (schema: z.ZodType): JsonObject => {
  const { $schema: _, ...described } = z.toJSONSchema(schema, { io: "input" }) as JsonObject;
  return described;
};

/** `schema` for the rendered value; as written also what `accept` takes. Its type is that of the rendered value. */
const writtenAs = <T extends z.ZodType>(
  schema: T,
  described: JsonObject,
  accept: (value: unknown, refuse: (message: string) => void) => unknown,
): z.ZodType<z.output<T>> => {
  const written = z
    .unknown()
    .transform((value, context) => {
      const accepted = accept(value, (message) => context.addIssue({ code: "custom", message }));
      if (accepted !== undefined) return accepted;
      const said = new Set<string>();
      for (const { path, message } of schema.safeParse(value, { error: plainWords }).error?.issues ?? []) {
        // A value of the wrong type may fail every further check too; the first says enough.
        const place = path.join(".");
        if (!said.has(place)) context.addIssue({ code: "custom", message, path: [...path] });
        said.add(place);
      }
      return value;
    })
    .meta(described);
  const field = schema.safeParse(undefined).success ? written.optional() : written;
  settledSchemas.set(field, schema);
  return field as z.ZodType<z.output<T>>;
};

/** The value itself, or a text with a template in it that must render to such a value. */
export const templated = <T extends z.ZodType>(schema: T): z.ZodType<z.output<T>> => {
  const { title, description, ...inner } = describedBy(schema);
  const isFreeText = inner.type === "string" && !inner.enum && !inner.pattern && !inner.format;
  const described: JsonObject = {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(isFreeText ? inner : { anyOf: [inner, { type: "string", pattern: "\\{[{%]" }] }),
  };
  return writtenAs(schema, described, (value) => (hasTemplate(value) ? value : undefined));
};

// ── Plain fields ──

/** What is said of a value of another type; a missing one is required. */
const needs = (message: string) => ({
  error: (issue: { input?: unknown }) => (issue.input === undefined ? REQUIRED : message),
});

export const text = (max = 10_000) => z.string(needs("A text is needed.")).max(max, `At most ${max} characters.`);
export const filledText = (max = 10_000) => text(max).min(1, "It cannot be empty.");
/** A name of one line. */
export const label = (max: number) => filledText(max).refine(isLine, "It has characters that are not text.");
export const flag = z.boolean(needs("True or false is needed."));
export const wholeNumber = (min: number, max: number) => {
  const message = `A whole number from ${min} to ${max} is needed.`;
  return z.int(needs(message)).min(min, message).max(max, message);
};
export const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, needs(`Use one of ${values.join(", ")}.`));
/** Any JSON. Templates inside it are rendered wherever they are. */
export const anyJson = z.unknown().refine((value) => value !== undefined, REQUIRED) as z.ZodType<Json>;

/** An object with any JSON inside. Keys that reach a prototype are refused; Zod's own record would drop one of them silently. */
export const jsonRecord = z
  .unknown()
  .superRefine((value, context) => {
    if (value === undefined) context.addIssue({ code: "custom", message: REQUIRED });
    else if (!isJsonObject(value)) context.addIssue({ code: "custom", message: "An object is needed." });
    else
      for (const key of Object.keys(value).filter(isForbiddenKey))
        context.addIssue({ code: "custom", message: "This key is not allowed.", path: [key] });
  })
  .meta({ type: "object" }) as z.ZodType<JsonObject>;

/** A name that templates can read: letters, digits and underscores. */
export const name = z
  .string(needs("A text is needed."))
  .regex(/^[A-Za-z_]\w{0,63}$/, "Use letters, digits and underscores, starting with a letter.")
  .refine((value) => !isForbiddenKey(value), "This name is not allowed.");

// ── Paths ──

const PATH = /^[A-Za-z_][\w-]*(?:\.(?:[A-Za-z_][\w-]*|\d{1,6}))*$/;

/** A bare path is shorthand for the template that reads it, so that one rule says what both find. */
const templateOfPath = (path: string): string => `{{ ${path.replace(/\.(\d+)(?=\.|$)/g, "[$1]")} }}`;

const fromPath =
  (message: string) =>
  (value: unknown, refuse: (message: string) => void): unknown => {
    if (typeof value !== "string" || hasTemplate(value)) return hasTemplate(value) ? value : undefined;
    if (PATH.test(value)) return templateOfPath(value);
    refuse(message);
    return value;
  };

/** A path such as `event.data.kind`, or a template: settles to what is found there, null for nothing. */
export const pathOrTemplate = writtenAs(
  z.unknown().transform((value) => (value ?? null) as Json),
  { type: "string", minLength: 1 },
  (value, refuse) => {
    if (typeof value === "string")
      return fromPath("A path such as event.data.kind or a template is needed.")(value, refuse);
    refuse(value === undefined ? REQUIRED : "A path such as event.data.kind or a template is needed.");
    return value ?? null;
  },
);

/** A list, a path to one, or a template of one. */
export const listField = writtenAs(
  z
    .array(z.unknown(), needs("A list is needed."))
    .max(MAX_ITEMS, `A list has at most ${MAX_ITEMS} elements here.`) as z.ZodType<Json[]>,
  { anyOf: [{ type: "array", items: {}, maxItems: MAX_ITEMS }, { type: "string" }] },
  fromPath("A list, a path such as event.data.items, or a template is needed."),
);

// ── Conditions ──

/** First words of a condition's field. In a loop's body `item` and `index` are the innermost loop's. */
export const CONDITION_ROOTS = [
  "event",
  "user",
  "contact",
  "variables",
  "nodes",
  "item",
  "index",
  "metadata",
  "execution",
  "workflow",
] as const;

/** Everything but the roots, which `checkRoots` judges: they depend on the loops around. Belongs into `raw`. */
export const conditions = z
  .unknown()
  .superRefine((value, context) => {
    if (value === undefined) context.addIssue({ code: "custom", message: REQUIRED, continue: false });
  })
  .pipe(conditionTree({ roots: [], templates: true }) as z.ZodType<ConditionTree>)
  .meta(CONDITION_META);
