// Queue messages that were given up.
import type { Json } from "../../lib/json.ts";

export type DeadLetterRow = {
  organizationId: string;
  id: string;
  queue: string;
  subjectId: string | null;
  body: Json;
  error: string;
  attempts: number;
  createdAt: number;
  replayedAt: number | null;
};

/** The same letter again adds its attempts and is open again, unless its event was processed in the meantime. */
export const insertDeadLetters = (
  db: D1Database,
  letters: readonly Omit<DeadLetterRow, "replayedAt">[],
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO dead_letters (org_id, id, queue, subject_id, body, error, attempts, created_at)
       SELECT j.value ->> 'organizationId', j.value ->> 'id', j.value ->> 'queue', j.value ->> 'subjectId', j.value -> 'body',
         j.value ->> 'error', j.value ->> 'attempts', j.value ->> 'createdAt'
       FROM json_each(?1) j
       WHERE j.value ->> 'queue' <> 'events' OR NOT EXISTS (SELECT 1 FROM events e
         WHERE e.org_id = j.value ->> 'organizationId' AND e.id = j.value ->> 'subjectId' AND e.outcome IS NOT NULL)
       ON CONFLICT DO UPDATE SET body = excluded.body, error = excluded.error, attempts = dead_letters.attempts + excluded.attempts,
         created_at = excluded.created_at, replayed_at = NULL`,
    )
    .bind(JSON.stringify(letters));

const COLUMNS =
  "org_id AS organizationId, id, queue, subject_id AS subjectId, body, error, attempts, created_at AS createdAt, replayed_at AS replayedAt";

type Raw = Omit<DeadLetterRow, "body"> & { body: string };
const read = (raw: Raw): DeadLetterRow => ({ ...raw, body: JSON.parse(raw.body) as Json });

/** Newest first; `open`: only those that were not replayed. */
export const listDeadLetterRows = async (
  db: D1Database,
  organizationId: string,
  filter: { queue?: string; open?: boolean },
  page: { limit: number; offset: number },
): Promise<{ rows: DeadLetterRow[]; total: number }> => {
  const where = "org_id = ?1 AND (?2 IS NULL OR queue = ?2) AND (?3 IS NULL OR (replayed_at IS NULL) = ?3)";
  const values = [organizationId, filter.queue ?? null, filter.open === undefined ? null : Number(filter.open)];
  const [rows, totals] = await db.batch([
    db
      .prepare(
        `SELECT ${COLUMNS} FROM dead_letters WHERE ${where} ORDER BY created_at DESC, id DESC LIMIT ?4 OFFSET ?5`,
      )
      .bind(...values, page.limit, page.offset),
    db.prepare(`SELECT count(*) AS n FROM dead_letters WHERE ${where}`).bind(...values),
  ]);
  return { rows: (rows!.results as Raw[]).map(read), total: (totals!.results[0] as { n: number }).n };
};

export const findDeadLetter = async (
  db: D1Database,
  organizationId: string,
  id: string,
): Promise<DeadLetterRow | undefined> => {
  const raw = await db
    .prepare(`SELECT ${COLUMNS} FROM dead_letters WHERE org_id = ?1 AND id = ?2`)
    .bind(organizationId, id)
    .first<Raw>();
  return raw ? read(raw) : undefined;
};

export const markReplayed = (db: D1Database, organizationId: string, id: string, at: number): D1PreparedStatement =>
  db.prepare("UPDATE dead_letters SET replayed_at = ?3 WHERE org_id = ?1 AND id = ?2").bind(organizationId, id, at);
