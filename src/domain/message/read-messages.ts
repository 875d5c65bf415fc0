// What became of messages, and of one that did not go: why, and when it may.
import { findMessage, listMessages as listRows, type MessageFilter } from "../../db/queries/message-list.ts";
import type { MessageRow } from "../../db/queries/messages.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import { UNKNOWN_OUTCOME } from "./conclude.ts";
import type { GateReport } from "./gates.ts";

export type { MessageFilter };

/** sent: a provider has it, or had it. unknown: nobody knows. received: a person's. */
export type MessageOutcome = "received" | "sent" | "failed" | "held" | "suppressed" | "unknown" | "sending";

export type Message = Omit<MessageRow, "organizationId" | "gates" | "content" | "conflict"> & {
  outcome: MessageOutcome;
  content: unknown;
  gates: GateReport | null;
  conflict: { status: string; error_code: string | null; at: number } | null;
};

const outcomeOf = (row: MessageRow): MessageOutcome => {
  if (row.direction === "inbound") return "received";
  if (row.providerId !== null) return row.status === "failed" || row.status === "undelivered" ? "failed" : "sent";
  if (row.status === "canceled") return "suppressed";
  if (row.status === "failed") return "failed";
  if (row.errorCode === UNKNOWN_OUTCOME) return "unknown";
  return row.holdUntil === null ? "sending" : "held";
};

const messageOf = ({ organizationId: _, gates, content, conflict, ...row }: MessageRow): Message => ({
  ...row,
  outcome: outcomeOf({ organizationId: _, gates, content, conflict, ...row }),
  content: content === null ? null : JSON.parse(content),
  gates: gates === null ? null : JSON.parse(gates),
  conflict: conflict === null ? null : JSON.parse(conflict),
});

/** Newest first. One batch of two reads. */
export const listMessages = async (
  { principal, ports }: Context,
  filter: MessageFilter,
  page: { limit: number; offset: number },
): Promise<{ rows: Message[]; total: number }> => {
  authorizeRole(principal, "viewer", "read");
  const { rows, total } = await listRows(ports.db, principal.organizationId, filter, page);
  return { rows: rows.map(messageOf), total };
};

/** One read. */
export const readMessage = async ({ principal, ports }: Context, id: string): Promise<Message> => {
  authorizeRole(principal, "viewer", "read");
  const row = await findMessage(ports.db, principal.organizationId, id);
  if (!row) throw notFound("message");
  return messageOf(row);
};

/** Why a message was not sent, in a sentence; of one that was, that it was. */
export const explain = (message: Message): string => {
  const { outcome, gates, errorName, error, errorCode } = message;
  const blamed = [errorName, error].filter((text) => text !== null && text !== undefined);
  switch (outcome) {
    case "received":
      return "The contact wrote it";
    case "sent":
      return `The provider has it: ${message.status}`;
    case "sending":
      return "It is on its way to the provider";
    case "unknown":
      return `Nobody knows whether it was sent, so it is not sent again: ${error ?? "no answer"}`;
    case "failed":
      return `It failed (${errorCode ?? "no code"}): ${[...new Set(blamed)].join(": ") || "the provider gave no reason"}`;
    case "held":
    case "suppressed": {
      // What called it off says more than what it had been waiting for.
      const reason = error ?? gates?.gates.find(({ gate }) => gate === gates.failed)?.reason ?? "It was called off";
      return outcome === "held" ? `It waits: ${reason}` : `It was not sent: ${reason}`;
    }
  }
};
