import { label, templated } from "./config.ts";
import { ATTEMPT_MS, defineNode, passResult } from "./node.ts";

/** Output `{tag_name, changed}`. */
export const actionAddTag = defineNode({
  type: "action_add_tag",
  kind: "action",
  changesContact: true,
  title: "Add tag",
  description: "Gives the run's contact a tag.",
  fields: { tag_name: templated(label(100).meta({ title: "Tag" })) },
  longestMs: () => ATTEMPT_MS,
  enter: ({ config: { tag_name } }) => ({ kind: "perform", action: "contact.tag", input: { tag_name } }),
  resume: passResult,
});
