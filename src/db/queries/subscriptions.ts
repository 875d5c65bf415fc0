// Who listens for an event: subscriptions of active workflows, the targets of targeted events, and executions that wait. Reads only; what
// writes them is listening.ts and waiters.ts. Each statement answers for a whole batch of events.
import type { Json, JsonObject } from "../../lib/json.ts";
import { queueOf } from "./queue.ts";
import { variablesAt } from "./variables.ts";
import { watchedUntil } from "./watches.ts";

export type Candidate = {
  organizationId: string;
  eventType: string;
  matchKey: string | null;
  workflowId: string;
  versionId: string;
  nodeIds: string[];
  triggerType: string;
  filters: Json;
  terms: JsonObject | null;
  variables: JsonObject;
  /** What bounds the starts (domain/workflow/start-rules.ts). */
  rules?: Json;
  /** Higher starts first. */
  priority?: number;
  /** Epoch ms until which somebody listens to the workflow; absent or null as a rule. */
  watchedUntil?: number | null;
  /** What bounds its runs (domain/queue/limits.ts); absent or null as a rule. */
  maxConcurrency?: number | null;
  queue?: string | null;
  /** When its organisation's global variables changed last; absent or null: there are none. */
  variablesAt?: number | null;
};

export type SubscriptionLookup = { organizationId: string; eventType: string; matchKeys: (string | null)[] };

/**
 * By event type and the event's own keys (null: any event of the type). Higher priority first. A lookup is taken apart once: a message may have
 * thousands of keys, and to read its organisation beside each of them would parse them all each time.
 */
export const selectCandidates = (db: D1Database, lookups: readonly SubscriptionLookup[]): D1PreparedStatement =>
  db
    .prepare(
      `WITH q AS MATERIALIZED (
         SELECT value ->> 'organizationId' AS org_id, value ->> 'eventType' AS event_type, value -> 'matchKeys' AS keys
         FROM json_each(?1)
       )
       SELECT s.org_id AS organizationId, s.event_type AS eventType, s.match_key AS matchKey, s.workflow_id AS workflowId,
         w.published_version_id AS versionId, s.node_ids AS nodeIds, s.trigger_type AS triggerType, s.filters, s.terms,
         s.variables, s.rules, s.priority, ${watchedUntil("w.org_id", "w.id")} AS watchedUntil, w.max_concurrency AS maxConcurrency,
         ${queueOf("w.org_id")} AS queue, ${variablesAt("w.org_id")} AS variablesAt
       FROM q
       CROSS JOIN json_each(q.keys) AS k
       CROSS JOIN subscriptions s ON s.org_id = q.org_id AND s.event_type = q.event_type AND s.match_key IS k.value
       CROSS JOIN workflows w ON w.org_id = s.org_id AND w.id = s.workflow_id
       WHERE w.status = 'active' AND w.published_version_id IS NOT NULL
       ORDER BY s.priority DESC, s.n`,
    )
    .bind(JSON.stringify(lookups));

export const candidateOf = (row: unknown): Candidate => {
  const { nodeIds, filters, terms, variables, rules, ...rest } = row as Omit<
    Candidate,
    "nodeIds" | "filters" | "terms" | "variables" | "rules"
  > & {
    rules: string | null;
    nodeIds: string;
    filters: string | null;
    terms: string | null;
    variables: string;
  };
  return {
    ...rest,
    nodeIds: JSON.parse(nodeIds),
    filters: filters === null ? null : JSON.parse(filters),
    terms: terms === null ? null : JSON.parse(terms),
    variables: JSON.parse(variables),
    rules: rules === null ? null : JSON.parse(rules),
  };
};

export type Target = {
  organizationId: string;
  workflowId: string;
  status: string;
  versionId: string | null;
  /** Types of the published version's trigger nodes, by node id. */
  triggers: { [nodeId: string]: string };
  /** As a candidate's. */
  watchedUntil?: number | null;
  maxConcurrency?: number | null;
  queue?: string | null;
  variablesAt?: number | null;
};

