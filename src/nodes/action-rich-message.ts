import { filledText, templated, text } from "./config.ts";
import { ATTEMPT_MS, defineNode, fail, MESSAGE_RETRY, passResult } from "./node.ts";

const isHttp = (url: string) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);

export const mediaUrl = templated(
  filledText(2_048)
    .refine(isHttp, "An absolute http or https URL is needed.")
    .optional()
    .meta({ title: "Media", description: "URL of a picture, a video, a recording or a document" }),
);

/** Output `{message_id, provider_id, channel, to, text, status}`. */
export const actionRichMessage = defineNode({
  type: "action_rich_message",
  kind: "action",
  title: "Send media",
  description:
    "Sends a picture, a video, a recording or a document, with `message` as its caption, to the run's contact or to the address in `to`. A " +
    "message of which nobody knows whether it left is looked up, never sent again blindly.",
  fields: {
    message: templated(text(4_096).optional().meta({ title: "Caption" })),
    media_url: mediaUrl,
    to: templated(filledText(320).optional().meta({ title: "To", description: "Phone number, e-mail or contact" })),
    channel: templated(filledText(64).optional().meta({ title: "Channel" })),
  },
  check: ({ message, media_url }) =>
    message || media_url ? [] : [{ path: "message", message: "A medium or a message is needed." }],
  onUnknown: "reconcile",
  defaultRetry: MESSAGE_RETRY,
  longestMs: () => ATTEMPT_MS,
  enter: ({ config: { message = "", media_url, to, channel } }) => {
    if (message === "" && media_url === undefined)
      return fail("INVALID_CONFIG", "message: A medium or a message is needed.");
    const input = {
      text: message,
      ...(media_url !== undefined && { media_urls: [media_url] }),
      ...(to !== undefined && { to }),
      ...(channel !== undefined && { channel }),
    };
    return { kind: "perform", action: "message.send", input };
  },
  resume: passResult,
});
