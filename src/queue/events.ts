// Consumer of the queue `events`. For a whole batch: the log and who listens (one D1 batch), runs started and waits ended (one object call each),
// outcomes and index rows (one D1 batch; what has soon ended, or waits, tells it here), one acknowledgement an outbox. Everything may happen twice:
// runs have ids that follow from event and workflow, and the first outcome of an event stands. Order: the log before the reads (a wait that begins
// meanwhile sees one of them), runs before their outcome (a processed event is never looked at again).

import { runsObjectName } from "../domain/contact/claim-run.ts";
import { databaseOf } from "../domain/database.ts";
import { type Letter, storeDeadLetters } from "../domain/dead-letter/store.ts";
import { claimRuns } from "../domain/event/claim-runs.ts";
import { finishEvents } from "../domain/event/finish.ts";
import type { Plan } from "../domain/event/plan.ts";
import { BatchCost, planBatch } from "../domain/event/plan-batch.ts";
import { type Accepted, readListeners } from "../domain/event/read-listeners.ts";
import { Turns } from "../domain/event/turns.ts";
import { withinBudget } from "../domain/event/within-budget.ts";
import { watchedOf } from "../domain/feed/watched.ts";
import type { StartRequest } from "../domain/ports.ts";
import type { RunLimits } from "../domain/queue/limits.ts";
import { limitsOf } from "../domain/queue/limits-of.ts";
import { globalsAtOf, globalsAtOfAll } from "../domain/variable/globals.ts";
import type { Env } from "../env.ts";
import { HOUR_MS } from "../lib/durations.ts";
import { mapConcurrently } from "../lib/map-concurrently.ts";
import { executionStub } from "../objects/execution/rpc.ts";
import { contactStub, limiterStub, outboxStub } from "../objects/rpc.ts";
import { type EventMessage, eventMessage, type OutboxAddress, type ProjectionMessage } from "./catalogue.ts";
import { endTalks } from "./end-talks.ts";
import { ReportPatience } from "./report-patience.ts";
import { type Failures, settle } from "./settle.ts";

/** Execution objects that are called at once. */
const AT_ONCE = 32;
/** Large events that are in memory at once: MAX_EVENT_BYTES each, several times over, in an isolate of 128 MB. */
const LARGE_AT_ONCE = 8;
/** While the database is away, an event becomes a dead letter only so long after it was accepted. */
const PATIENCE_MS = 6 * HOUR_MS;

export const consumeEvents = (batch: MessageBatch, env: Env): Promise<void> => {
  const spent = new BatchCost();
  return settle(batch, "events", eventMessage, {
    process: async (messages) => {
      const failures: Failures<EventMessage> = new Map();
      for (const part of partsOf(messages))
        for (const [message, reason] of await processEvents(part, env, spent)) failures.set(message, reason);
      return failures;
    },
    bury: (letters) => buryEvents(letters, env),
    // By its outbox, which keeps it until it is processed or buried: people see what does not get through in time.
    comesAgain: ({ acceptedAt }) => Date.now() - acceptedAt < PATIENCE_MS,
  });
};

/**
 * What travelled whole together, what has to be fetched a few at a time; whoever has waited longest goes first, since a batch may have cost enough
 * before its last part.
 */
export const partsOf = (messages: readonly EventMessage[]): EventMessage[][] => {
  const whole = messages.filter((message) => message.event);
  const large = messages.filter((message) => !message.event).sort((a, b) => a.acceptedAt - b.acceptedAt);
  const oldestOf = (part: readonly EventMessage[]) => Math.min(...part.map(({ acceptedAt }) => acceptedAt));
  return [...(whole.length > 0 ? [whole] : []), ...inParts(large)].sort((a, b) => oldestOf(a) - oldestOf(b));
};

const inParts = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / LARGE_AT_ONCE) }, (_, part) =>
    all.slice(part * LARGE_AT_ONCE, (part + 1) * LARGE_AT_ONCE),
  );

