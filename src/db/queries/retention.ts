// Reading and deleting what is too old, by ranges of primary keys, and the organisation's own word on how old that is. Rollups and counters
// outlive what they count; where lists have totals, triggers follow (migrations/).
import type { JsonObject } from "../../lib/json.ts";

/** The tables that grow by themselves. PERSISTED CONTRACT (domain/retention/forget.ts Place). */
export type Store = "executions" | "events" | "messages" | "deadLetters";

const TABLES: Record<Store, string> = {
  executions: "executions",
  events: "events",
  messages: "messages",
  deadLetters: "dead_letters",
};

/** What a row takes with it: the pages of a long text. */
const WEIGHTS: Record<Store, string> = {
  executions: "coalesce(octet_length(steps), 0) / 4096",
  events: "octet_length(data) / 4096",
  messages: "octet_length(body) / 4096",
  deadLetters: "octet_length(body) / 4096",
};

/** Epoch ms; ids from `before` on are too young to be looked at. `other`: what the second kind of a store's rows goes by. */
export type Forgettable = { before: string; expired: number; other: number };

const UNFINISHED = "('queued', 'running', 'waiting')";

/**
 * A run that is not final stays. An event that nobody has processed stays as long as its dead letter may (`other`). A message stays while its
 * outcome is in doubt, and while whoever sends it goes on and might send it again for want of the row. A letter that was replayed goes by
 * `other`, from then on.
 */
const EXPIRED: Record<Store, { where: string; values: (limits: Forgettable) => number[] }> = {
  executions: {
    where: `status NOT IN ${UNFINISHED} AND coalesce(ended_at, updated_at) < ?4`,
    values: ({ expired }) => [expired],
  },
  events: {
    where: "received_at < ?4 AND (outcome IS NOT NULL OR received_at < ?5)",
    values: ({ expired, other }) => [expired, other],
  },
  messages: {
    where: `created_at < ?4 AND status <> 'scheduled'
      AND NOT EXISTS (SELECT 1 FROM executions e
        WHERE e.org_id = messages.org_id AND e.id = messages.execution_id AND e.status IN ${UNFINISHED})
      AND NOT EXISTS (SELECT 1 FROM campaigns c
        WHERE c.org_id = messages.org_id AND c.id = messages.campaign_id AND c.status NOT IN ('completed', 'failed', 'cancelled'))`,
    values: ({ expired }) => [expired],
  },
  deadLetters: {
    where: "CASE WHEN replayed_at IS NULL THEN created_at < ?4 ELSE replayed_at < ?5 END",
    values: ({ expired, other }) => [expired, other],
  },
};

/** Before when (epoch ms), or before which id, what is little or should have gone by itself is too old. */
export type Leftovers = {
  /** When statuses that no message came for were told. */
  parkedBefore: number;
  /** Ids of events that could not be told. */
  untoldBefore: string;
  /** The last failure of a kind: what it said goes. */
  failedBefore: number;
  /** Ids of outgoing webhooks whose object should have taken them along. */
  deliveriesBefore: string;
  /** When requests with an Idempotency-Key came that the next one has not taken away. */
  answeredBefore: number;
};

/**
 * The next organisations by id, and whether anything of theirs is older than `oldest` (an id and the epoch ms that it stands for), or is left over.
 */
export const findOrganizations = async (
  db: D1Database,
  after: string,
  oldest: { id: string; at: number },
  { parkedBefore, deliveriesBefore, answeredBefore }: Omit<Leftovers, "untoldBefore" | "failedBefore">,
  limit: number,
): Promise<{ id: string; hasOld: boolean }[]> => {
  const { results } = await db
    .prepare(
      `SELECT o.id, EXISTS (SELECT 1 FROM executions WHERE org_id = o.id AND id < ?2)
           OR EXISTS (SELECT 1 FROM events WHERE org_id = o.id AND id < ?2)
           OR EXISTS (SELECT 1 FROM messages WHERE org_id = o.id AND id < ?2)
           OR EXISTS (SELECT 1 FROM dead_letters WHERE org_id = o.id AND created_at < ?3)
           OR EXISTS (SELECT 1 FROM parked_statuses WHERE org_id = o.id AND told_at < ?5)
           OR EXISTS (SELECT 1 FROM untold_events WHERE org_id = o.id AND id < ?2)
           OR EXISTS (SELECT 1 FROM deliveries WHERE org_id = o.id AND id < ?6)
           OR EXISTS (SELECT 1 FROM idempotent_requests WHERE org_id = o.id AND at < ?7) AS hasOld
       FROM organizations o WHERE o.id > ?1 ORDER BY o.id LIMIT ?4`,
    )
    .bind(after, oldest.id, oldest.at, limit, parkedBefore, deliveriesBefore, answeredBefore)
    .all<{ id: string; hasOld: number }>();
  return results.map(({ id, hasOld }) => ({ id, hasOld: hasOld === 1 }));
};

