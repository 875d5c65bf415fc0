// Which template message of ours a person's message answers, and who is asked for it then.
import { type PossibleAnswer, selectAnsweredTemplates } from "../../db/queries/answered-templates.ts";
import type { SubscriptionLookup } from "../../db/queries/subscriptions.ts";
import { own } from "../../lib/json.ts";
import { TEMPLATE_KEY } from "../../triggers/trigger-template.ts";
import type { StreamEvent } from "../event.ts";
import type { Database } from "../ports.ts";
import { stopOfWords } from "./words.ts";

/** Keys begin with TEMPLATE_KEY, which ends with a space: behind all of them is what has the next character there. */
const KEYS = { from: TEMPLATE_KEY, to: `${TEMPLATE_KEY.slice(0, -1)}!` };

export const answersTemplate = (event: StreamEvent): PossibleAnswer[] => {
  const { id, organizationId, type, contactId, conversationId, data, occurredAt } = event;
  if (type !== "MESSAGE_RECEIVED" || contactId === undefined || conversationId === undefined) return [];
  if (stopOfWords(event)) return [];
  const said = own(data, "in_reply_to");
  return [
    { id, organizationId, contactId, conversationId, inReplyTo: typeof said === "string" ? said : null, occurredAt },
  ];
};

export const templatesAnswered = (db: Database, answers: readonly PossibleAnswer[]): D1PreparedStatement =>
  selectAnsweredTemplates(db, answers, KEYS);

export const lookupsOfTemplates = (
  events: readonly StreamEvent[],
  templates: ReadonlyMap<string, readonly string[]>,
): SubscriptionLookup[] =>
  events.flatMap(({ id, organizationId, type: eventType }) => {
    const matchKeys = (templates.get(id) ?? []).map((templateId) => `${TEMPLATE_KEY}${templateId}`);
    return matchKeys.length > 0 ? [{ organizationId, eventType, matchKeys }] : [];
  });
