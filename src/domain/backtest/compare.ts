// Who would have got what by the one version and by the other: recipients by event, with what changed for them. Pure.
import type { TriedMessage, TriedRun } from "./try-run.ts";

/** Why a version did not start for the event; null when it did. */
export type Tried = { run: TriedRun | null; missed: string | null };

export type EventTrial = {
  event: { id: string; type: string; occurredAt: number; contactId: string | null };
  draft: Tried;
  /** Null: there is no published version. */
  published: Tried | null;
};

export type Change = "added" | "lost" | "changed" | "same";

export type RecipientTrial = {
  event: EventTrial["event"];
  contactId: string | null;
  name: string | null;
  to: string | null;
  draft: TriedMessage[];
  published: TriedMessage[];
  change: Change;
};

export type SideSummary = {
  runs: number;
  failed: number;
  /** Still waiting when nothing more came. */
  waiting: number;
  sent: number;
  /** By gate or code. */
  refused: { [reason: string]: number };
  /** Messages that a gate held back, and let pass later; by gate. */
  held: { [gate: string]: number };
  recipients: number;
  /** Other things done outside, by action. */
  actions: { [action: string]: number };
};

/** What is for nobody in particular is read in the workflow's own room; what has no recipient is told by its node. */
const whoOf = ({ contactId, to, name, nodeId }: TriedMessage): string =>
  contactId ?? to ?? name ?? `nobody at ${nodeId}`;

/** What people would notice; when it came is not compared, but for what is held for good. */
const contentOf = ({ channel, text, subject, outcome, refusal }: TriedMessage): string =>
  JSON.stringify([channel, text, subject, outcome, refusal?.code ?? null]);

const changeOf = (draft: readonly TriedMessage[], published: readonly TriedMessage[]): Change => {
  const gets = (messages: readonly TriedMessage[]) => messages.some(({ outcome }) => outcome === "sent");
  if (gets(draft) && !gets(published)) return "added";
  if (!gets(draft) && gets(published)) return "lost";
  return draft.map(contentOf).join() === published.map(contentOf).join() ? "same" : "changed";
};

/** Each who is written to in one of the two, in the order of the events. */
export const recipientsOf = ({ event, draft, published }: EventTrial): RecipientTrial[] => {
  const ofDraft = draft.run?.messages ?? [];
  const ofPublished = published?.run?.messages ?? [];
  return [...new Set([...ofDraft, ...ofPublished].map(whoOf))].map((who) => {
    const mine = ofDraft.filter((message) => whoOf(message) === who);
    const theirs = ofPublished.filter((message) => whoOf(message) === who);
    const { contactId, name, to } = (mine[0] ?? theirs[0])!;
    return { event, contactId, name, to, draft: mine, published: theirs, change: changeOf(mine, theirs) };
  });
};

const addTo = (counts: { [name: string]: number }, name: string, n = 1): void => {
  counts[name] = (counts[name] ?? 0) + n;
};

export const summaryOf = (runs: readonly TriedRun[]): SideSummary => {
  const summary: SideSummary = {
    runs: runs.length,
    failed: 0,
    waiting: 0,
    sent: 0,
    refused: {},
    held: {},
    recipients: 0,
    actions: {},
  };
  const recipients = new Set<string>();
  for (const { status, messages, actions } of runs) {
    if (status === "failed" || status === "timed_out") summary.failed++;
    if (status === "waiting") summary.waiting++;
    for (const message of messages) {
      if (message.outcome === "sent") {
        summary.sent++;
        recipients.add(whoOf(message));
      } else if (message.refusal) addTo(summary.refused, message.refusal.gate ?? message.refusal.code);
      for (const gate of new Set(message.held.map((one) => one.gate))) addTo(summary.held, gate);
    }
    for (const [action, n] of Object.entries(actions)) addTo(summary.actions, action, n);
  }
  return { ...summary, recipients: recipients.size };
};
