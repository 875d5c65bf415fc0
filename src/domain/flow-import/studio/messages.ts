// Studio's send-message, and what all widgets that send have in common.
import { isForbiddenKey } from "../../../lib/json.ts";
import { type Place, type Reply, textReply } from "../document.ts";
import { isAddress, mediaReply } from "../media.ts";
import { putMessage } from "../put-message.ts";
import { putBefore, type Value } from "../put-values.ts";
import { textAt } from "../reading.ts";
import type { Part } from "../report.ts";
import type { StudioMaking } from "./making.ts";
import { type Widget, wayOf, widgetPlace } from "./widget.ts";

/** Whether the message is for somebody else than the person of the conversation. */
const goesElsewhere = ({ read }: StudioMaking, widget: Widget, part: Part): boolean => {
  const [to, ...more] = read(textAt(widget.properties, "to").trim(), part);
  return to !== undefined && !("key" in to && to.key === "contact.phone" && !more.length);
};

/** What the widget says, its picture with the text as caption or its text, and what must be set before. */
export const repliesOf = (studio: StudioMaking, widget: Widget, part: Part): { said: Reply[]; before: Value[] } => {
  const { words, read } = studio;
  const field = "properties.body";
  const { text, before } = words.write(read(textAt(widget.properties, "body"), part, field), part, field);
  const body = text.trim();
  const said: Reply[] = [];
  const media = textAt(widget.properties, "media_url") || textAt(widget.properties, "media");
  if (media !== "") {
    const address = words.plain(read(media, part, "properties.media_url"));
    if (address === undefined || !isAddress(address))
      part.note("unsupported", "only a web address without variables can be sent: left out", "properties.media_url");
    else said.push(mediaReply(address, "Image", body));
  }
  const captioned = said.length > 0 && said[0]!.flowReplyType !== "Audio";
  if (body !== "" && !captioned) said.push(textReply(body));
  for (const key of Object.keys(widget.properties))
    if (!isForbiddenKey(key) && /content.*sid/i.test(key) && textAt(widget.properties, key) !== "")
      part.note(
        said.length ? "approximated" : "unsupported",
        "the content template is not in the export: its text stands in Twilio only",
        `properties.${key}`,
      );
  return { said, before };
};

export const putMessageWidget = (studio: StudioMaking, widget: Widget, part: Part): void => {
  const { draft } = studio;
  const [place, next] = [widgetPlace(widget.name), wayOf(widget, "sent", "failed")];
  if (goesElsewhere(studio, widget, part)) {
    part.note("unsupported", "a flow talks to one person: a message to another number is left out", "properties.to");
    draft.pass(place, next);
    return;
  }
  tellFailure(widget, "failed", next, part);
  const { said, before } = repliesOf(studio, widget, part);
  if (said.length)
    putMessage(draft, putBefore(draft, place, before, widget.position, part), said, widget.position, part, next);
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
