// Typebot's bubbles as replies: text, image, video, audio; what is embedded becomes its link.
import { type Reply, textReply } from "../document.ts";
import { hiddenOnWhatsApp, isAddress, mediaReply } from "../media.ts";
import { objectAt, textAt } from "../reading.ts";
import type { Part } from "../report.ts";
import type { TypebotMaking } from "./making.ts";
import { readRichText } from "./rich-text.ts";
import type { Block } from "./typebot.ts";

const BUBBLES = new Set(["text", "image", "video", "audio", "embed"]);

/** Videos that Typebot knows by id only. */
const WATCH: Record<string, string> = {
  youtube: "https://www.youtube.com/watch?v=",
  vimeo: "https://vimeo.com/",
};

const nothing = (part: Part, outcome: "approximated" | "unsupported", reason: string): "nothing" => {
  part.note(outcome, reason);
  return "nothing";
};

/** The bubble's reply, "nothing" when it has nothing to send, undefined when the block is no bubble. */
export const readBubble = (making: TypebotMaking, block: Block, part: Part): Reply | "nothing" | undefined => {
  if (!BUBBLES.has(block.type)) return undefined;
  const { words, variables } = making;
  const content = objectAt(block.fields, "content");
  if (block.type === "text") {
    const text = words.write(variables.read(readRichText(content), part, "content"), part, "content").text.trim();
    return text === "" ? nothing(part, "approximated", "an empty text is not sent") : textReply(text);
  }

  const [kind, id] = [textAt(content, "type"), textAt(content, "id")];
  const written = textAt(content, "url") || (id !== "" && Object.hasOwn(WATCH, kind) ? WATCH[kind]! + id : "");
  if (written.trim() === "") return nothing(part, "approximated", "an empty address is not sent");
  const address = words.plain(variables.read(written.trim()));
  if (address === undefined)
    return nothing(part, "unsupported", "an address with variables in it cannot be sent: left out");
  if (!isAddress(address)) return nothing(part, "unsupported", "only what has a web address can be sent: left out");

  if (block.type === "image") {
    const reply = { ...mediaReply(address, "Image"), flowReplyType: "Image" as const };
    const link = textAt(objectAt(content, "clickLink"), "url");
    if (link !== "") {
      reply.caption = words.write(variables.read(link), part, "content.clickLink.url").text;
      part.note("approximated", "the link of the image is its caption", "content.clickLink.url");
    }
    const hidden = hiddenOnWhatsApp(reply);
    if (hidden) part.note("approximated", hidden);
    return reply;
  }
  const reply = mediaReply(address, "Text");
  if (block.type === "audio") return { ...reply, flowReplyType: "Audio" };
  if (block.type === "video" && (reply.flowReplyType === "Video" || kind === "url"))
    return { ...reply, flowReplyType: "Video" };
  if (block.type === "embed" && reply.flowReplyType !== "Text") return reply;
  part.note("approximated", "a page cannot be shown in a message: its link is sent");
  return textReply(address);
};
