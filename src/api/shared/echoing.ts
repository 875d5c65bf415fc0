// Bodies that may be what was read, changed.
import { z } from "@hono/zod-openapi";
import { isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";

/**
 * A body in which what only we say may be sent back as it was read: a client changes what a GET answered and puts it. Nothing is made of it,
 * whatever it says; a name that no answer has is refused.
 */
export const echoing = <S extends z.ZodObject>(body: S, row: z.ZodObject) => {
  const readOnly = Object.keys(row.shape).filter((name) => !Object.hasOwn(body.shape, name));
  const withoutReadOnly = (sent: unknown) =>
    isJsonObject(sent as Json)
      ? Object.fromEntries(Object.entries(sent as JsonObject).filter(([name]) => !readOnly.includes(name)))
      : sent;
  return z.preprocess(withoutReadOnly, body);
};
