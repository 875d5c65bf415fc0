// A campaign's messages, many in one statement: who is to get them, their rows before they leave, and what became of them.
import type { JsonObject } from "../../lib/json.ts";
import type { AddressedMessage } from "./messages.ts";
import {
  type CapTerms,
  CONSENTING,
  contentAgain,
  insertOutbound,
  type RecipientRow,
  recipientOf,
  selectRecipients,
  underCap,
} from "./outbound.ts";

/** A contact with what decides whether, when and how they may be written to, and what their text is made of. */
export type Recipient = RecipientRow & { attributes: JsonObject };

/** One batch of two reads. Contacts that are gone are not among the answers. */
export const readRecipients = async (
  db: D1Database,
  organizationId: string,
  contactIds: readonly string[],
  terms: { since: number; fromId: string },
): Promise<Recipient[]> => {
  const [facts, texts] = await db.batch<{ id: string; attributes: string }>([
    selectRecipients(db, organizationId, contactIds, terms),
    db
      .prepare(
        "SELECT c.id, c.attributes FROM json_each(?2) AS q CROSS JOIN contacts c ON c.org_id = ?1 AND c.id = q.value",
      )
      .bind(organizationId, JSON.stringify(contactIds)),
  ]);
  const attributes = new Map(texts!.results.map((row) => [row.id, JSON.parse(row.attributes) as JsonObject]));
  return facts!.results.map(recipientOf).map((row) => ({ ...row, attributes: attributes.get(row.id) ?? {} }));
};

export type CampaignMessage = AddressedMessage & {
  /** What is not text (domain/message/content.ts). */
  content: JsonObject | null;
  consentEpoch: number;
  gates: JsonObject | null;
  holdUntil: number | null;
  segments: number | null;
  status: "scheduled" | "failed" | "canceled";
  errorCode: string | null;
  error: string | null;
};

/** A row that nothing was sent for yet, or surely not: it may be written again. */
const UNSENT = `messages.provider_id IS NULL AND messages.status IN ('scheduled', 'failed')
  AND coalesce(messages.error_code, '') <> 'UNKNOWN_OUTCOME'`;

/**
 * Writes rows, or writes them again when they surely were not sent. With `claim` only those whose contact may be written to, with the consent at
 * which they were planned, and only while the campaign runs: what is answered, as `id`, may leave now.
 */
export const writeCampaignMessages = (
  db: D1Database,
  of: { organizationId: string; campaignId: string; at: number; claim: { cap: CapTerms | null } | null },
  rows: readonly CampaignMessage[],
): D1PreparedStatement => {
  const stepKey = "'campaign:' || ?2 || ':' || (q.value ->> 'contactId')";
  const claimable = `${CONSENTING}
    WHERE EXISTS (SELECT 1 FROM campaigns k WHERE k.org_id = ?1 AND k.id = ?2 AND k.status = 'running')
      AND (?5 IS NULL OR ${underCap(stepKey)})`;
  const { cap } = of.claim ?? { cap: null };
  const insert = insertOutbound({
    status: "q.value ->> 'status'",
    step_key: stepKey,
    campaign_id: "?2",
    gates: "nullif(q.value -> 'gates', 'null')",
    hold_until: "q.value ->> 'holdUntil'",
    error_code: "q.value ->> 'errorCode'",
    error: "q.value ->> 'error'",
    created_at: "?3",
    updated_at: "?3",
  });
  const again = contentAgain(["status", "consent_epoch", "gates", "hold_until", "error_code", "error", "updated_at"]);
  return db
    .prepare(
      `${insert} FROM json_each(?4) AS q ${of.claim ? claimable : "WHERE true"}
       ON CONFLICT DO UPDATE SET ${again} WHERE ${UNSENT}
       RETURNING id`,
    )
    .bind(
      ...[of.organizationId, of.campaignId, of.at, JSON.stringify(rows)],
      ...(of.claim ? [cap?.max ?? null, cap?.since ?? 0, cap?.fromId ?? ""] : []),
    );
};

/** What is known of messages whose sending ended in doubt. */
export type DoubtedMessage = {
  id: string;
  contactId: string;
  conversationId: string | null;
  channel: string;
  channelId: string | null;
  sender: string;
  recipient: string;
  body: string;
  content: string | null;
  status: string;
  providerId: string | null;
};

export const readCampaignMessages = async (
  db: D1Database,
  organizationId: string,
  ids: readonly string[],
): Promise<DoubtedMessage[]> => {
  const { results } = await db
    .prepare(
      `SELECT m.id, m.contact_id AS contactId, m.conversation_id AS conversationId, m.channel, m.channel_id AS channelId, m.sender, m.recipient, m.body, m.content, m.status, m.provider_id AS providerId
       FROM json_each(?2) AS q CROSS JOIN messages m ON m.org_id = ?1 AND m.id = q.value`,
    )
    .bind(organizationId, JSON.stringify(ids))
    .all<DoubtedMessage>();
  return results;
};

/** A row when a workflow starts on events of this type, or a run waits for one. */
export const selectListens = (db: D1Database, organizationId: string, eventType: string): D1PreparedStatement =>
  db
    .prepare(
      `SELECT 1 AS listens WHERE EXISTS (SELECT 1 FROM subscriptions WHERE org_id = ?1 AND event_type = ?2)
         OR EXISTS (SELECT 1 FROM waiters WHERE org_id = ?1 AND event_type = ?2)`,
    )
    .bind(organizationId, eventType);

export type Unsent = {
  id: string;
  /** `scheduled`: it will be tried again, or nobody knows. */
  status: "scheduled" | "failed" | "canceled";
  errorCode: string | null;
  errorName: string | null;
  error: string | null;
  holdUntil: number | null;
};

/** Messages that were not sent, or of which nobody knows. One that the provider has told of meanwhile stays as it is. */
export const markCampaignMessages = (
  db: D1Database,
  organizationId: string,
  at: number,
  rows: readonly Unsent[],
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE messages SET status = q.value ->> 'status', error_code = q.value ->> 'errorCode', error_name = q.value ->> 'errorName',
         error = q.value ->> 'error', hold_until = q.value ->> 'holdUntil', updated_at = ?2
       FROM json_each(?3) AS q
       WHERE messages.org_id = ?1 AND messages.id = q.value ->> 'id' AND messages.provider_id IS NULL AND messages.status = 'scheduled'`,
    )
    .bind(organizationId, at, JSON.stringify(rows));
