// Statuses of messages that are not known by their provider's id yet.
import type { StatusReport } from "./messages.ts";

/** Keeps those of `reports` that name a message by the provider's id only, and by one that no message has. The first of a status stands. */
export const parkStatuses = (db: D1Database, reports: readonly StatusReport[]): D1PreparedStatement =>
  db
    .prepare(
      `INSERT OR IGNORE INTO parked_statuses (org_id, provider_id, status, error_code, error_name, error, told_at)
       SELECT t.value ->> 'organizationId', t.value ->> 'providerId', t.value ->> 'status', t.value ->> 'errorCode', t.value ->> 'errorName',
         t.value ->> 'error', t.value ->> 'at' FROM json_each(?1) AS t
       WHERE t.value ->> 'id' IS NULL AND t.value ->> 'providerId' IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.provider_id = t.value ->> 'providerId' AND m.org_id = t.value ->> 'organizationId')`,
    )
    .bind(JSON.stringify(reports));

/** As StatusReport. */
export const selectParked = (
  db: D1Database,
  organizationId: string,
  providerIds: readonly string[],
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT p.org_id AS organizationId, NULL AS id, p.provider_id AS providerId, p.status, p.error_code AS errorCode,
         p.error_name AS errorName, p.error, p.told_at AS at
       FROM json_each(?2) AS q CROSS JOIN parked_statuses p ON p.org_id = ?1 AND p.provider_id = q.value`,
    )
    .bind(organizationId, JSON.stringify(providerIds));

export const deleteParked = (db: D1Database, reports: readonly StatusReport[]): D1PreparedStatement =>
  db
    .prepare(
      `DELETE FROM parked_statuses WHERE (org_id, provider_id) IN (
         SELECT value ->> 'organizationId', value ->> 'providerId' FROM json_each(?1))`,
    )
    .bind(JSON.stringify(reports));

/** Those that nobody came for. */
export const forgetParked = (db: D1Database, organizationIds: readonly string[], before: number): D1PreparedStatement =>
  db
    .prepare("DELETE FROM parked_statuses WHERE org_id IN (SELECT value FROM json_each(?1)) AND told_at < ?2")
    .bind(JSON.stringify(organizationIds), before);
