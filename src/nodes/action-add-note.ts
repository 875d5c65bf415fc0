import { filledText, templated } from "./config.ts";
import { ATTEMPT_MS, defineNode, passResult } from "./node.ts";

/** Output `{note_id}`. */
export const actionAddNote = defineNode({
  type: "action_add_note",
  kind: "action",
  changesContact: true,
  title: "Add note",
  description: "Writes a note on the run's contact.",
  fields: { note: templated(filledText().meta({ title: "Note" })) },
  longestMs: () => ATTEMPT_MS,
  enter: ({ config: { note } }) => ({ kind: "perform", action: "contact.note", input: { note } }),
  resume: passResult,
});
