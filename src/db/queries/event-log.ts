// The event log as people read it, newest first. Totals are counted as far as anybody pages.
import type { Json, JsonObject } from "../../lib/json.ts";
import { hidden } from "./run-lists.ts";

export type EventFilter = {
  type?: string;
  contactId?: string;
  conversationId?: string;
  /** That started the workflow, or that it listens for and was not started by. */
  workflowId?: string;
};

export type EventLogRow = {
  id: string;
  type: string;
  source: string;
  contactId: string | null;
  /** The caller's own id of the contact. */
  externalId: string | null;
  conversationId: string | null;
  data: JsonObject;
  warnings: Json;
  outcome: Json;
  depth: number;
  occurredAt: number;
  receivedAt: number;
};

const MAX_COUNTED_EVENTS = 10_000;
/** A workflow's events are looked for among so many of its latest executions, and of the latest events that it may listen for. */
const MAX_SEARCHED = 10_000;

const COLUMNS = `e.id, e.type, e.source, e.contact_id AS contactId, (SELECT i.value FROM identities i
    WHERE i.org_id = e.org_id AND i.contact_id = e.contact_id AND i.kind = 'external_id' LIMIT 1) AS externalId,
  e.conversation_id AS conversationId, e.data, e.warnings, e.outcome, e.depth, e.occurred_at AS occurredAt, e.received_at AS receivedAt`;

const eventOf = (row: unknown): EventLogRow => {
  const { data, warnings, outcome, ...rest } = row as Record<"data" | "warnings" | "outcome", string | null> &
    Omit<EventLogRow, "data" | "warnings" | "outcome">;
  const parsed = (text: string | null): Json => (text === null ? null : JSON.parse(text));
  return { ...rest, data: parsed(data) as JsonObject, warnings: parsed(warnings), outcome: parsed(outcome) };
};

/** An outcome names the workflows that it started and missed. */
const OF_WORKFLOW = `e.id IN (
    SELECT event_id FROM (SELECT event_id FROM executions INDEXED BY executions_workflow
      WHERE org_id = ?1 AND workflow_id = ?2 ->> '$.workflowId' ORDER BY id DESC LIMIT ${MAX_SEARCHED})
    UNION
    SELECT id FROM (SELECT l.id, l.outcome FROM events l INDEXED BY events_type WHERE l.org_id = ?1 AND l.type IN (
        SELECT event_type FROM subscriptions WHERE org_id = ?1 AND workflow_id = ?2 ->> '$.workflowId')
      ORDER BY l.id DESC LIMIT ${MAX_SEARCHED})
    WHERE instr(outcome, ?2 ->> '$.workflowId') > 0)`;

const conditionsOf = ({ type, contactId, conversationId, workflowId }: EventFilter): string =>
  [
    "e.org_id = ?1 AND ?2 IS NOT NULL",
    type !== undefined && "e.type = ?2 ->> '$.type'",
    contactId !== undefined && "e.contact_id = ?2 ->> '$.contactId'",
    conversationId !== undefined && "e.conversation_id = ?2 ->> '$.conversationId'",
    workflowId !== undefined && OF_WORKFLOW,
  ]
    .filter((condition) => typeof condition === "string")
    .join(" AND ");

/** By what has the fewest rows. */
const indexOf = ({ type, contactId, conversationId, workflowId }: EventFilter): string => {
  if (workflowId !== undefined) return "";
  if (conversationId !== undefined) return "INDEXED BY events_conversation";
  if (contactId !== undefined) return "INDEXED BY events_contact";
  return type === undefined ? "" : "INDEXED BY events_type";
};

export const listEvents = async (
  db: D1Database,
  organizationId: string,
  filter: EventFilter,
  page: { limit: number; offset: number },
): Promise<{ rows: EventLogRow[]; total: number }> => {
  const given = JSON.stringify(filter);
  const from = `FROM events e ${indexOf(filter)} WHERE ${conditionsOf(filter)}`;
  const [rows, totals] = await db.batch([
    db
      .prepare(`SELECT ${COLUMNS} ${from} ORDER BY e.id DESC LIMIT ?3 OFFSET ?4`)
      .bind(organizationId, given, page.limit, page.offset),
    db.prepare(`SELECT count(*) AS n FROM (SELECT 1 ${from} LIMIT ${MAX_COUNTED_EVENTS})`).bind(organizationId, given),
  ]);
  return { rows: rows!.results.map(eventOf), total: (totals!.results[0] as { n: number }).n };
};

export const findEvent = async (
  db: D1Database,
  organizationId: string,
  id: string,
): Promise<EventLogRow | undefined> => {
  const row = await db
    .prepare(`SELECT ${COLUMNS} FROM events e WHERE e.org_id = ?1 AND e.id = ?2`)
    .bind(organizationId, id)
    .first();
  return row === null ? undefined : eventOf(row);
};

/**
 * Names of workflows, and of triggers of marketing workflows, by their ids; `hidden`: ids of workflows that were hidden from the user `visibleTo`.
 */
export const readNames = async (
  db: D1Database,
  organizationId: string,
  { visibleTo, ...ids }: { workflows: string[]; triggers: string[]; visibleTo?: string },
): Promise<{ workflows: Map<string, string>; triggers: Map<string, string>; hidden: Set<string> }> => {
  const [workflows, triggers] = await db.batch([
    db
      .prepare(
        `SELECT w.id, w.name, ${visibleTo === undefined ? "0" : hidden("w.id")} AS hidden FROM workflows w
         WHERE w.org_id = ?1 AND w.id IN (SELECT value FROM json_each(?2, '$.workflows'))`,
      )
      .bind(organizationId, JSON.stringify({ workflows: ids.workflows, visibleTo })),
    db
      .prepare(
        "SELECT id, name FROM marketing_parts WHERE org_id = ?1 AND kind = 'trigger' AND id IN (SELECT value FROM json_each(?2))",
      )
      .bind(organizationId, JSON.stringify(ids.triggers)),
  ]);
  const byId = (rows: unknown[]) =>
    new Map((rows as { id: string; name: string }[]).map(({ id, name }) => [id, name] as const));
  return {
    workflows: byId(workflows!.results),
    triggers: byId(triggers!.results),
    hidden: new Set(
      (workflows!.results as { id: string; hidden: number }[]).flatMap((one) => (one.hidden ? one.id : [])),
    ),
  };
};
