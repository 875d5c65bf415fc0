import { label, templated } from "./config.ts";
import { ATTEMPT_MS, defineNode, passResult } from "./node.ts";

/** Output `{tag_name, changed}`. */
export const actionRemoveTag = defineNode({
  type: "action_remove_tag",
  kind: "action",
  changesContact: true,
  title: "Remove tag",
  description: "Takes a tag from the run's contact.",
  fields: { tag_name: templated(label(100).meta({ title: "Tag" })) },
  longestMs: () => ATTEMPT_MS,
  enter: ({ config: { tag_name } }) => ({ kind: "perform", action: "contact.untag", input: { tag_name } }),
  resume: passResult,
});
