// What monitoring reads of an organisation: a few rows of counters and rollups, and the latest inbound messages.

export type Activity = {
  sent: number;
  delivered: number;
  failed: number;
  timed: number;
  timedMs: number;
  inbound: number;
  optOuts: number;
  /** Contacts who wrote at all. */
  senders: number;
};

/** What happened in the hours from `since` on: a row an hour. */
export const selectActivity = (db: D1Database, organizationId: string, since: number): D1PreparedStatement =>
  db
    .prepare(
      `SELECT coalesce(sum(sent), 0) AS sent, coalesce(sum(delivered), 0) AS delivered, coalesce(sum(failed), 0) AS failed,
         coalesce(sum(timed), 0) AS timed, coalesce(sum(timed_ms), 0) AS timedMs, coalesce(sum(inbound), 0) AS inbound,
         coalesce(sum(opt_outs), 0) AS optOuts, coalesce(sum(last_heard), 0) AS senders
       FROM message_activity WHERE org_id = ?1 AND hour >= ?2`,
    )
    .bind(organizationId, since);

export type People = { total: number; optedIn: number; optedOut: number; activeCampaigns: number };

/** Contacts with a number, and campaigns that run. */
export const selectPeople = (db: D1Database, organizationId: string): D1PreparedStatement =>
  db
    .prepare(
      `SELECT coalesce(sum(n), 0) AS total, coalesce(sum(n) FILTER (WHERE consent_state = 'OPT_IN'), 0) AS optedIn,
         coalesce(sum(n) FILTER (WHERE consent_state <> 'OPT_IN'), 0) AS optedOut,
         (SELECT count(*) FROM campaigns WHERE org_id = ?1 AND status = 'running') AS activeCampaigns
       FROM contact_counts WHERE org_id = ?1 AND consent_state IN ('OPT_IN', 'OPT_OUT', 'STOP')`,
    )
    .bind(organizationId);

export type InboundRow = {
  id: string;
  /** The number that it came from, or the contact's where it came from elsewhere. */
  phone: string;
  recipient: string;
  channel: string;
  body: string;
  providerId: string | null;
  consent: string | null;
  receivedAt: number;
};

/** Newest first. */
export const selectInbound = (
  db: D1Database,
  organizationId: string,
  since: number,
  limit: number,
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT m.id, CASE WHEN m.sender LIKE '+%' THEN m.sender
           ELSE coalesce((SELECT phone FROM contacts c WHERE c.org_id = m.org_id AND c.id = m.contact_id), m.sender) END AS phone,
         m.recipient, m.channel, m.body, m.provider_id AS providerId, m.consent, m.created_at AS receivedAt
       FROM messages m WHERE m.org_id = ?1 AND m.direction = 'inbound' AND m.created_at >= ?2
       ORDER BY m.created_at DESC, m.id DESC LIMIT ?3`,
    )
    .bind(organizationId, since, limit);
