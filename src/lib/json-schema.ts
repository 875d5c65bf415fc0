// A Zod schema as JSON Schema that every validator takes, whatever dialect and formats it knows.
import { z } from "zod";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";

/** A pattern beside it says the same to validators that refuse formats they do not know. */
const withoutFormats = (schema: Json): Json => {
  if (Array.isArray(schema)) return schema.map(withoutFormats);
  if (!isJsonObject(schema)) return schema;
  const { format, ...rest } = schema;
  const kept = typeof format === "string" && typeof rest.pattern !== "string" ? schema : rest;
  return Object.fromEntries(Object.entries(kept).map(([key, value]) => [key, withoutFormats(value)]));
};

/** Of what is sent. What JSON Schema has no word for is any value there. */
export const jsonSchemaOf = (schema: z.ZodType): JsonObject => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonObject;
  return withoutFormats(rest) as JsonObject;
};
