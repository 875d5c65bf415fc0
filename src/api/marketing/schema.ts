// Wire shapes that every part of the Marketing API shares, and the source of its OpenAPI document. A part's own shapes are in its folder.
import { z } from "@hono/zod-openapi";

export const errorAnswer = z
  .looseObject({
    detail: z.string().optional(),
    error: z.string().optional(),
  })
  .openapi("Error", {
    description: "{error, detail}; {detail} for callers that are not known; {field: [messages]} for what was sent",
  });

export const openApi = z.looseObject({ openapi: z.string(), info: z.looseObject({}), paths: z.looseObject({}) });
