// Messages as lists for people. Totals are counted up to COUNTED: beyond that nobody leafs through.
import { FEW } from "../d1.ts";
import { MESSAGE_COLUMNS, type MessageRow } from "./messages.ts";

export type MessageFilter = {
  direction?: "inbound" | "outbound";
  status?: string;
  contactId?: string;
  conversationId?: string;
  channelId?: string;
  /** unknown: nobody knows whether it was sent. held, suppressed: a gate keeps it, for now or for good. */
  outcome?: "unknown" | "held" | "suppressed";
};

const COUNTED = 10_000;

const OUTCOMES = {
  unknown: "error_code = 'UNKNOWN_OUTCOME' AND provider_id IS NULL",
  held: "status = 'scheduled' AND hold_until IS NOT NULL AND direction = 'outbound'",
  suppressed: "status = 'canceled' AND gates IS NOT NULL AND provider_id IS NULL AND direction = 'outbound'",
} as const;

/** The index that leads there; ids sort by time as `created_at` does. */
const wayOf = ({ status, outcome, contactId }: MessageFilter): { from: string; order: string } => {
  const isByStatus = (status !== undefined && status !== "received") || outcome === "held" || outcome === "suppressed";
  if (contactId !== undefined || !(isByStatus || outcome)) return { from: "messages", order: "id DESC" };
  if (isByStatus) return { from: "messages INDEXED BY messages_status", order: "created_at DESC, id DESC" };
  return { from: "messages INDEXED BY messages_unknown", order: "id DESC" };
};

/** Newest first. */
export const listMessages = async (
  db: D1Database,
  organizationId: string,
  filter: MessageFilter,
  page: { limit: number; offset: number },
): Promise<{ rows: MessageRow[]; total: number }> => {
  const where = ["org_id = ?1"];
  const values: (string | number)[] = [organizationId];
  const equal = (column: string, value: string | undefined, few = false) => {
    if (value === undefined) return;
    values.push(value);
    const test = `${column} = ?${values.length}`;
    where.push(few ? `likelihood(${test}, ${FEW})` : test);
  };
  equal("contact_id", filter.contactId, true);
  equal("conversation_id", filter.conversationId);
  equal("channel_id", filter.channelId);
  if (filter.outcome) where.push(OUTCOMES[filter.outcome]);
  // The index of statuses is one of ours; people's messages have one status only.
  if (filter.status !== undefined && filter.status !== "received") where.push("direction = 'outbound'");
  else equal("direction", filter.direction);
  equal("status", filter.status);
  const condition = where.join(" AND ");
  const { from, order } = wayOf(filter);
  const [rows, counts] = await db.batch<MessageRow & { n: number }>([
    db
      .prepare(
        `SELECT ${MESSAGE_COLUMNS} FROM ${from} WHERE ${condition} ORDER BY ${order}
         LIMIT ?${values.length + 1} OFFSET ?${values.length + 2}`,
      )
      .bind(...values, page.limit, page.offset),
    db.prepare(`SELECT count(*) AS n FROM (SELECT 1 FROM ${from} WHERE ${condition} LIMIT ${COUNTED})`).bind(...values),
  ]);
  return { rows: rows!.results, total: counts!.results[0]!.n };
};

export const findMessage = async (
  db: D1Database,
  organizationId: string,
  id: string,
): Promise<MessageRow | undefined> =>
  (await db
    .prepare(`SELECT ${MESSAGE_COLUMNS} FROM messages WHERE org_id = ?1 AND id = ?2`)
    .bind(organizationId, id)
    .first<MessageRow>()) ?? undefined;
