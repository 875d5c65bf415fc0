import type { JsonObject } from "../lib/json.ts";
import { filledText, jsonRecord, templated } from "./config.ts";
import { defineNode, MESSAGE_ATTEMPT_MS, MESSAGE_RETRY, passResult } from "./node.ts";
import { unknownPolicyField, unknownPolicyOf } from "./unknown-policy.ts";

/** Providers take texts only. */
const textsOf = (variables: JsonObject): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  );

/** Output `{message_id, provider_id, channel, to, text, status}`. */
export const actionChatMessage = defineNode({
  type: "action_chat_message",
  kind: "action",
  writes: "chat",
  title: "Send message",
  description:
    "Sends a text to the run's contact, or to the address in `to`, by the conversation's channel or the one named. With neither it goes to " +
    "the workflow's own conversation in the app, where no provider is configured. Where free text may not go (WhatsApp, when the person has " +
    "not written within 24 hours) the template named goes instead. Quiet hours, rates and caps make it wait. A message of which nobody knows " +
    "whether it left is looked up, never sent again blindly.",
  fields: {
    message: templated(filledText(4_096).meta({ title: "Message" })),
    to: templated(filledText(320).optional().meta({ title: "To", description: "Phone number, e-mail or contact" })),
    channel: templated(filledText(64).optional().meta({ title: "Channel", description: "A channel's kind or id" })),
    template_id: templated(
      filledText(512)
        .optional()
        .meta({ title: "Template", description: "The approved template's id (Twilio's HX…) or name" }),
    ),
    template_language: templated(
      filledText(16).optional().meta({ title: "Template's language", description: "Such as en_US" }),
    ),
    on_unknown: unknownPolicyField,
    template_variables: jsonRecord.optional().meta({ title: "Template's variables" }),
  },
  onUnknown: "reconcile",
  defaultRetry: MESSAGE_RETRY,
  longestMs: () => MESSAGE_ATTEMPT_MS,
  enter: ({ config }) => {
    const { message, to, channel, template_id: id, template_language: language, template_variables } = config;
    const input = {
      text: message,
      ...(to !== undefined && { to }),
      ...(channel !== undefined && { channel }),
      ...(id !== undefined && {
        template: { id, ...(language !== undefined && { language }), variables: textsOf(template_variables ?? {}) },
      }),
      ...unknownPolicyOf(config),
    };
    return { kind: "perform", action: "message.send", input };
  },
  resume: passResult,
});
