// Which replies a run waits for, and what became of one: what the owner of a contact's next reply has to know of a run. Pure.
import type { RunState, Token } from "../../engine/state.ts";
import { visitOfKey } from "../../engine/stepping.ts";

/** Waits for what the contact says, and questions that leave or may have left; the newest first. */
export const awaitedReplies = ({ tokens }: RunState): Token[] =>
  [...tokens.values()].filter((token) => isWaiting(token) || isLeaving(token)).sort((a, b) => b.visit - a.visit);

const isWaiting = ({ phase, wait }: Token): boolean => phase === "waiting" && wait?.eventType === "MESSAGE_RECEIVED";

const isLeaving = ({ phase, perform }: Token): boolean =>
  perform?.input.reply_within_ms !== undefined &&
  (phase === "performing" || (phase === "retrying" && perform.mode === "reconcile"));

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
