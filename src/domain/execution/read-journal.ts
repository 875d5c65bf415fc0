// The journal of a run as people read it: a page of its inputs, without what is secret, and what each of them did.
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import { readHistory } from "./read-history.ts";
import type { Redact } from "./redact.ts";
import { type TraceEntry, traceJournal } from "./trace.ts";

export type JournalPage = {
  entries: TraceEntry[];
  total: number;
  /** Why the page ends early; null when it does not. */
  cut: string | null;
};

/** Throws `not_found`, `forbidden`, and `conflict` for a run whose journal is not kept any more. */
export const readJournal = async (
  context: Context,
  id: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<JournalPage> => {
  const { kept, redact } = await readHistory(context, id);
  if (!kept) throw journalGone();
  const { history, program } = kept;
  const { entries, cut } = await traceJournal(program, history.journal, {
    now: context.ports.now,
    until: offset + limit,
  });
  return { entries: entries.slice(offset).map((entry) => shown(entry, redact)), total: history.seq, cut };
};

export const journalGone = (): DomainError =>
  new DomainError("conflict", "The journal of this execution is not kept any more", { subject: "execution" });

/** As it is on the wire: without what is undefined. */
const asJson = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const shown = (entry: TraceEntry, redact: Redact): TraceEntry => ({
  ...entry,
  input: redact(asJson(entry.input)),
  effects: redact(asJson(entry.effects)),
  ended: redact(asJson(entry.ended)),
  logs: redact(asJson(entry.logs)),
});
