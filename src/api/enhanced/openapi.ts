// What the OpenAPI document says of this API as a whole.
import { documented } from "../shared/openapi.ts";

export const documentOf = documented({
  title: "Enhanced Workflow System API",
  version: "2.0.0",
  description: "Workflows, templates, triggers, actions, webhooks, the queue, analytics and the live stream.",
});
