import { oneOf, templated } from "./config.ts";
import { ATTEMPT_MS, defineNode, passResult } from "./node.ts";

/** Output `{conversation_id, status, changed}`. */
export const actionSetConversationStatus = defineNode({
  type: "action_set_conversation_status",
  kind: "action",
  changesContact: true,
  title: "Set conversation status",
  description: "Opens, parks or closes the run's conversation, or its contact's latest one.",
  fields: { status: templated(oneOf(["open", "pending", "closed"]).meta({ title: "Status" })) },
  longestMs: () => ATTEMPT_MS,
  enter: ({ config: { status } }) => ({ kind: "perform", action: "conversation.set_status", input: { status } }),
  resume: passResult,
});
