// trigger_template: a person answers a template message that was sent to them. Which one a message answers is found before (domain/event), and is
// in the event's data as `template_ids`: a template of ours has an id beside the provider's.
import { z } from "zod";
import type { RunEvent } from "../engine/contract.ts";
import { defineTrigger } from "./trigger.ts";

const MAX_ID = 200;

/** PERSISTED CONTRACT: match keys of subscriptions. No command begins with a space. */
export const TEMPLATE_KEY = " template ";

/** What a MESSAGE_RECEIVED says of the template that it answers: all of its ids. */
const templatesOf = ({ data }: RunEvent): string[] =>
  (Array.isArray(data.template_ids) ? data.template_ids : []).filter((id) => typeof id === "string");

export const triggerTemplate = defineTrigger({
  type: "trigger_template",
  title: "Template answered",
  description:
    "Starts when a person answers the template message with this id, or taps a button of it: Twilio's ContentSid, the template's name at Meta, or the id " +
    "of a template here. An answer that does not say what it answers counts when that template was the last message to them. The output is the event's " +
    "data with `template_id`.",
  schema: z.strictObject({
    template_id: z
      .string({ error: ({ input }) => (input === undefined ? "This field is required." : "A text is needed.") })
      .max(MAX_ID, `An id may have at most ${MAX_ID} characters.`)
      .refine((id) => id.trim() !== "", "It cannot be empty.")
      .meta({ title: "Template", examples: ["HX0123456789abcdef0123456789abcdef", "order_update"] }),
  }),
  startedBy: "stream",
  subscriptions: ({ template_id }) => [
    { eventType: "MESSAGE_RECEIVED", matchKey: `${TEMPLATE_KEY}${template_id.trim()}`, filters: null },
  ],
  keysOf: (event) => (event.type === "MESSAGE_RECEIVED" ? templatesOf(event).map((id) => `${TEMPLATE_KEY}${id}`) : []),
});
