import { filledText, templated } from "./config.ts";
import { ATTEMPT_MS, defineNode, passResult } from "./node.ts";

/** Output `{message_id, provider_id, channel, to, text, status}`. */
export const actionChatMessage = defineNode({
  type: "action_chat_message",
  kind: "action",
  title: "Send message",
  description:
    "Sends a text to the run's contact, or to the address in `to`, by the conversation's channel or the one named. With neither it goes to " +
    "the workflow's own conversation in the app, where no provider is configured. A message of which nobody knows whether it left is " +
    "looked up, never sent again blindly.",
  fields: {
    message: templated(filledText(4_096).meta({ title: "Message" })),
    to: templated(filledText(320).optional().meta({ title: "To", description: "Phone number, e-mail or contact" })),
    channel: templated(filledText(64).optional().meta({ title: "Channel" })),
  },
  onUnknown: "reconcile",
  longestMs: () => ATTEMPT_MS,
  enter: ({ config: { message, to, channel } }) => ({
    kind: "perform",
    action: "message.send",
    input: { text: message, ...(to !== undefined && { to }), ...(channel !== undefined && { channel }) },
  }),
  resume: passResult,
});
