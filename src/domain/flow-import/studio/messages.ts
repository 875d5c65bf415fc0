// Studio's send-message, and what all widgets that send have in common.
import { isForbiddenKey } from "../../../lib/json.ts";
import { type Place, type Reply, textReply } from "../document.ts";
import { isAddress, mediaReply } from "../media.ts";
import { putMessage } from "../put-message.ts";
import { textAt } from "../reading.ts";
import type { Part } from "../report.ts";
import { readLiquid } from "./liquid.ts";
import type { StudioMaking } from "./making.ts";
import { type Widget, wayOf, widgetPlace } from "./widget.ts";

const written = ({ words, key }: StudioMaking, widget: Widget, field: string, part: Part): string => {
  const { pieces, notes } = readLiquid(textAt(widget.properties, field), key);
  for (const { outcome, reason } of notes) part.note(outcome, reason, `properties.${field}`);
  return words.write(pieces, part, `properties.${field}`);
};

/** Whether the message is for somebody else than the person of the conversation. */
const goesElsewhere = ({ words, key }: StudioMaking, widget: Widget): boolean => {
  const { pieces } = readLiquid(textAt(widget.properties, "to").trim(), key);
  const [to, ...more] = words.settle(pieces);
  return to !== undefined && !("key" in to && to.key === "contact.phone" && !more.length);
};

/** What the widget says: its picture with the text as caption, or its text. */
export const repliesOf = (studio: StudioMaking, widget: Widget, part: Part): Reply[] => {
  const body = written(studio, widget, "body", part).trim();
  const replies: Reply[] = [];
  const media = textAt(widget.properties, "media_url") || textAt(widget.properties, "media");
  if (media !== "") {
    const { pieces } = readLiquid(media, studio.key);
    const address = studio.words.plain(pieces);
    if (address === undefined || !isAddress(address))
      part.note("unsupported", "only a web address without variables can be sent: left out", "properties.media_url");
    else replies.push(mediaReply(address, "Image", body));
  }
  const captioned = replies.length > 0 && replies[0]!.flowReplyType !== "Audio";
  if (body !== "" && !captioned) replies.push(textReply(body));
  for (const key of Object.keys(widget.properties))
    if (!isForbiddenKey(key) && /content.*sid/i.test(key) && textAt(widget.properties, key) !== "")
      part.note(
        replies.length ? "approximated" : "unsupported",
        "the content template is not in the export: its text stands in Twilio only",
        `properties.${key}`,
      );
  return replies;
};

export const putMessageWidget = (studio: StudioMaking, widget: Widget, part: Part): void => {
  const { draft } = studio;
  const [place, next] = [widgetPlace(widget.name), wayOf(widget, "sent", "failed")];
  if (goesElsewhere(studio, widget)) {
    part.note("unsupported", "a flow talks to one person: a message to another number is left out", "properties.to");
    draft.pass(place, next);
    return;
  }
  tellFailure(widget, "failed", next, part);
  const flowReplies = repliesOf(studio, widget, part);
  if (flowReplies.length) putMessage(draft, place, flowReplies, widget.position, part, next);
  else {
    draft.pass(place, next);
    part.note("approximated", "nothing is left to send, so the message is left out");
  }
};

export const tellFailure = (widget: Widget, event: string, next: Place, part: Part): void => {
  const failed = widget.transitions.find((transition) => transition.event === event && transition.next !== "");
  if (failed && failed.next !== next)
    part.note("approximated", "a flow has no way of its own for a message that was not delivered", failed.path);
};
