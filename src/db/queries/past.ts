// What was once: events of a time, what people had said and been sent by then. For trying a workflow on what really happened; reads only.
import type { JsonObject } from "../../lib/json.ts";
import type { ConsentState } from "./contacts.ts";

export type PastEvent = {
  id: string;
  type: string;
  source: string;
  contactId: string | null;
  conversationId: string | null;
  /** Null: it is larger than MAX_DATA_BYTES. */
  data: JsonObject | null;
  headers: { [name: string]: string } | null;
  occurredAt: number;
  depth: number;
  /** For whom of it the workflow was; its shape is domain/event/plan.ts. Null: it was not about the workflow. */
  outcome: JsonObject | null;
};

/** A page is in memory as a whole. */
const MAX_DATA_BYTES = 256_000;

type RawEvent = Omit<PastEvent, "data" | "headers" | "outcome"> & Record<"data" | "headers" | "outcome", string | null>;

const parsed = <T>(text: string | null): T | null => (text === null ? null : (JSON.parse(text) as T));

const eventOf = (row: unknown): PastEvent => {
  const { data, headers, outcome, ...rest } = row as RawEvent;
  return { ...rest, data: parsed(data), headers: parsed(headers), outcome: parsed(outcome) };
};

const COLUMNS = `e.id, e.type, e.source, e.contact_id AS contactId, e.conversation_id AS conversationId,
  CASE WHEN octet_length(e.data) <= ${MAX_DATA_BYTES} THEN e.data END AS data, e.headers, e.occurred_at AS occurredAt, e.depth`;

/** Of these types, the oldest first, with ids behind `afterId` and before `toId`. */
export const listPastEvents = async (
  db: D1Database,
  organizationId: string,
  of: { types: readonly string[]; workflowId: string; afterId: string; toId: string; limit: number },
): Promise<PastEvent[]> => {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS}, CASE WHEN instr(e.outcome, ?6) > 0 THEN e.outcome END AS outcome
       FROM json_each(?2) AS t CROSS JOIN events e ON e.org_id = ?1 AND e.id IN (
         SELECT l.id FROM events l INDEXED BY events_type
         WHERE l.org_id = ?1 AND l.type = t.value AND l.id > ?3 AND l.id < ?4 ORDER BY l.id LIMIT ?5)
       ORDER BY e.id LIMIT ?5`,
    )
    .bind(organizationId, JSON.stringify(of.types), of.afterId, of.toId, of.limit, of.workflowId)
    .all();
  return results.map(eventOf);
};

/** The next ones of a contact, or of anybody. */
export const listNextEvents = async (
  db: D1Database,
  organizationId: string,
  of: { type: string; contactId: string | null; afterId: string; toId: string; limit: number },
): Promise<PastEvent[]> => {
  const whose =
    of.contactId === null
      ? "events e INDEXED BY events_type WHERE e.org_id = ?1 AND e.type = ?2 AND ?3 IS NULL"
      : "events e INDEXED BY events_contact WHERE e.org_id = ?1 AND e.contact_id = ?3 AND e.type = ?2";
  const { results } = await db
    .prepare(`SELECT ${COLUMNS}, NULL AS outcome FROM ${whose} AND e.id > ?4 AND e.id < ?5 ORDER BY e.id LIMIT ?6`)
    .bind(organizationId, of.type, of.contactId, of.afterId, of.toId, of.limit)
    .all();
  return results.map(eventOf);
};

export type PastConsent = { contactId: string; state: ConsentState; at: number };
export type PastMessage = {
  contactId: string;
  inbound: number;
  conversationId: string | null;
  /** Of the channel, as gates know it. */
  sender: string;
  at: number;
  /** Whose run sent it. */
  workflowId: string | null;
};

export type PastConversation = { id: string; channel: string; channelId: string | null };

const MAX_MESSAGES = 20_000;

/**
 * All that these contacts have said of consent, their conversations, and their messages from `fromId` on: those that they wrote, and those that
 * reached a provider.
 */
export const readPast = async (
  db: D1Database,
  organizationId: string,
  contactIds: readonly string[],
  fromId: string,
): Promise<{ consents: PastConsent[]; messages: PastMessage[]; conversations: PastConversation[] }> => {
  const ids = JSON.stringify(contactIds);
  const [consents, messages, conversations] = await db.batch([
    db
      .prepare(
        `SELECT h.contact_id AS contactId, h.state, h.at FROM json_each(?2) AS q
         CROSS JOIN consent_history h ON h.org_id = ?1 AND h.contact_id = q.value ORDER BY h.contact_id, h.epoch`,
      )
      .bind(organizationId, ids),
    db
      .prepare(
        `SELECT m.contact_id AS contactId, m.direction = 'inbound' AS inbound, m.conversation_id AS conversationId,
           coalesce(m.channel_id, m.channel) AS sender,
           CASE m.direction WHEN 'inbound' THEN m.created_at ELSE coalesce(m.sent_at, m.updated_at) END AS at, x.workflow_id AS workflowId
         FROM json_each(?2) AS q CROSS JOIN messages m INDEXED BY messages_contact
           ON m.org_id = ?1 AND m.contact_id = q.value AND m.id >= ?3
         LEFT JOIN executions x ON x.org_id = m.org_id AND x.id = m.execution_id
         WHERE m.direction = 'inbound' OR (m.channel <> 'inapp' AND m.hold_until IS NULL AND m.provider_id IS NOT NULL)
         LIMIT ${MAX_MESSAGES}`,
      )
      .bind(organizationId, ids, fromId),
    db
      .prepare(
        `SELECT v.id, v.channel, v.channel_id AS channelId FROM json_each(?2) AS q
         CROSS JOIN conversations v INDEXED BY conversations_contact ON v.org_id = ?1 AND v.contact_id = q.value`,
      )
      .bind(organizationId, ids),
  ]);
  return {
    consents: consents!.results as PastConsent[],
    messages: messages!.results as PastMessage[],
    conversations: conversations!.results as PastConversation[],
  };
};
