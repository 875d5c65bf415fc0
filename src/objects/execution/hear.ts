// A run hears what its contact says: whether it is the reply to what the run has asked. One message answers one question, however often it is told.

import { runEventOf } from "../../domain/event/run-event.ts";
import { isJudged } from "../../domain/event/words.ts";
import type { StreamEvent } from "../../domain/event.ts";
import { awaitedReplies, type ReplyOutcome, replyOutcome } from "../../domain/flow/reply.ts";
import type { Input, RunEvent } from "../../engine/contract.ts";
import type { Program } from "../../engine/program.ts";
import type { RunRecord, RunState } from "../../engine/state.ts";
import { effectKey } from "../../engine/stepping.ts";
import { own, pathOf } from "../../lib/json.ts";
import { typesThat } from "../../nodes/index.ts";

/**
 * elsewhere: it says that it answers another message than the question. none: the run waits for no reply. `more`: another question of the run,
 * asked before, still waits.
 */
export type Heard = { outcome: ReplyOutcome | "elsewhere" | "none"; more: boolean };

/** `asked`: it may have been told before. `isMeant`: whatever it says that it answers, it is for this run. */
export type Hearing = { asked: boolean; isMeant: boolean };

type Host = {
  state(): RunState;
  program(): Program;
  commit(input: Input): boolean;
  /** At which key the run has taken an event. */
  takenAt(eventId: string): string | undefined;
  /** The run's next change. */
  changed(): Promise<void>;
};

/** A message to be answered that is still on its way is waited for so long, in ms; whoever asks then asks again. */
const PATIENCE_MS = 30_000;

/** Of the questions of a run the one that was asked last comes first. Throws when what became of a question is not known in time. */
export const hear = async (host: Host, event: StreamEvent, { asked, isMeant }: Hearing): Promise<Heard> => {
  const run = host.state().run;
  if (!run || event.contactId === undefined || own(run.contact, "id") !== event.contactId) return NONE;
  const taken = asked ? host.takenAt(event.id) : undefined;
  if (taken !== undefined) return { outcome: replyOutcome(host.state(), taken, false), more: true };
  const deadline = Date.now() + PATIENCE_MS;
  const heard = runEventOf(event, run.contact ?? undefined);
  for (;;) {
    const answer = hearNow(host, heard, isMeant);
    if (answer !== "later") return answer;
    if (Date.now() >= deadline) throw new Error("a question is still on its way");
    await host.changed();
  }
};

const hearNow = (host: Host, event: RunEvent, isMeant: boolean): Heard | "later" => {
  let outcome: Heard["outcome"] = "none";
  const all = awaitedReplies(host.program(), host.state());
  for (const { node, visit, ...token } of all) {
    if (token.phase !== "waiting") return "later";
    const at = Date.now();
    if (Math.min(token.wakeAt ?? Number.POSITIVE_INFINITY, token.deadline ?? Number.POSITIVE_INFINITY) <= at) {
      // Its time is up, though nobody has told it yet: the run moves first.
      return host.commit({ type: "time", at }) ? hearNow(host, event, isMeant) : NONE;
    }
    if (!isMeant && isElsewhere(event.data.in_reply_to, pathOf(token.memo, "asked"))) {
      outcome = "elsewhere";
      continue;
    }
    const key = effectKey(node, visit);
    if (host.commit({ type: "event", at, key, event })) {
      const others = new Set(all.map((one) => one.visit).filter((other) => other !== visit));
      const more = awaitedReplies(host.program(), host.state()).some((one) => others.has(one.visit));
      return { outcome: replyOutcome(host.state(), key, false), more };
    }
    if (outcome === "none") outcome = "ignored";
  }
  return { outcome, more: outcome !== "none" };
};

const NONE: Heard = { outcome: "none", more: false };

const isElsewhere = (said: unknown, asked: unknown): boolean =>
  typeof said === "string" && typeof asked === "string" && said !== asked;

/** The contact's object has told the run of it already, and one message answers one wait. */
export const hasHeard = ({ executionId }: Pick<RunRecord, "executionId">, event: RunEvent): boolean =>
  isJudged(event) && pathOf(event.data, "reply.execution_id") === executionId;

const TALKING = typesThat(({ writes }) => writes === "chat");

/** Whether runs of the program speak to their contact: who has opted out ends those, and no others. */
export const talks = ({ nodes }: Program): boolean => [...nodes.values()].some(({ type }) => TALKING.has(type.type));
