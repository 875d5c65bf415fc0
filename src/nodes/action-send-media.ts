import { filledText, templated, text } from "./config.ts";
import { defineNode, MESSAGE_ATTEMPT_MS, MESSAGE_RETRY, passResult } from "./node.ts";
import { unknownPolicyField, unknownPolicyOf } from "./unknown-policy.ts";

const isHttp = (url: string) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);

export const mediaUrl = filledText(2_048)
  .refine(isHttp, "An absolute http or https URL is needed.")
  .meta({ title: "Medium", description: "URL of a picture, a video, a recording or a document" });

/** Output `{message_id, provider_id, channel, to, text, status}`. */
export const actionSendMedia = defineNode({
  type: "action_send_media",
  kind: "action",
  writes: "chat",
  title: "Send media",
  description:
    "Sends a picture, a video, a recording or a document, with `message` as its caption, to the run's contact or to the address in `to`. A " +
    "message of which nobody knows whether it left is looked up, never sent again blindly.",
  fields: {
    media_url: templated(mediaUrl),
    message: templated(text(4_096).optional().meta({ title: "Caption" })),
    to: templated(filledText(320).optional().meta({ title: "To", description: "Phone number, e-mail or contact" })),
    channel: templated(filledText(64).optional().meta({ title: "Channel", description: "A channel's kind or id" })),
    on_unknown: unknownPolicyField,
  },
  onUnknown: "reconcile",
  defaultRetry: MESSAGE_RETRY,
  longestMs: () => MESSAGE_ATTEMPT_MS,
  enter: ({ config }) => {
    const { media_url, message = "", to, channel } = config;
    const input = {
      text: message,
      media_urls: [media_url],
      ...(to !== undefined && { to }),
      ...(channel !== undefined && { channel }),
      ...unknownPolicyOf(config),
    };
    return { kind: "perform", action: "message.send", input };
  },
  resume: passResult,
});
