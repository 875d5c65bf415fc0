// What the OpenAPI document says of this API as a whole.
import { documented } from "../shared/openapi.ts";

const document = documented({
  title: "Enhanced Workflow System API",
  version: "2.0.0",
  description: "Workflows, templates, triggers, actions, webhooks, the queue, analytics and the live stream.",
});

/** As if-changed.ts answers each read that takes credentials and ends. */
const NOT_MODIFIED = { description: "The answer still has the ETag that If-None-Match named" };

export const documentOf = (routes: Parameters<typeof document>[0]) => {
  const made = document(routes);
  for (const { get } of Object.values(made.paths ?? {})) {
    const good = get?.responses?.["200"];
    if (!good || get.security === undefined || ("content" in good && "text/event-stream" in (good.content ?? {})))
      continue;
    get.responses!["304"] = NOT_MODIFIED;
  }
  return made;
};
