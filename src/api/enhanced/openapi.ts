// The OpenAPI document, made once from what the routes say of themselves.
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "../shared/api.ts";

type Document = ReturnType<OpenAPIHono<AppEnv>["getOpenAPI31Document"]>;

let made: Document | undefined;

export const documentOf = (routes: OpenAPIHono<AppEnv>): Document => {
  made ??= routes.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Enhanced Workflow System API",
      version: "2.0.0",
      description: "Workflows, templates, triggers, actions, webhooks, the queue, analytics and the live stream.",
    },
  });
  return made;
};
