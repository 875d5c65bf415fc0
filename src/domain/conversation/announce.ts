// Conversations that begin with a message of ours, and the event that tells of it: written with the message in one transaction, and told after it
// (event/tell-untold.ts).
import { insertConversations, WILL_BEGIN } from "../../db/queries/conversations.ts";
import type { OutboundRow } from "../../db/queries/outbound.ts";
import { insertUntoldIf, type UntoldEvent } from "../../db/queries/untold-events.ts";
import type { StreamEvent } from "../event.ts";
import type { Database } from "../ports.ts";
import { conversationCreated, conversationCreatedKey } from "./conversation-id.ts";

type Begun = Pick<OutboundRow, "organizationId" | "contactId" | "conversationId" | "channel" | "channelId" | "stepKey">;

/**
 * Statements for the batch that claims the messages, behind the claim: the first answers the ids of what is to be told, which `toldBy` turns into
 * events for `tellUntold`.
 */
export const announceConversations = (
  db: Database,
  rows: readonly Begun[],
  about: Pick<StreamEvent, "source" | "depth">,
  at: number,
): { statements: D1PreparedStatement[]; toldBy: (ids: readonly { id: string }[]) => UntoldEvent[] } => {
  const untold = rows.map((row) => {
    const { organizationId, contactId, conversationId, channel, stepKey } = row;
    const event = conversationCreated({ ...about, organizationId, contactId, conversationId, occurredAt: at }, channel);
    return {
      organizationId,
      id: event.id,
      event: event,
      dedupeKey: conversationCreatedKey(conversationId),
      conversationId,
      stepKey,
    };
  });
  const made = rows.map(({ conversationId: id, ...row }) => ({ ...row, id }));
  return {
    statements: [insertUntoldIf(db, untold, at, WILL_BEGIN), insertConversations(db, made, at)],
    toldBy: (ids) => untold.filter(({ id }) => ids.some((one) => one.id === id)),
  };
};
