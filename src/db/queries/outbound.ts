// Messages of ours before they leave: who they are for, with all that the send gate judges by, and their rows. What became of them: messages.ts.
import type { JsonObject } from "../../lib/json.ts";
import { FEW } from "../d1.ts";
import type { ConsentState, Identity } from "./contacts.ts";
import type { AddressedMessage } from "./messages.ts";

/** A contact with what decides whether, when and how they may be written to. Times in epoch ms. */
export type RecipientRow = {
  id: string;
  name: string | null;
  timezone: string | null;
  consentState: ConsentState | null;
  consentEpoch: number;
  identities: Identity[];
  /** When they last wrote, by conversation. */
  lastInboundAt: Record<string, number | null>;
  /** Messages to them from `since` on, by provider: `sender` is the id of their channel, or its kind for one of the variables'. */
  sent: { sender: string; at: number }[];
};

/** Sent, or on the way: what was held back, suppressed or surely refused is not counted, nor what only we have shown. */
const COUNTED = `m.direction = 'outbound' AND m.channel <> 'inapp' AND m.hold_until IS NULL
  AND (m.provider_id IS NOT NULL OR m.status = 'scheduled')`;
/** Since when the message has been on the way. */
const LEFT_AT = "coalesce(m.sent_at, m.updated_at)";

