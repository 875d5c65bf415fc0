// Waiting for what one person says next: which events are their reply, and what is in one.
import type { EventWait, RunEvent, Visit } from "../engine/contract.ts";
import type { Condition } from "../engine/expression/condition.ts";
import { isJsonObject, own, pathOf } from "../lib/json.ts";
import type { Answer } from "./validate-answer.ts";

const MESSAGE_RECEIVED = "MESSAGE_RECEIVED";

/**
 * Messages of the run's own contact, in the conversation that the run is in (unless `anywhere`); a word that withdraws consent answers nothing.
 * Undefined when the run has no contact: then nobody's message is the reply. (The shell looks waiters up by contact too; two people must not be
 * mixed whoever brings the event.)
 */
export const replyWait = (
  { lookup, run }: Pick<Visit, "lookup" | "run">,
  { anywhere }: { anywhere: boolean },
): EventWait | undefined => {
  // Nobody answers in a dry run: what is said to have come is from nobody.
  if (run.dryRun) return { eventType: MESSAGE_RECEIVED };
  const contactId = lookup(["contact", "id"]);
  if (typeof contactId !== "string") return undefined;
  const conversationId = anywhere ? undefined : lookup(["event", "conversation_id"]);
  const conditions: Condition[] = [
    // What started the run may be as new as its first wait.
    { field: "event.id", operator: "not_equals", value: lookup(["event", "id"]) ?? "" },
    { field: "contact.id", operator: "equals", value: contactId },
    { field: "event.data.consent", operator: "not_equals", value: "opt_out" },
  ];
  if (typeof conversationId === "string")
    conditions.push({ field: "event.conversation_id", operator: "equals", value: conversationId });
  return { eventType: MESSAGE_RECEIVED, filters: { operator: "and", conditions } };
};

export type ReplyMessage = Answer & { tapped?: string | undefined };

/** What a MESSAGE_RECEIVED says. `from`: the person's own number, when it is known. */
export const replyOf = ({ data, contact }: RunEvent): ReplyMessage => {
  const content = own(data, "content");
  const media = own(data, "media");
  const tapped = pathOf(data, "choice.id");
  const from = own(contact, "phone");
  return {
    text: typeof content === "string" ? content : "",
    media: (Array.isArray(media) ? media : []).flatMap((medium) => {
      const url = isJsonObject(medium) ? own(medium, "url") : undefined;
      return typeof url === "string" ? [url] : [];
    }),
    ...(typeof tapped === "string" && { tapped }),
    ...(typeof from === "string" && { from }),
  };
};
