import { jsonRecord, templated } from "./config.ts";
import { ATTEMPT_MS, defineNode, passResult } from "./node.ts";

/** Output `{attributes, changed}`. */
export const actionUpdateContact = defineNode({
  type: "action_update_contact",
  kind: "action",
  title: "Update contact",
  description: "Merges attributes into those of the run's contact; null removes one.",
  fields: { attributes: templated(jsonRecord.meta({ title: "Attributes" })) },
  longestMs: () => ATTEMPT_MS,
  enter: ({ config: { attributes } }) => ({ kind: "perform", action: "contact.update", input: { attributes } }),
  resume: passResult,
});
