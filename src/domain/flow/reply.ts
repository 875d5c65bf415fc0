// Which reply a conversation waits for, and what became of one: what the owner of a contact's next reply has to know of a run. Pure.
import type { RunState } from "../../engine/state.ts";
import { effectKey, visitOfKey } from "../../engine/stepping.ts";

/** `key` is `node:visit`, as inputs name it; `until` epoch ms, after which the run goes on without a reply. */
export type AwaitedReply = { key: string; until: number | null };

/** The reply that the run waits for now; undefined when it waits for none. Of several the one that has waited longest. */
export const awaitedReply = ({ tokens }: RunState): AwaitedReply | undefined => {
  let oldest: { since: number; reply: AwaitedReply } | undefined;
  for (const { phase, wait, node, visit, since, wakeAt } of tokens.values()) {
    if (phase !== "waiting" || wait?.eventType !== "MESSAGE_RECEIVED") continue;
    if (!oldest || since < oldest.since)
      oldest = { since, reply: { key: effectKey(node, visit), until: wakeAt ?? null } };
  }
  return oldest?.reply;
};

/**
 * answered: the message was the reply. refused: a bad answer, and the question stands. given_up: a bad answer, the last one that the question takes: the
 * message may mean something else. ignored: it was none of this run's.
 */
export type ReplyOutcome = "answered" | "refused" | "given_up" | "ignored";

/** What the run made of a message that was fed to it at `key`; `ignored` is that of the step. */
export const replyOutcome = (state: RunState, key: string, ignored: boolean): ReplyOutcome => {
  if (ignored) return "ignored";
  const port = state.visits.get(visitOfKey(key))?.port;
  return port === "invalid" ? "refused" : port === "failed" ? "given_up" : "answered";
};
