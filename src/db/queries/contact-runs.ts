// Runs that concern a contact and go on.

/** What a person has started at most and is looked at, the latest first. */
const MAX_EVENTS = 2_000;

/**
 * Of each contact the runs that events of theirs have started, and those that wait for what they say; whether they go on is known in the index with a
 * second's delay.
 */
export const selectContactRuns = (
  db: D1Database,
  contacts: readonly { organizationId: string; contactId: string }[],
): D1PreparedStatement =>
  db
    .prepare(
      `WITH q AS MATERIALIZED (
         SELECT DISTINCT j.value ->> 'organizationId' AS org, j.value ->> 'contactId' AS contact FROM json_each(?1) AS j
       ), f AS MATERIALIZED (
         SELECT org, contact, s.value ->> 'executionId' AS id FROM q
         CROSS JOIN events e ON e.org_id = org AND e.id IN (
           SELECT l.id FROM events l WHERE l.org_id = org AND l.contact_id = contact ORDER BY l.id DESC LIMIT ${MAX_EVENTS})
         CROSS JOIN json_each(e.outcome, '$.started') AS s
       )
       SELECT org AS organizationId, contact AS contactId, f.id AS executionId FROM f
       CROSS JOIN executions x ON x.org_id = org AND x.id = f.id WHERE x.ended_at IS NULL
       UNION
       SELECT org, contact, w.execution_id FROM q
       CROSS JOIN waiters w ON w.org_id = org AND w.event_type IN ('MESSAGE_RECEIVED', 'MESSAGE_RECEIVED/reply') AND w.contact_id = contact`,
    )
    .bind(JSON.stringify(contacts));

export type ContactRun = { organizationId: string; contactId: string; executionId: string };
