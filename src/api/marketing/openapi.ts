// What the OpenAPI document says of this API as a whole.
import { documented } from "../shared/openapi.ts";

export const documentOf = documented({
  title: "Marketing Workflow API",
  version: "1.0.0",
  description: "Triggers, actions and conditions, joined to workflows.",
});
