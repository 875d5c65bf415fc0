// What the OpenAPI document says of this API as a whole.
import { documented } from "../shared/openapi.ts";

export const documentOf = documented({
  title: "Flow API",
  version: "1.0.0",
  description: "Chatbots for WhatsApp and SMS, drawn as a graph.",
});