/** Answers the messages that could not be processed, with the reason. Throws when none could. */
const processEvents = async (
  messages: readonly EventMessage[],
  env: Env,
  spent: BatchCost,
): Promise<Failures<EventMessage>> => {
  const { found, gone } = await fetchEvents(messages, env);
  const unique = new Map(found.map((one) => [one.event.id, one]));
  const listeners = await readListeners(databaseOf(env.DB), [...unique.values()]);
  // What was put off before has waited longer than what came since.
  const unprocessed = [...unique.values()]
    .filter((one) => !listeners.processed.has(one.event.id))
    .sort((a, b) => a.acceptedAt - b.acceptedAt);
  const now = Date.now();
  const { plans: planned, deferred } = await planBatch(
    unprocessed.map((one) => one.event),
    listeners,
    now,
    spent,
  );
  const affordable = await withinBudget(planned, {
    limiter: { take: (key, max, windowMs) => limiterStub(env, key).take(max, windowMs) },
    isStarted: async ({ executionId, organizationId }, { event }) =>
      listeners.known.has(event.id) && (await executionStub(env, executionId).read(organizationId)) !== null,
  });
  const { plans, failed: unclaimed } = await claimRuns(affordable, (organizationId, contactId, claim) =>
    contactStub(env, runsObjectName(organizationId, contactId)).claimRun(claim),
  );
  const { failed, toldTo, begun, reports } = await carryOut(plans, env, spent, {
    watched: watchedOf(listeners, now),
    globals: globalsAtOfAll(listeners),
    limits: limitsOf(listeners),
  });
  for (const [id, reason] of unclaimed) failed.set(id, reason);
  for (const [id, reason] of await endTalks(plans, listeners, env)) failed.set(id, reason);
  const isDone = ({ event }: Plan) => !failed.has(event.id) && !toldTo.has(event.id);
  const done = plans.filter(isDone);
  const open = plans.filter((plan) => !isDone(plan)).map((plan) => begunOf(plan, begun));
  if (done.length > 0 || begun.size > 0) await finishEvents(databaseOf(env.DB), { done, open, reports }, now);
  const failures: Failures<EventMessage> = new Map();
  for (const message of messages) {
    const reason = failed.get(message.id);
    if (reason !== undefined) failures.set(message, reason);
  }
  const unfinished = [...toldTo].filter(([id]) => !failed.has(id));
  const later = new Set([...deferred.map((event) => event.id), ...unfinished.map(([id]) => id)]);
  await sendAgain(
    env,
    messages
      .filter((message) => later.has(message.id))
      .map((message) => (toldTo.has(message.id) ? { ...message, toldTo: toldTo.get(message.id)! } : message)),
  );
  await acknowledge(
    env,
    messages.filter((message) => !failures.has(message) && !gone.has(message) && !later.has(message.id)),
  );
  return failures;
};

/** Of a plan that is not through: the runs that are there all the same. */
const begunOf = (plan: Plan, begun: ReadonlySet<string>): Plan => ({
  ...plan,
  starts: plan.starts.filter(({ executionId }) => begun.has(executionId)),
});

/** To the end of the queue, as if they had never come. When that fails, their outboxes do it. */
const sendAgain = async (env: Env, messages: readonly EventMessage[]): Promise<void> => {
  if (messages.length === 0) return;
  console.warn(JSON.stringify({ at: "events.deferred", events: messages.length }));
  await env.EVENTS.sendBatch(messages.map((body) => ({ body, contentType: "json" as const }))).catch((error) =>
    console.error(JSON.stringify({ at: "events.deferred", message: String(error) })),
  );
};

const about = ({ acceptedAt, toldTo }: EventMessage) => ({ acceptedAt, ...(toldTo === undefined ? {} : { toldTo }) });

/** Large events are fetched from their outboxes. One that is gone from there was processed already. */
const fetchEvents = async (
  messages: readonly EventMessage[],
  env: Env,
): Promise<{ found: Accepted[]; gone: Set<EventMessage> }> => {
  const found: Accepted[] = messages.flatMap(({ event, ...rest }) => (event ? [{ event, ...about(rest) }] : []));
  const gone = new Set<EventMessage>();
  const references = messages.filter((message) => !message.event);
  for (const [outbox, group] of byOutbox(references)) {
    const events = await outboxStub(env, outbox).take(group.map((message) => message.id));
    for (const message of group) {
      const event = events.find((one) => one.id === message.id);
      if (event) found.push({ event, ...about(message) });
      else gone.add(message);
    }
  }
  return { found, gone };
};

/** What was read along with who listens: by `organization/workflow`, and by organisation. */
type Along = {
  watched: ReadonlySet<string>;
  globals: ReadonlyMap<string, number>;
  limits: ReadonlyMap<string, RunLimits>;
};

