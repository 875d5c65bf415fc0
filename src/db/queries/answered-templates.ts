// Which template message of ours a person's message answers.

export type PossibleAnswer = {
  id: string;
  organizationId: string;
  contactId: string;
  conversationId: string;
  /** The provider's id of the message that it says it answers; null when it does not say. */
  inReplyTo: string | null;
  occurredAt: number;
};

/** `templateIds`: every id of the template, the provider's first. */
export type AnsweredTemplate = { id: string; templateIds: string[] };

/** Messages of ours among which the latest is looked for: ids are the order in which they were planned, not that in which they left. */
const LATEST = 50;
/** People answer what a provider has not told us yet that it took: how late it may tell, in ms. */
const TOLD_LATE_MS = 5_000;

/**
 * Those of the messages that answer a template: the one that they say, without that the last that was sent in their conversation. `keys` are the
 * least match key of a template's trigger and the one behind all: nothing more is read for an organisation that has no such trigger.
 */
export const selectAnsweredTemplates = (
  db: D1Database,
  answers: readonly PossibleAnswer[],
  keys: { from: string; to: string },
): D1PreparedStatement =>
  db
    .prepare(
      `WITH q AS MATERIALIZED (
         SELECT j.value ->> 'id' AS id, j.value ->> 'organizationId' AS org, j.value ->> 'contactId' AS contact,
           j.value ->> 'conversationId' AS conversation, j.value ->> 'inReplyTo' AS said, j.value ->> 'occurredAt' AS at
         FROM json_each(?1) AS j
         WHERE EXISTS (SELECT 1 FROM subscriptions s WHERE s.org_id = j.value ->> 'organizationId' AND s.event_type = 'MESSAGE_RECEIVED'
           AND s.match_key >= ?2 AND s.match_key < ?3)
       ), f AS MATERIALIZED (
         SELECT id, org, CASE WHEN said IS NOT NULL
           THEN (SELECT m.id FROM messages m WHERE m.provider_id = said AND m.org_id = org AND m.contact_id = contact AND m.direction = 'outbound')
           ELSE (SELECT id FROM (
             SELECT m.id, coalesce(m.sent_at, m.created_at) AS left_at FROM messages m
             WHERE m.org_id = org AND m.contact_id = contact AND m.id <= printf('%08x-%04x-ffff', at / 65536, at % 65536)
               AND m.direction = 'outbound' AND m.conversation_id = conversation AND m.hold_until IS NULL
               AND (m.provider_id IS NOT NULL OR m.status = 'scheduled') AND coalesce(m.sent_at, m.created_at) <= at + ${TOLD_LATE_MS}
             ORDER BY m.id DESC LIMIT ${LATEST}
           ) ORDER BY left_at DESC LIMIT 1) END AS message
         FROM q
       )
       SELECT f.id, m.content ->> '$.template.contentSid' AS provider, (
         SELECT json_group_array(t.id) FROM subscriptions s
         CROSS JOIN templates t ON t.org_id = org AND t.id = substr(s.match_key, length(?2) + 1)
         WHERE s.org_id = org AND s.event_type = 'MESSAGE_RECEIVED' AND s.match_key >= ?2 AND s.match_key < ?3
           AND (t.content_sid = m.content ->> '$.template.contentSid' OR t.id = c.template_id)
       ) AS own
       FROM f CROSS JOIN messages m ON m.org_id = org AND m.id = f.message
       LEFT JOIN campaigns c ON c.org_id = org AND c.id = m.campaign_id
       WHERE m.content ->> '$.template.contentSid' IS NOT NULL OR c.template_id IS NOT NULL`,
    )
    .bind(JSON.stringify(answers), keys.from, keys.to);

export const answeredTemplateOf = (row: unknown): AnsweredTemplate => {
  const { id, provider, own } = row as { id: string; provider: string | null; own: string };
  return { id, templateIds: [...(provider === null ? [] : [provider]), ...(JSON.parse(own) as string[])] };
};

/** A message of ours by the provider's id. */
export const selectRepliedTo = (db: D1Database, organizationId: string, providerId: string): D1PreparedStatement =>
  db
    .prepare(
      `SELECT execution_id AS executionId, content ->> '$.template.contentSid' IS NOT NULL AS isTemplate FROM messages
       WHERE provider_id = ?1 AND org_id = ?2 AND direction = 'outbound'`,
    )
    .bind(providerId, organizationId);
