// The event log. Written by the consumer for a batch at a time, and by actions together with the change that an event tells of.
import type { Json, JsonObject } from "../../lib/json.ts";

export type LoggedEvent = {
  organizationId: string;
  id: string;
  type: string;
  source: string;
  contactId?: string;
  conversationId?: string;
  data: JsonObject;
  headers?: { [name: string]: string };
  occurredAt: number;
  receivedAt: number;
  depth: number;
  /** What of `data` is not as the event's type says. */
  warnings?: Json;
};

const INSERT = `INSERT OR IGNORE INTO events (org_id, id, type, source, contact_id, conversation_id, data, headers, occurred_at, received_at, depth, warnings)
  SELECT value ->> 'organizationId', value ->> 'id', value ->> 'type', value ->> 'source', value ->> 'contactId',
    value ->> 'conversationId', value -> 'data', value -> 'headers', value ->> 'occurredAt', value ->> 'receivedAt', value ->> 'depth',
    value -> 'warnings'
  FROM json_each(?1)`;

/** Answers the ids that were new, as `id`. Values of one statement hold 2 MB: the caller splits. */
export const insertEvents = (db: D1Database, events: readonly LoggedEvent[]): D1PreparedStatement =>
  db.prepare(`${INSERT} WHERE true RETURNING id`).bind(JSON.stringify(events));

/** The same for one event, only if `condition` (SQL over parameters from ?2 on) holds. */
export const insertEventIf = (
  db: D1Database,
  event: LoggedEvent,
  condition: string,
  ...values: (string | number)[]
): D1PreparedStatement => db.prepare(`${INSERT} WHERE ${condition}`).bind(JSON.stringify([event]), ...values);

export const selectEvent = (db: D1Database, organizationId: string, id: string): D1PreparedStatement =>
  db
    .prepare(
      `SELECT org_id AS organizationId, id, type, source, contact_id AS contactId, conversation_id AS conversationId, data,
         occurred_at AS occurredAt, received_at AS receivedAt, depth FROM events WHERE org_id = ?1 AND id = ?2`,
    )
    .bind(organizationId, id);

/** Those among `ids` that were processed, as `id`. */
export const selectProcessed = (
  db: D1Database,
  wanted: readonly { organizationId: string; id: string }[],
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT e.id FROM json_each(?1) AS q
       CROSS JOIN events e ON e.org_id = q.value ->> 'organizationId' AND e.id = q.value ->> 'id' WHERE e.outcome IS NOT NULL`,
    )
    .bind(JSON.stringify(wanted));

/** The first outcome of an event stands. */
export const setOutcomes = (
  db: D1Database,
  outcomes: readonly { organizationId: string; id: string; outcome: Json }[],
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE events SET outcome = q.value -> 'outcome' FROM json_each(?1) AS q
       WHERE events.org_id = q.value ->> 'organizationId' AND events.id = q.value ->> 'id' AND events.outcome IS NULL`,
    )
    .bind(JSON.stringify(outcomes));

/** Counts the calls of webhooks, each once: in one transaction with `setOutcomes` and before it, because a processed event is not counted again. */
export const countWebhookCalls = (
  db: D1Database,
  calls: readonly { organizationId: string; webhookId: string; eventId: string; at: number }[],
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE webhooks SET trigger_count = trigger_count + q.n, last_triggered_at = max(coalesce(last_triggered_at, 0), q.at)
       FROM (SELECT c.value ->> 'organizationId' AS org, c.value ->> 'webhookId' AS id, count(*) AS n, max(c.value ->> 'at') AS at
         FROM json_each(?1) AS c
         CROSS JOIN events e ON e.org_id = c.value ->> 'organizationId' AND e.id = c.value ->> 'eventId'
         WHERE e.outcome IS NULL GROUP BY 1, 2) AS q
       WHERE webhooks.org_id = q.org AND webhooks.id = q.id`,
    )
    .bind(JSON.stringify(calls));