/** What is looked at once in a round: it is little, and has ids of others or none. */
export const deleteLeftovers = async (
  db: D1Database,
  organizationId: string,
  { parkedBefore, untoldBefore, failedBefore, deliveriesBefore, answeredBefore }: Leftovers,
  limit: number,
): Promise<void> => {
  await db.batch([
    db
      .prepare(
        `DELETE FROM parked_statuses WHERE (org_id, provider_id, status) IN (
           SELECT org_id, provider_id, status FROM parked_statuses WHERE org_id = ?1 AND told_at < ?2 LIMIT ?3)`,
      )
      .bind(organizationId, parkedBefore, limit),
    db
      .prepare(
        `DELETE FROM untold_events WHERE (org_id, id) IN (
           SELECT org_id, id FROM untold_events WHERE org_id = ?1 AND id < ?2 LIMIT ?3)`,
      )
      .bind(organizationId, untoldBefore, limit),
    db
      .prepare(
        `DELETE FROM deliveries WHERE (org_id, id) IN (
           SELECT org_id, id FROM deliveries WHERE org_id = ?1 AND id < ?2 ORDER BY id LIMIT ?3)`,
      )
      .bind(organizationId, deliveriesBefore, limit),
    db
      .prepare(
        `DELETE FROM idempotent_requests WHERE (org_id, key) IN (
           SELECT org_id, key FROM idempotent_requests WHERE org_id = ?1 AND at < ?2 ORDER BY at LIMIT ?3)`,
      )
      .bind(organizationId, answeredBefore, limit),
    // How many there were stays known, not what they said of whom.
    db
      .prepare(
        `UPDATE execution_errors SET message = '', samples = '[]'
         WHERE org_id = ?1 AND last_at < ?2 AND (message <> '' OR samples <> '[]')`,
      )
      .bind(organizationId, failedBefore),
  ]);
};

/** The rows between two ids, whether they may go or not, with what deleting each weighs beside the row itself. */
export const readPage = async (
  db: D1Database,
  store: Store,
  { organizationId, after, before }: { organizationId: string; after: string; before: string },
  limit: number,
): Promise<{ id: string; weight: number }[]> => {
  const { results } = await db
    .prepare(
      `SELECT id, ${WEIGHTS[store]} AS weight FROM ${TABLES[store]} WHERE org_id = ?1 AND id > ?2 AND id < ?3 ORDER BY id LIMIT ?4`,
    )
    .bind(organizationId, after, before, limit)
    .all<{ id: string; weight: number }>();
  return results;
};

/** Deletes what may go among the rows after `after` up to `last`. */
export const deletePage = async (
  db: D1Database,
  store: Store,
  { organizationId, after, last, ...limits }: Forgettable & { organizationId: string; after: string; last: string },
): Promise<void> => {
  const { where, values } = EXPIRED[store];
  await db
    .prepare(`DELETE FROM ${TABLES[store]} WHERE org_id = ?1 AND id > ?2 AND id <= ?3 AND ${where}`)
    .bind(organizationId, after, last, ...values(limits))
    .run();
};

/** Null when nothing differs from the usual, and for no organisation at all. */
export const selectRetention = async (db: D1Database, organizationId: string): Promise<JsonObject | null> => {
  const stored = await db
    .prepare("SELECT retention FROM organizations WHERE id = ?1")
    .bind(organizationId)
    .first<string | null>("retention");
  return stored === null ? null : (JSON.parse(stored) as JsonObject);
};

/** Null takes a name out. */
export const mergeRetention = (
  db: D1Database,
  organizationId: string,
  changes: { [name: string]: number | null },
): D1PreparedStatement =>
  db
    .prepare("UPDATE organizations SET retention = json_patch(coalesce(retention, '{}'), ?2) WHERE id = ?1")
    .bind(organizationId, JSON.stringify(changes));
