// What has to be known before a step's message is decided, in one batch: a person waits for it.
import { type ConversationRow, selectConversation } from "../../db/queries/conversations.ts";
import { type MessageRow, selectMessageOfStep } from "../../db/queries/messages.ts";
import { selectPolicy } from "../../db/queries/messaging-policy.ts";
import { type RecipientRow, recipientOf, selectRecipients } from "../../db/queries/outbound.ts";
import type { MessageOrder, StepRef } from "../action-ports.ts";
import type { Database } from "../ports.ts";
import { lookBack, readRecipients } from "./gate-facts.ts";
import { type MessagingPolicy, policyOf } from "./policy.ts";

type Known = {
  /** What an earlier attempt has written. */
  earlier: MessageRow | null;
  policy: MessagingPolicy;
  /** The run's own contact, for a message that names nobody else, as the gates judge them; undefined when there is none. */
  recipient: RecipientRow | undefined;
  conversation: ConversationRow | undefined;
};

/**
 * Policies as they were read last, of organisations that have a cap: how far back the next read looks. A guess that is too short costs a second
 * read.
 */
const capped = new Map<string, MessagingPolicy>();
const MOST_CAPPED = 1_000;
const UNCAPPED = policyOf(null);

export const readStep = async (
  db: Database,
  { organizationId, key }: StepRef,
  { to, contactId, conversationId }: MessageOrder,
  now: number,
): Promise<Known> => {
  const ownId = to === undefined ? contactId : undefined;
  const guessed = lookBack(capped.get(organizationId) ?? UNCAPPED, now);
  const [earlier, policies, ...own] = await db.batch([
    selectMessageOfStep(db, organizationId, key),
    selectPolicy(db, organizationId),
    ...(ownId === undefined ? [] : [selectRecipients(db, organizationId, [ownId], guessed)]),
    ...(to === undefined && conversationId !== undefined
      ? [selectConversation(db, organizationId, conversationId)]
      : []),
  ]);
  const [found] = ownId === undefined ? [] : own.shift()!.results;
  const [conversation] = own.shift()?.results ?? [];
  const [row] = policies!.results as { policy: string | null }[];
  const policy = policyOf(row?.policy ?? null);
  remember(organizationId, policy);
  const isTooShort = found !== undefined && lookBack(policy, now).since < guessed.since;
  return {
    earlier: (earlier!.results[0] as MessageRow | undefined) ?? null,
    policy,
    recipient: isTooShort
      ? (await readRecipients(db, organizationId, [ownId!], policy, now)).get(ownId!)
      : found === undefined
        ? undefined
        : recipientOf(found),
    conversation: conversation as ConversationRow | undefined,
  };
};

const remember = (organizationId: string, policy: MessagingPolicy): void => {
  if (!policy.frequencyCap) {
    capped.delete(organizationId);
    return;
  }
  if (capped.size >= MOST_CAPPED) capped.clear();
  capped.set(organizationId, policy);
};
