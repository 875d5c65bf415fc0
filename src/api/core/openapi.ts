// What the OpenAPI document says of this API as a whole.
import { documented } from "../shared/openapi.ts";

/** Of the module, as its document counts. */
export const VERSION = "1.0.0";

export const documentOf = documented({
  title: "Workflow Core API",
  version: VERSION,
  description: "Workflows, executions and webhooks.",
});