export const selectTargets = (
  db: D1Database,
  wanted: { organizationId: string; workflowId: string }[],
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT w.org_id AS organizationId, w.id AS workflowId, w.status, w.published_version_id AS versionId,
         ${watchedUntil("w.org_id", "w.id")} AS watchedUntil, w.max_concurrency AS maxConcurrency, ${queueOf("w.org_id")} AS queue, ${variablesAt("w.org_id")} AS variablesAt,
         (SELECT json_group_object(n.key, n.value ->> 'type') FROM json_each(v.definition, '$.nodes') AS n
           WHERE n.value ->> 'type' LIKE 'trigger\\_%' ESCAPE '\\') AS triggers
       FROM json_each(?1) AS q
       CROSS JOIN workflows w ON w.org_id = q.value ->> 'organizationId' AND w.id = q.value ->> 'workflowId'
       LEFT JOIN workflow_versions v ON v.org_id = w.org_id AND v.id = w.published_version_id`,
    )
    .bind(JSON.stringify(wanted));

export const targetOf = (row: unknown): Target => {
  const { triggers, ...rest } = row as Omit<Target, "triggers"> & { triggers: string };
  return { ...rest, triggers: JSON.parse(triggers) };
};

export type Waiting = {
  /** Its place among all waits; a later one has a higher one as a rule. */
  row: number;
  organizationId: string;
  eventType: string;
  contactId: string | null;
  executionId: string;
  waitKey: string;
  /** Null: there are none, or they are too large to be judged here. */
  filters: Json;
  since: number;
};

export type WaiterLookup = { organizationId: string; eventType: string; contactId: string | null };
/** Where a page of waits ended: the place in the lookups, and the row there. */
type WaiterCursor = { lookup: number; row: number };

/** Waits that one statement reads. */
export const WAITERS_PAGE = 5_000;
/** Larger filters are left to the run that asked for them: the waits of a batch are in memory together. */
const MAX_FILTERS_BYTES = 1_000;

/** `contactId` null finds the waits that are for nobody's events in particular. A full page may have another behind it (`restOfWaiters`). */
export const selectWaiters = (
  db: D1Database,
  lookups: readonly WaiterLookup[],
  after: WaiterCursor = { lookup: 0, row: -1 },
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT q.key AS lookup, w.rowid AS row, w.org_id AS organizationId, w.event_type AS eventType, w.contact_id AS contactId, w.execution_id AS executionId,
         w.wait_key AS waitKey, CASE WHEN octet_length(w.filters) <= ${MAX_FILTERS_BYTES} THEN w.filters END AS filters, w.since
       FROM json_each(?1) AS q
       CROSS JOIN waiters w ON w.org_id = q.value ->> 'organizationId' AND w.event_type = q.value ->> 'eventType'
         AND w.contact_id IS q.value ->> 'contactId'
       WHERE q.key >= ?2 AND w.rowid > CASE q.key WHEN ?2 THEN ?3 ELSE -1 END
       ORDER BY q.key, w.rowid LIMIT ${WAITERS_PAGE}`,
    )
    .bind(JSON.stringify(lookups), after.lookup, after.row);

/** The waits behind a first page, which no limit may leave unread. */
export const restOfWaiters = async (
  db: D1Database,
  lookups: readonly WaiterLookup[],
  firstPage: readonly unknown[],
): Promise<unknown[]> => {
  const rest: unknown[] = [];
  for (let page = firstPage; page.length === WAITERS_PAGE; ) {
    page = (await selectWaiters(db, lookups, page.at(-1) as WaiterCursor).all()).results;
    rest.push(...page);
  }
  return rest;
};

export const waitingOf = (row: unknown): Waiting => {
  const { filters, lookup: _, ...rest } = row as Omit<Waiting, "filters"> & { filters: string | null } & WaiterCursor;
  return { ...rest, filters: filters === null ? null : JSON.parse(filters) };
};