/** `fromId`: the first message id that is looked at. Contacts that are gone are not among the answers. */
export const selectRecipients = (
  db: D1Database,
  organizationId: string,
  contactIds: readonly string[],
  { since, fromId }: { since: number; fromId: string },
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT c.id, c.name, c.timezone, c.consent_state AS consentState, c.consent_epoch AS consentEpoch,
         (SELECT json_group_array(json_object('kind', i.kind, 'value', i.value)) FROM identities i
           WHERE i.org_id = c.org_id AND i.contact_id = c.id) AS identities,
         (SELECT json_group_object(v.id, v.last_inbound_at) FROM conversations v
           WHERE v.org_id = c.org_id AND likelihood(v.contact_id = c.id, ${FEW})) AS lastInboundAt,
         (SELECT json_group_array(json_object('sender', coalesce(m.channel_id, m.channel), 'at', ${LEFT_AT})) FROM messages m
           WHERE m.org_id = c.org_id AND likelihood(m.contact_id = c.id, ${FEW}) AND m.id >= ?4 AND ${COUNTED} AND ${LEFT_AT} > ?3) AS sent
       FROM json_each(?2) AS q CROSS JOIN contacts c ON c.org_id = ?1 AND c.id = q.value`,
    )
    .bind(organizationId, JSON.stringify(contactIds), since, fromId);

export const recipientOf = (row: unknown): RecipientRow => {
  const { identities, lastInboundAt, sent, ...rest } = row as Record<"identities" | "lastInboundAt" | "sent", string> &
    Omit<RecipientRow, "identities" | "lastInboundAt" | "sent">;
  return {
    ...rest,
    identities: JSON.parse(identities),
    lastInboundAt: JSON.parse(lastInboundAt),
    sent: JSON.parse(sent),
  };
};

export type OutboundRow = AddressedMessage & {
  organizationId: string;
  /** What is not text; its shape is domain/message/content.ts. */
  content: JsonObject | null;
  executionId: string | null;
  stepKey: string;
  consentEpoch: number;
  segments: number | null;
  /** Epoch ms of this attempt. */
  at: number;
};

/** Rows that nothing was sent for, surely. */
const UNSENT = `messages.provider_id IS NULL AND (messages.status = 'failed' OR messages.status = 'scheduled' AND messages.hold_until IS NOT NULL)`;

/** What a row keeps of what is to be sent; its values are those of `q.value`. */
const CONTENT = {
  channel: "q.value ->> 'channel'",
  channel_id: "q.value ->> 'channelId'",
  sender: "q.value ->> 'sender'",
  recipient: "q.value ->> 'recipient'",
  body: "q.value ->> 'body'",
  content: "nullif(q.value -> 'content', 'null')",
  segments: "q.value ->> 'segments'",
} as const;

/** The beginning of a statement that writes rows of organisation ?1 from JSON objects `q.value`; `more`: columns with their SQL. */
export const insertOutbound = (more: Readonly<Record<string, string>>): string => {
  const columns = {
    org_id: "?1",
    id: "q.value ->> 'id'",
    contact_id: "q.value ->> 'contactId'",
    conversation_id: "q.value ->> 'conversationId'",
    direction: "'outbound'",
    ...CONTENT,
    consent_epoch: "q.value ->> 'consentEpoch'",
    ...more,
  };
  return `INSERT INTO messages (${Object.keys(columns).join(", ")}) SELECT ${Object.values(columns).join(", ")}`;
};

/** Written again, the row holds what is to be sent now; `more`: other columns that are taken from the new row. */
export const contentAgain = (more: readonly string[]): string =>
  [...Object.keys(CONTENT), ...more].map((column) => `${column} = excluded.${column}`).join(", ");

/**
 * Only those whose contact has not withdrawn consent, at the epoch at which the message was planned. CROSS: else SQLite would rather read all
 * contacts.
 */
export const CONSENTING = `CROSS JOIN contacts c ON c.org_id = ?1 AND c.id = q.value ->> 'contactId' AND c.consent_epoch = q.value ->> 'consentEpoch'
  AND (c.consent_state IS NULL OR c.consent_state NOT IN ('OPT_OUT', 'STOP'))`;

/** A step's row, with the status, gates and hold_until that SQL says. */
const insertOfStep = (status: string, gates: string, holdUntil: string): string =>
  insertOutbound({
    status,
    execution_id: "q.value ->> 'executionId'",
    step_key: "q.value ->> 'stepKey'",
    gates,
    hold_until: holdUntil,
    created_at: "?3",
    updated_at: "?3",
  });

/** Whether run `id` (SQL) has said that it is over: then triggers (migrations/0014) have been through its messages, and no more are written. */
const hasEnded = (id: string): string => `EXISTS (SELECT 1 FROM executions e
    WHERE e.org_id = ?1 AND e.id = ${id} AND e.seq > 0 AND e.status NOT IN ('queued', 'running', 'waiting'))`;
const STILL_RUNS = `NOT ${hasEnded("q.value ->> 'executionId'")}`;

/** A step's row is the same at every attempt: written again it keeps its id and its beginning. */
const AGAIN = `ON CONFLICT DO UPDATE SET ${contentAgain(["status", "gates", "hold_until", "updated_at"])},
    error_code = NULL, error_name = NULL, error = NULL
  WHERE ${UNSENT} RETURNING id`;

/** At most `max` messages to one person that left after `since`. */
export type CapTerms = { max: number; since: number; fromId: string };

/** Whether contact `c` is below the cap whose terms are the parameters from number `first` on; the message of `stepKey` (SQL) is not counted. */
export const underCap = (stepKey: string, first = 5): string =>
  `(SELECT count(*) FROM messages m WHERE m.org_id = ?1 AND likelihood(m.contact_id = c.id, ${FEW})
     AND m.id >= ?${first + 2} AND ${COUNTED} AND ${LEFT_AT} > ?${first + 1} AND m.step_key IS NOT ${stepKey}) < ?${first}`;

/**
 * The row of a message that leaves next. Written only while its run goes on, the contact has not withdrawn consent and the epoch is the one that
 * it was planned with, and only below the cap: one statement, so that nothing comes between. Answers `id` when it was written.
 */
export const claimOutbound = (db: D1Database, row: OutboundRow, cap: CapTerms | null): D1PreparedStatement =>
  db
    .prepare(
      `${insertOfStep("'scheduled'", "NULL", "NULL")}
       FROM json_each(?2) AS q ${CONSENTING}
       WHERE ${STILL_RUNS} AND (?4 IS NULL OR ${underCap("q.value ->> 'stepKey'", 4)})
       ${AGAIN}`,
    )
    .bind(row.organizationId, JSON.stringify([row]), row.at, cap?.max ?? null, cap?.since ?? 0, cap?.fromId ?? "");

/** Takes a claim back: what was to leave has not left, and waits again (`until`, epoch ms) if its run still does. */
export const releaseOutbound = (
  db: D1Database,
  { organizationId, id, at }: Pick<OutboundRow, "organizationId" | "id" | "at">,
  { gates, until }: { gates: JsonObject; until: number },
): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE messages SET gates = ?4,
         (status, hold_until, error_code, error) = (SELECT CASE WHEN ended THEN 'canceled' ELSE status END, CASE WHEN ended THEN NULL ELSE ?5 END,
           CASE WHEN ended THEN 'RUN_ENDED' END, CASE WHEN ended THEN 'The run ended before it could leave' END
           FROM (SELECT ${hasEnded("messages.execution_id")} AS ended))
       WHERE org_id = ?1 AND id = ?2 AND updated_at = ?3 AND status = 'scheduled' AND provider_id IS NULL AND hold_until IS NULL`,
    )
    .bind(organizationId, id, at, JSON.stringify(gates), until);

/**
 * The row of a message that a gate holds back (`until`, epoch ms) or has suppressed for good (null), while its run goes on. Answers `id` when it
 * was written.
 */
export const keepBack = (
  db: D1Database,
  row: OutboundRow,
  { gates, until }: { gates: JsonObject; until: number | null },
): D1PreparedStatement =>
  db
    .prepare(
      `${insertOfStep("CASE WHEN ?4 IS NULL THEN 'canceled' ELSE 'scheduled' END", "?5", "?4")}
       FROM json_each(?2) AS q WHERE ${STILL_RUNS}
       ${AGAIN}`,
    )
    .bind(row.organizationId, JSON.stringify([row]), row.at, until, JSON.stringify(gates));
