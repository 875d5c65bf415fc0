// The second reading of a config: after its templates were rendered, is each field what the node type wants?
import type { z } from "zod";
import type { JsonObject } from "../lib/json.ts";
import { err, ok, type Result } from "../lib/result.ts";
import { settledSchema } from "./config.ts";

/** Meanings to try for a rendered value, the plainest first: a template's text may stand for a number, a number for a text. */
function* readings(value: unknown): Generator<unknown> {
  yield value;
  if (value === null) {
    yield undefined;
    yield "";
  } else if (typeof value !== "string") yield JSON.stringify(value);
  else if (/^\s*(?:[[{"\d-]|true\b|false\b)/.test(value)) {
    try {
      yield JSON.parse(value);
    } catch {
      // It is just a text.
    }
  }
}

const settleField = (schema: z.ZodType, field: string, value: unknown): Result<unknown, string> => {
  let fault: string | undefined;
  for (const reading of readings(value)) {
    const parsed = schema.safeParse(reading);
    if (parsed.success) return ok(parsed.data);
    const { path, message } = parsed.error.issues[0]!;
    // Of a number, what its text lacks says more than that it is no text.
    if (fault === undefined || typeof value === "number") fault = `${[field, ...path].join(".")}: ${message}`;
  }
  return err(value === null ? `${field}: The template found nothing.` : fault!);
};

/** The config as the node type wants it, or a message that names the field. Fields in `raw` are taken as they are. */
export const settle = <Shape extends z.ZodRawShape>(
  fields: Shape,
  raw: readonly string[],
  config: JsonObject,
): Result<z.output<z.ZodObject<Shape>>, string> => {
  const settled: Record<string, unknown> = {};
  for (const [field, written] of Object.entries(fields)) {
    const value = config[field];
    const read = raw.includes(field) ? ok(value) : settleField(settledSchema(written as z.ZodType), field, value);
    if (!read.ok) return read;
    if (read.value !== undefined) settled[field] = read.value;
  }
  return ok(settled as z.output<z.ZodObject<Shape>>);
};
