// What was asked with an Idempotency-Key, and answered.
import { earliestId } from "../../lib/ids.ts";

type Named = { organizationId: string; key: string };
export type IdempotentRow = {
  fingerprint: string;
  requestId: string;
  status: number | null;
  answerSealed: string | null;
  at: number;
};

/** Rows that one request more takes away. */
const PURGE = 20;

/** Two statements; the second gives the row that stands: its request is ours when nobody was there. Old rows of the organisation go on the way. */
export const claimRequest = (
  db: D1Database,
  { organizationId, key, fingerprint, requestId, at }: Named & { fingerprint: string; requestId: string; at: number },
  forgottenBefore: number,
): D1PreparedStatement[] => [
  db
    .prepare(
      `DELETE FROM idempotent_requests WHERE org_id = ?1 AND key IN
         (SELECT key FROM idempotent_requests WHERE org_id = ?1 AND at < ?2 ORDER BY at LIMIT ${PURGE})`,
    )
    .bind(organizationId, forgottenBefore),
  db
    .prepare(
      `INSERT INTO idempotent_requests (org_id, key, fingerprint, request_id, at) VALUES (?1, ?2, ?3, ?4, ?5)
       ON CONFLICT (org_id, key) DO UPDATE SET
         fingerprint = CASE WHEN at < ?6 THEN excluded.fingerprint ELSE fingerprint END,
         request_id = CASE WHEN at < ?6 THEN excluded.request_id ELSE request_id END,
         status = CASE WHEN at < ?6 THEN NULL ELSE status END,
         answer_sealed = CASE WHEN at < ?6 THEN NULL ELSE answer_sealed END,
         at = CASE WHEN at < ?6 THEN excluded.at ELSE at END
       RETURNING fingerprint, request_id AS requestId, status, answer_sealed AS answerSealed, at`,
    )
    .bind(organizationId, key, fingerprint, requestId, at, forgottenBefore),
];

/** Makes the request ours that `before` began; tells by its changes whether it did. */
export const takeOverRequest = (
  db: D1Database,
  { organizationId, key, before, requestId, at }: Named & { before: string; requestId: string; at: number },
): D1PreparedStatement =>
  db
    .prepare(
      "UPDATE idempotent_requests SET request_id = ?4, at = ?5 WHERE org_id = ?1 AND key = ?2 AND request_id = ?3 AND status IS NULL",
    )
    .bind(organizationId, key, before, requestId, at);

export const keepAnswer = (
  db: D1Database,
  {
    organizationId,
    key,
    requestId,
    status,
    sealed,
  }: Named & { requestId: string; status: number; sealed: string | null },
): D1PreparedStatement =>
  db
    .prepare(
      "UPDATE idempotent_requests SET status = ?4, answer_sealed = ?5 WHERE org_id = ?1 AND key = ?2 AND request_id = ?3",
    )
    .bind(organizationId, key, requestId, status, sealed);

/** It goes on no more, and nobody knows what it has done: the next one need not wait. `byMs`: how long it might have gone on. */
export const endRequest = (
  db: D1Database,
  { organizationId, key, requestId, byMs }: Named & { requestId: string; byMs: number },
): D1PreparedStatement =>
  db
    .prepare(
      "UPDATE idempotent_requests SET at = at - ?4 WHERE org_id = ?1 AND key = ?2 AND request_id = ?3 AND status IS NULL",
    )
    .bind(organizationId, key, requestId, byMs);

/** The key is free again. */
export const releaseRequest = (
  db: D1Database,
  { organizationId, key, requestId }: Named & { requestId: string },
): D1PreparedStatement =>
  db
    .prepare("DELETE FROM idempotent_requests WHERE org_id = ?1 AND key = ?2 AND request_id = ?3 AND status IS NULL")
    .bind(organizationId, key, requestId);

/**
 * What a request did that began at `at`, by the audit log: every change has its row there. Null when it changed nothing. Reads what was logged
 * within `withinMs` of it.
 */
export const findDeed = (
  db: D1Database,
  organizationId: string,
  { requestId, at, withinMs }: { requestId: string; at: number; withinMs: number },
) =>
  db
    .prepare(
      `SELECT action, target_id AS targetId FROM audit
       WHERE org_id = ?1 AND id >= ?2 AND id < ?3 AND request_id = ?4 AND action <> 'authorization.refused' LIMIT 1`,
    )
    .bind(organizationId, earliestId(at - withinMs), earliestId(at + withinMs), requestId)
    .first<{ action: string; targetId: string | null }>();
