// Writes a batch of events to the log, then reads who listens for them: in this order and in one transaction, so that a wait that begins
// meanwhile finds the event in the log, or is found here (domain/waiter/listen.ts). One D1 batch of three to five statements, and what
// projectMessages adds.
import { answeredTemplateOf } from "../../db/queries/answered-templates.ts";
import { type ContactRun, selectContactRuns } from "../../db/queries/contact-runs.ts";
import { type ContactRow, contactOf, selectContacts } from "../../db/queries/contacts.ts";
import { insertEvents, selectProcessed } from "../../db/queries/events.ts";
import {
  type Candidate,
  candidateOf,
  restOfWaiters,
  type SubscriptionLookup,
  selectCandidates,
  selectTargets,
  selectWaiters,
  type Target,
  targetOf,
  type WaiterLookup,
  type Waiting,
  waitingOf,
} from "../../db/queries/subscriptions.ts";
import { jsonBytes, partsBySize } from "../../lib/parts-by-size.ts";
import { lookupKeys } from "../../triggers/match-event.ts";
import type { StreamEvent } from "../event.ts";
import { projectMessages } from "../message/project.ts";
import type { Database } from "../ports.ts";
import { answersTemplate, lookupsOfTemplates, templatesAnswered } from "./answered-templates.ts";
import { runEventOf } from "./run-event.ts";
import { heardAs, isOptOut } from "./words.ts";

/** `toldTo`: the waits up to this row have been told by earlier deliveries. */
export type Accepted = { event: StreamEvent; acceptedAt: number; toldTo?: number };

export type Listeners = {
  /** Events that were in the log before: an earlier delivery has seen them, or they were logged with what they tell of. */
  known: ReadonlySet<string>;
  /** Events that an earlier delivery has processed: nothing is left to do for them. */
  processed: ReadonlySet<string>;
  /** `toldTo` of events that more runs wait for than one delivery may call, by id. */
  toldTo: ReadonlyMap<string, number>;
  candidates: Candidate[];
  targets: Target[];
  waiting: Waiting[];
  contacts: ContactRow[];
  /** The ids of the template that an event answers, by the event's. */
  templates: ReadonlyMap<string, readonly string[]>;
  /** Of those who opt out. */
  contactRuns: readonly ContactRun[];
};

/** A statement's values hold 2 MB (D1); we leave room for what JSON adds. */
const MAX_VALUES_BYTES = 1_500_000;

export const readListeners = async (db: Database, batch: readonly Accepted[]): Promise<Listeners> => {
  const events = batch.map((one) => one.event);
  const inserts = partsBySize(batch, MAX_VALUES_BYTES, ({ event }) => jsonBytes(event) + 100).map((part) =>
    insertEvents(db, part.map(logged)),
  );
  const { reads, waits } = readsOf(db, events);
  const projections = projectMessages(db, events);
  const answers = events.flatMap(answersTemplate);
  const answered = answers.length > 0 ? [templatesAnswered(db, answers)] : [];
  const leaving = events
    .filter(isOptOut)
    .flatMap(({ organizationId, contactId }) => (contactId === undefined ? [] : [{ organizationId, contactId }]));
  const theirs = leaving.length > 0 ? [selectContactRuns(db, leaving)] : [];
  const results = await db.batch([
    ...[...inserts, ...projections, ...reads.map((read) => read.statement)],
    ...[...theirs, ...answered],
  ]);

  const fresh = new Set(results.slice(0, inserts.length).flatMap((result) => result.results.map(idOf)));
  const rows = { candidates: [], targets: [], waiting: [], contacts: [] } as Record<Read["into"], unknown[]>;
  for (const [index, read] of reads.entries()) {
    rows[read.into].push(...results[inserts.length + projections.length + index]!.results);
  }
  const templates = new Map(
    (answered.length > 0 ? results.at(-1)!.results : [])
      .map(answeredTemplateOf)
      .flatMap(({ id, templateIds }) => (templateIds.length > 0 ? [[id, templateIds] as const] : [])),
  );
  const ofTemplates = lookupsOfTemplates(events, templates);
  if (ofTemplates.length > 0) rows.candidates.push(...(await selectCandidates(db, ofTemplates).all()).results);
  const known = events.filter((event) => !fresh.has(event.id));
  return {
    known: new Set(known.map(idOf)),
    processed: await processedOf(db, known),
    toldTo: new Map(batch.flatMap(({ event, toldTo }) => (toldTo === undefined ? [] : [[event.id, toldTo]]))),
    candidates: rows.candidates.map(candidateOf),
    targets: rows.targets.map(targetOf),
    waiting: [...rows.waiting, ...(await restOfWaiters(db, waits, rows.waiting))].map(waitingOf),
    contacts: rows.contacts.map(contactOf),
    templates,
    contactRuns: theirs.length > 0 ? (results.at(-1 - answered.length)!.results as ContactRun[]) : [],
  };
};

type Read = { into: "candidates" | "targets" | "waiting" | "contacts"; statement: D1PreparedStatement };

const readsOf = (db: Database, events: readonly StreamEvent[]): { reads: Read[]; waits: WaiterLookup[] } => {
  const lookups: SubscriptionLookup[] = [];
  const asked = new Set<string>();
  const waits = new Map<string, WaiterLookup>();
  const targets = new Map<string, { organizationId: string; workflowId: string }>();
  const contacts = new Map<string, { organizationId: string; contactId: string }>();
  for (const event of events) {
    const { organizationId, type: eventType, target, contactId } = event;
    const place = `${organizationId}/${eventType}`;
    for (const heard of heardAs(event))
      for (const id of [null, contactId])
        if (id !== undefined)
          waits.set(`${organizationId}/${heard}/${id}`, { organizationId, eventType: heard, contactId: id });
    if (contactId !== undefined) contacts.set(`${organizationId}/${contactId}`, { organizationId, contactId });
    if (target) {
      const { workflowId } = target;
      targets.set(`${organizationId}/${workflowId}`, { organizationId, workflowId });
    }
    const matchKeys = [null, ...lookupKeys(runEventOf(event))].filter((key) => {
      const whole = `${place}/${key === null ? "" : `=${key}`}`;
      return !asked.has(whole) && asked.add(whole);
    });
    if (matchKeys.length > 0) lookups.push({ organizationId, eventType, matchKeys });
  }
  const reads: Read[] = [
    { into: "waiting", statement: selectWaiters(db, [...waits.values()]) },
    ...partsBySize(lookups, MAX_VALUES_BYTES, jsonBytes).map((part) => ({
      into: "candidates" as const,
      statement: selectCandidates(db, part),
    })),
  ];
  if (targets.size > 0) reads.push({ into: "targets", statement: selectTargets(db, [...targets.values()]) });
  if (contacts.size > 0) reads.push({ into: "contacts", statement: selectContacts(db, [...contacts.values()]) });
  return { reads, waits: [...waits.values()] };
};

/** An event that was in the log already comes a second time, or was logged with the change that it tells of. One more read, when there is any. */
const processedOf = async (db: Database, known: readonly StreamEvent[]): Promise<ReadonlySet<string>> => {
  if (known.length === 0) return new Set();
  const { results } = await selectProcessed(
    db,
    known.map(({ organizationId, id }) => ({ organizationId, id })),
  ).all();
  return new Set(results.map(idOf));
};

const idOf = (row: unknown): string => (row as { id: string }).id;

const logged = ({ event, acceptedAt }: Accepted) => {
  const { target: _, executed: __, ...rest } = event;
  return { ...rest, receivedAt: acceptedAt };
};
