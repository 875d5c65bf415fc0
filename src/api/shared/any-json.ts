// Any JSON value, for schemas whose fields hold what somebody else has decided. Said flat: a document made from its recursion would have no end.
import { z } from "@hono/zod-openapi";

export const anyJson = z.json().openapi({
  type: ["string", "number", "boolean", "object", "array", "null"],
  description: "Any JSON value",
});
