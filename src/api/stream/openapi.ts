// What the OpenAPI document says of this API as a whole.
import { documented } from "../shared/openapi.ts";

export const documentOf = documented({
  title: "Event Stream Engine API",
  version: "1.0.0",
  description: "Users, templates, segments, campaigns, reports and monitoring.",
});
