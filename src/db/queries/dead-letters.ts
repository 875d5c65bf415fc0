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

/** The same letter again adds its attempts and is open again. An event that was processed in the meantime leaves none. */
export const insertDeadLetter = (db: D1Database, letter: Omit<DeadLetterRow, "replayedAt">): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO dead_letters (org_id, id, queue, subject_id, body, error, attempts, created_at)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
       WHERE ?3 <> 'events' OR NOT EXISTS (SELECT 1 FROM events WHERE org_id = ?1 AND id = ?4 AND outcome IS NOT NULL)
       ON CONFLICT DO UPDATE SET body = excluded.body, error = excluded.error, attempts = dead_letters.attempts + excluded.attempts,
         created_at = excluded.created_at, replayed_at = NULL`,
    )
    .bind(
      letter.organizationId,
      letter.id,
      letter.queue,
      letter.subjectId,
      JSON.stringify(letter.body),
      letter.error,
      letter.attempts,
      letter.createdAt,
    );

/** What a list shows of a body, in bytes: a hundred events of 1.5 MB would fill an isolate. */
const MAX_LISTED_BYTES = 16_384;

const columns = (body: string): string =>
  `org_id AS organizationId, id, queue, subject_id AS subjectId, ${body} AS body, error, attempts, created_at AS createdAt,
     replayed_at AS replayedAt`;

type Raw = Omit<DeadLetterRow, "body"> & { body: string };
const read = (raw: Raw): DeadLetterRow => ({ ...raw, body: JSON.parse(raw.body) as Json });

/** Newest first, a large body as null; `open`: only those that were not replayed. */
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
        `SELECT ${columns(`CASE WHEN octet_length(body) <= ${MAX_LISTED_BYTES} THEN body ELSE 'null' END`)}
         FROM dead_letters WHERE ${where} ORDER BY created_at DESC, id DESC LIMIT ?4 OFFSET ?5`,
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
    .prepare(`SELECT ${columns("body")} FROM dead_letters WHERE org_id = ?1 AND id = ?2`)
    .bind(organizationId, id)
    .first<Raw>();
  return raw ? read(raw) : undefined;
};

export const markReplayed = (db: D1Database, organizationId: string, id: string, at: number): D1PreparedStatement =>
  db.prepare("UPDATE dead_letters SET replayed_at = ?3 WHERE org_id = ?1 AND id = ?2").bind(organizationId, id, at);
