// Puts replies as message nodes: as many as a node and a message of WhatsApp hold, the rest in the next one.
import { MAX_REPLIES, WHATSAPP } from "../flow/limits.ts";
import { type Place, type Position, type Reply, textReply } from "./document.ts";
import type { Draft } from "./draft.ts";
import type { Part } from "./report.ts";

/** The text in pieces of at most `length`, parted at a line or a space where there is one in the second half. */
const partText = (text: string, length: number): string[] => {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > length) {
    const near = Math.max(rest.lastIndexOf("\n", length), rest.lastIndexOf(" ", length));
    const isPair = /[\uD800-\uDBFF]/.test(rest[length - 1]!);
    const end = near > length / 2 ? near : length - (isPair ? 1 : 0);
    parts.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return rest === "" ? parts : [...parts, rest];
};

/** Gives back the ids of the nodes, the first at `place`, the last going on to `next`. */
export const putMessage = (
  draft: Draft,
  place: Place,
  replies: readonly Reply[],
  position: Position,
  part: Part,
  next: Place,
): string[] => {
  const all = replies.flatMap((reply) => {
    if (reply.flowReplyType !== "Text" || reply.data.length <= WHATSAPP.text) return [reply];
    part.note("approximated", `a message may have at most ${WHATSAPP.text} characters: the text goes in several`);
    return partText(reply.data, WHATSAPP.text).map(textReply);
  });
  const ids: string[] = [];
  let here = place;
  for (let at = 0; at < all.length; at += MAX_REPLIES) {
    const after = at + MAX_REPLIES < all.length ? draft.newPlace() : next;
    const flowReplies = all.slice(at, at + MAX_REPLIES);
    ids.push(draft.put(here, { type: "message", flowNodeType: "Message", flowReplies }, position, part, after));
    here = after;
  }
  return ids;
};