/**
 * Starts and deliveries of all plans. Answers, by event id, what went wrong and up to which row the waits of one that has too many were told; the
 * runs that have begun, and what they tell the index.
 */
const carryOut = async (
  plans: readonly Plan[],
  env: Env,
  { maxCalls }: BatchCost,
  { watched, globals, limits }: Along,
): Promise<{
  failed: Map<string, string>;
  toldTo: Map<string, number>;
  begun: Set<string>;
  reports: ProjectionMessage[];
}> => {
  const failed = new Map<string, string>();
  const toldTo = new Map<string, number>();
  const begun = new Set<string>();
  const reports: ProjectionMessage[] = [];
  const patience = new ReportPatience(Date.now());
  const start = async (request: StartRequest): Promise<void> => {
    const waitMs = patience.left(request.workflowId, Date.now());
    const workflow = `${request.organizationId}/${request.workflowId}`;
    const bounds = limits.get(workflow);
    const told = {
      ...request,
      ...(watched.has(workflow) && { watched: true }),
      ...globalsAtOf({ variablesAt: globals.get(request.organizationId) ?? null }),
      ...(bounds && { limits: bounds }),
    };
    const { report } = await executionStub(env, request.executionId).start(told, waitMs);
    begun.add(request.executionId);
    if (!report) return patience.lose(request.workflowId, waitMs, Date.now());
    patience.win(request.workflowId);
    reports.push(report);
  };
  const calls = plans.flatMap(({ event, runEvent, starts, priorities, deliveries }) => {
    const turns = new Turns({ starts, priorities });
    return [
      ...starts.map((request) => ({
        event,
        row: -1,
        call: () => turns.take(request.executionId, () => start(request)),
      })),
      ...deliveries.map(({ executionId, key, row }) => ({
        event,
        row,
        call: async () => {
          await executionStub(env, executionId).deliver({ type: "event", key, event: runEvent });
        },
      })),
    ];
  });
  // Runs come first, then waits by their rows: a later delivery goes on behind the last that was told, also of waits that their runs keep.
  const last = calls[maxCalls - 1];
  for (const { event } of calls.slice(maxCalls)) {
    if (last?.event === event && last.row >= 0) toldTo.set(event.id, last.row);
    else failed.set(event.id, `It has more than ${maxCalls} runs to call`);
  }
  await mapConcurrently(calls.slice(0, maxCalls), AT_ONCE, async ({ event, call }) => {
    try {
      await call();
    } catch (error) {
      failed.set(event.id, error instanceof Error ? error.message : String(error));
    }
  });
  return { failed, toldTo, begun, reports };
};

/** Events that are given up, whole, so that they can be replayed; then their outboxes forget them. */
export const buryEvents = async (letters: readonly Letter[], env: Env): Promise<void> => {
  for (const part of inParts(letters)) await buryPart(part, env);
};

const buryPart = async (letters: readonly Letter[], env: Env): Promise<void> => {
  const whole: Letter[] = [];
  const messages: EventMessage[] = [];
  for (const letter of letters) {
    const message = eventMessage.safeParse(letter.body).data;
    if (message) messages.push(message);
    const [event] = message && !message.event ? await outboxStub(env, message.outbox).take([message.id]) : [];
    whole.push(event ? { ...letter, body: { ...message, event } } : letter);
  }
  await storeDeadLetters(databaseOf(env.DB), "events", whole, Date.now());
  await acknowledge(env, messages);
};

/** One call an outbox. When it fails, the outbox sends again, and the event is known to be processed. */
const acknowledge = async (env: Env, messages: readonly EventMessage[]): Promise<void> => {
  await mapConcurrently([...byOutbox(messages)], AT_ONCE, ([outbox, group]) =>
    outboxStub(env, outbox)
      .acknowledge(group.map((message) => message.id))
      .catch((error) => console.error(JSON.stringify({ at: "events.acknowledge", ...outbox, message: String(error) }))),
  );
};

const byOutbox = (messages: readonly EventMessage[]): Map<OutboxAddress, EventMessage[]> => {
  const groups = new Map<string, { outbox: OutboxAddress; group: EventMessage[] }>();
  for (const message of messages) {
    const { kind, name } = message.outbox;
    const known = groups.get(`${kind}/${name}`);
    if (known) known.group.push(message);
    else groups.set(`${kind}/${name}`, { outbox: message.outbox, group: [message] });
  }
  return new Map([...groups.values()].map(({ outbox, group }) => [outbox, group]));
};
