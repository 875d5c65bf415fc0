// Conversations that begin with a message of ours, and the event that tells of it: written with the message in one transaction, so that a crash
// right after cannot lose it. Whoever wrote it hands it to an inbox; what is left behind is found here by the sweeper.
import { insertConversations, WILL_BEGIN } from "../../db/queries/conversations.ts";
import type { OutboundRow } from "../../db/queries/outbound.ts";
import { deleteUntold, findUntold, insertUntoldIf, type UntoldEvent } from "../../db/queries/untold-events.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { StreamEvent } from "../event.ts";
import type { Database, Ports } from "../ports.ts";
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
      event: event as unknown as JsonObject,
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

/** Never throws: the rows stay, and the sweeper tells what could not be told now. */
export const tellUntold = async (world: Pick<Ports, "db" | "inbox">, untold: readonly UntoldEvent[]): Promise<void> => {
  if (untold.length === 0) return;
  try {
    for (const { event, dedupeKey } of untold) await world.inbox.accept(event as unknown as StreamEvent, dedupeKey);
    await deleteUntold(world.db, untold).run();
  } catch (error) {
    console.error(JSON.stringify({ at: "untold", events: untold.length, message: String(error) }));
  }
};

/** Whoever wrote it is given so long to tell it, in ms. */
const LEFT_BEHIND_MS = 30_000;
const AT_ONCE = 50;

/** Tells what was left behind; answers how many events that were. */
export const tellLeftBehind = async (world: Pick<Ports, "db" | "inbox" | "now">): Promise<number> => {
  const untold = await findUntold(world.db, world.now() - LEFT_BEHIND_MS, AT_ONCE);
  await tellUntold(world, untold);
  return untold.length;
};
