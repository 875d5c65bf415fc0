// What has to be known before a step's message is decided, in one batch: a person waits for it.
import { type ContactRow, contactOf, selectContact } from "../../db/queries/contacts.ts";
import { type ConversationRow, selectConversation } from "../../db/queries/conversations.ts";
import { type MessageRow, selectMessageOfStep } from "../../db/queries/messages.ts";
import { selectPolicy } from "../../db/queries/messaging-policy.ts";
import type { MessageOrder, StepRef } from "../action-ports.ts";
import type { Database } from "../ports.ts";
import { type MessagingPolicy, policyOf } from "./policy.ts";

type Known = {
  /** What an earlier attempt has written. */
  earlier: MessageRow | null;
  policy: MessagingPolicy;
  /** The run's own, for a message that names nobody else; undefined when there is none. */
  contact: ContactRow | undefined;
  conversation: ConversationRow | undefined;
};

export const readStep = async (
  db: Database,
  { organizationId, key }: StepRef,
  { to, contactId, conversationId }: MessageOrder,
): Promise<Known> => {
  const isOwn = to === undefined;
  const [earlier, policy, ...own] = await db.batch([
    selectMessageOfStep(db, organizationId, key),
    selectPolicy(db, organizationId),
    ...(isOwn && contactId !== undefined ? [selectContact(db, organizationId, contactId)] : []),
    ...(isOwn && conversationId !== undefined ? [selectConversation(db, organizationId, conversationId)] : []),
  ]);
  const [contact] = contactId === undefined ? [] : (own.shift()?.results ?? []);
  const [conversation] = own.shift()?.results ?? [];
  const [row] = policy!.results as { policy: string | null }[];
  return {
    earlier: (earlier!.results[0] as MessageRow | undefined) ?? null,
    policy: policyOf(row?.policy ?? null),
    contact: contact === undefined ? undefined : contactOf(contact),
    conversation: conversation as ConversationRow | undefined,
  };
};
