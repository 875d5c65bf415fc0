// Opening, parking and closing a conversation. Closing is told by CONVERSATION_CLOSED, in the change's own transaction.
import {
  type ConversationRow,
  selectConversation,
  selectLatestConversation,
  setConversationStatus as setStatement,
} from "../../db/queries/conversations.ts";
import { insertEventIf, selectEvent } from "../../db/queries/events.ts";
import type { Attempted, ConversationStatus, StepRef } from "../action-ports.ts";
import { type ChangingWorld, eventOfStep } from "../contact/change-contact.ts";

type Changed = { conversationId: string; status: ConversationStatus; changed: boolean };

/**
 * A read, a batch of three statements, and a call to an inbox when it was closed. An event may name a conversation of another system, which is none
 * of ours, or somebody else's: then it is the contact's latest, for one read more.
 */
export const setConversationStatus = async (
  world: ChangingWorld,
  step: StepRef,
  of: { conversationId?: string; contactId?: string },
  status: ConversationStatus,
): Promise<Attempted<Changed>> => {
  const { db } = world;
  const { organizationId } = step;
  const query =
    of.conversationId === undefined
      ? selectLatestConversation(db, organizationId, of.contactId ?? "")
      : selectConversation(db, organizationId, of.conversationId);
  let found = await query.first<ConversationRow>();
  const isTheirs = of.contactId === undefined || found?.contactId === of.contactId;
  if (!isTheirs && of.conversationId !== undefined && of.contactId !== undefined) {
    found = await selectLatestConversation(db, organizationId, of.contactId).first<ConversationRow>();
  }
  if (!found) {
    return { outcome: "refused", code: "NOT_FOUND", message: "There is no such conversation", retryable: false };
  }
  const { id, contactId, channel } = found;
  const at = world.now();
  const event = await eventOfStep(step, "CONVERSATION_CLOSED", at, {
    contactId,
    conversationId: id,
    data: { conversation_id: id, channel },
  });
  const wasOpen = "EXISTS (SELECT 1 FROM conversations WHERE org_id = ?2 AND id = ?3 AND status <> 'closed')";
  const change = setStatement(db, organizationId, id, status, at);
  if (status !== "closed") {
    await change.run();
    return { outcome: "ok", value: { conversationId: id, status, changed: found.status !== status } };
  }
  const results = await db.batch([
    insertEventIf(db, { ...event, receivedAt: at }, wasOpen, organizationId, id),
    change,
    selectEvent(db, organizationId, event.id),
  ]);
  const changed = results[2]!.results.length > 0;
  if (changed) await world.inbox.accept(event, event.id);
  return { outcome: "ok", value: { conversationId: id, status, changed } };
};
