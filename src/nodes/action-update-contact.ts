import { z } from "zod";
import { jsonRecord, templated } from "./config.ts";
import { ATTEMPT_MS, defineNode, passResult } from "./node.ts";

/** Output `{attributes, changed}`. */
export const actionUpdateContact = defineNode({
  type: "action_update_contact",
  kind: "action",
  changesContact: true,
  title: "Update contact",
  description: "Merges attributes into those of the run's contact; null removes one.",
  fields: {
    attributes: templated(jsonRecord.meta({ title: "Attributes" })),
    own_fields: z
      .boolean()
      .optional()
      .meta({ title: "Own fields", description: "phone, email, timezone, external_id and tags are the contact's own" }),
  },
  longestMs: () => ATTEMPT_MS,
  enter: ({ config: { attributes, own_fields } }) => ({
    kind: "perform",
    action: "contact.update",
    input: { attributes, ...(own_fields === true && { own_fields }) },
  }),
  resume: passResult,
});
