// Whose reply a message is: the runs that own it are asked, the last one first, until one takes it.
import type { StreamEvent } from "../domain/event.ts";
import { type RepliedTo, repliedTo } from "../domain/message/replied-to.ts";
import type { Env } from "../env.ts";
import { executionStub, type Heard } from "./execution/rpc.ts";
import type { Owner, Said } from "./replies.ts";

/**
 * PERSISTED CONTRACT: `reply` in the data of MESSAGE_RECEIVED. answered, refused (a bad answer; the question stands): it starts no keyword, command
 * or template. given_up (the last bad answer that a question takes), free: it may. A message without it was judged by nobody.
 */
export type Reply = { outcome: "answered" | "refused" | "given_up"; execution_id: string } | { outcome: "free" };

export type Verdict = { reply: Reply; spent: Owner[] };

/** Asks each owner once as a rule. Throws when one cannot be asked now; to ask it again does no harm. */
export const judgeReply = async (env: Env, { event, asked }: Said, owners: readonly Owner[]): Promise<Verdict> => {
  const spent: Owner[] = [];
  const elsewhere: Owner[] = [];
  const ask = async (owner: Owner, isMeant: boolean): Promise<Verdict | undefined> => {
    const { outcome, more } = await executionStub(env, owner.executionId).hear(event, { asked, isMeant });
    if (isTaken(outcome)) {
      // A refused answer leaves the question standing: its run owns what was said meanwhile.
      if (outcome !== "refused" && !more) spent.push(owner);
      return { reply: { outcome, execution_id: owner.executionId }, spent };
    }
    if (outcome === "none") spent.push(owner);
    if (outcome === "elsewhere") elsewhere.push(owner);
    return undefined;
  };
  for (const owner of owners) {
    const verdict = await ask(owner, false);
    if (verdict) return verdict;
  }
  for (const owner of elsewhere.length > 0 ? meantFirst(elsewhere, await messageMeant(env, event)) : []) {
    const verdict = await ask(owner, true);
    if (verdict) return verdict;
  }
  return { reply: { outcome: "free" }, spent };
};

const isTaken = (outcome: Heard["outcome"]): outcome is "answered" | "refused" | "given_up" =>
  outcome === "answered" || outcome === "refused" || outcome === "given_up";

/** It says that it answers another message than the questions: one read. */
const messageMeant = async (env: Env, event: StreamEvent): Promise<RepliedTo | undefined> =>
  repliedTo(env.DB, event.organizationId, String(event.data.in_reply_to));

/** Who answers a template speaks to nobody's question; else the run goes first whose message it was, and then whoever asked last. */
const meantFirst = (owners: readonly Owner[], meant: RepliedTo | undefined): Owner[] => {
  if (meant?.isTemplate) return [];
  return [...owners].sort((a, b) => rank(a, meant) - rank(b, meant));
};

const rank = ({ executionId }: Owner, meant: RepliedTo | undefined): number =>
  executionId === meant?.executionId ? 0 : 1;
