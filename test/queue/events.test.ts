// The consumer of events by itself: batches are made here, delivered once, twice, broken.
import { beforeAll, describe, expect, it, vi } from "vitest";
import { WAITERS_PAGE } from "../../src/db/queries/subscriptions.ts";
import { planEvent } from "../../src/domain/event/plan.ts";
import { readListeners } from "../../src/domain/event/read-listeners.ts";
import { runEventOf } from "../../src/domain/event/run-event.ts";
import { MAX_EVENT_DEPTH, type StreamEvent } from "../../src/domain/event.ts";
import { executionIdOf } from "../../src/domain/execution/execution-id.ts";
import type { Env } from "../../src/env.ts";
import { newId } from "../../src/lib/ids.ts";
import { QUEUES } from "../../src/queue/catalogue.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";
import { definition, eventually, makeWorkflow, subscribe, type TestWorkflow, trivial } from "../objects/kit.ts";
import { deliver, messageOf, missedBy, outcomeOf } from "./kit.ts";

let organizationId: string;
beforeAll(async () => {
  organizationId = (await makeOrganization()).organizationId;
});

const eventOf = (type: string, more: Partial<StreamEvent> = {}): StreamEvent => {
  const now = Date.now();
  return { id: newId(now), organizationId, type, source: "api", data: {}, occurredAt: now, depth: 0, ...more };
};

const runsOf = async ({ workflowId }: TestWorkflow) =>
  (await db.prepare("SELECT * FROM executions WHERE workflow_id = ?1").bind(workflowId).all<Record<string, unknown>>())
    .results;

/** An env whose D1 fails where `when` says, and counts statements. */
const envWith = ({ fail = () => false }: { fail?: (query: string) => boolean } = {}) => {
  const statements: string[] = [];
  const round: string[][] = [];
  const watch = (query: string, original: D1PreparedStatement): D1PreparedStatement => {
    const asked = <T>(ask: () => Promise<T>): Promise<T> => {
      note([query]);
      return ask();
    };
    return {
      query,
      original,
      bind: (...values: unknown[]) => watch(query, original.bind(...values)),
      all: () => asked(() => original.all()),
      run: () => asked(() => original.run()),
      first: () => asked(() => original.first()),
    } as unknown as D1PreparedStatement;
  };
  const note = (queries: string[]) => {
    round.push(queries);
    statements.push(...queries);
    if (queries.some(fail)) throw new Error("D1_ERROR: the test says no");
  };
  const DB = {
    prepare: (query: string) => watch(query, testEnv.DB.prepare(query)),
    batch: async (batch: (D1PreparedStatement & { query: string; original: D1PreparedStatement })[]) => {
      note(batch.map((one) => one.query));
      return testEnv.DB.batch(batch.map((one) => one.original));
    },
  } as unknown as D1Database;
  return { env: { ...testEnv, DB } as Env, statements, round };
};

describe("events consumer", () => {
  it("starts each workflow that matches once, however often the event is delivered", async () => {
    const one = await makeWorkflow(organizationId, trivial("trigger_event", { event_type: "twice" }));
    const other = await makeWorkflow(organizationId, trivial("trigger_event", { event_type: "twice" }));
    const third = await makeWorkflow(organizationId, trivial("trigger_event", { event_type: "twice" }));
    await subscribe(one, { eventType: "twice" });
    await subscribe(other, { eventType: "twice", filters: { field: "event.data.n", operator: "greater", value: 5 } });
    await subscribe(third, { eventType: "twice", filters: { field: "event.data.n", operator: "greater", value: 50 } });
    const event = eventOf("twice", { data: { n: 7 } });
    const first = await deliver([{ body: messageOf(event) }, { body: messageOf(event) }]);
    expect(first.result.explicitAcks.length).toBe(2);
    const second = await deliver([{ body: messageOf(event) }]);
    expect(second.result.explicitAcks.length).toBe(1);
    const ids = await Promise.all([one, other].map((workflow) => executionIdOf(event, workflow.workflowId)));
    expect(
      (await outcomeOf(event.id)).started.map((start: { executionId: string }) => start.executionId).toSorted(),
    ).toEqual(ids.toSorted());
    expect((await outcomeOf(event.id)).missed).toMatchObject([
      { workflowId: third.workflowId, nodeId: "t", failed: { actual: 7 } },
    ]);
    expect((await runsOf(one)).length).toBe(1);
    expect((await runsOf(other)).length).toBe(1);
    expect((await runsOf(third)).length).toBe(0);
  });

  it("starts nothing new when subscriptions changed between two deliveries", async () => {
    const event = eventOf("changed-later");
    await deliver([{ body: messageOf(event) }]);
    const late = await makeWorkflow(organizationId, trivial("trigger_event", { event_type: "changed-later" }));
    await subscribe(late, { eventType: "changed-later" });
    await deliver([{ body: messageOf(event) }]);
    expect(await runsOf(late)).toEqual([]);
    await deliver([{ body: messageOf(eventOf("changed-later")) }]);
    expect((await runsOf(late)).length).toBe(1);
  });

  it("starts a webhook's workflow at its nodes and whoever subscribes to webhooks, and says why when it cannot", async () => {
    const target = await makeWorkflow(organizationId, trivial("trigger_webhook"));
    const paused = await makeWorkflow(organizationId, trivial("trigger_webhook"), "paused");
    const listener = await makeWorkflow(organizationId, trivial("trigger_event", { event_type: "WEBHOOK_RECEIVED" }));
    await subscribe(listener, { eventType: "WEBHOOK_RECEIVED" });
    const to = ({ workflowId }: { workflowId: string }) =>
      eventOf("WEBHOOK_RECEIVED", { target: { workflowId, nodeIds: ["t"] } });
    const [good, asleep, gone] = [to(target), to(paused), to({ workflowId: newId() })];
    await deliver([good, asleep, gone].map((event) => ({ body: messageOf(event) })));
    expect((await runsOf(target)).length).toBe(1);
    expect((await runsOf(listener)).map((run) => run.event_id).toSorted()).toEqual(
      [good, asleep, gone].map((event) => event.id).toSorted(),
    );
    expect((await outcomeOf(asleep.id)).missed).toMatchObject([{ reason: "The workflow is paused" }]);
    expect((await outcomeOf(gone.id)).missed).toMatchObject([{ reason: "The workflow no longer exists" }]);
  });

  it("starts a target once that subscribes as well, from both nodes", async () => {
    const graph = definition(
      {
        hook: { type: "trigger_webhook", config: {} },
        any: { type: "trigger_event", config: { event_type: "WEBHOOK_RECEIVED" } },
        end: { type: "flow_end", config: {} },
      },
      ["hook", "end"],
    );
    const stranger = (await makeOrganization()).organizationId;
    const workflow = await makeWorkflow(stranger, graph);
    await subscribe(workflow, { eventType: "WEBHOOK_RECEIVED", nodeIds: ["any"] });
    const to = (nodeIds: string[]) =>
      eventOf("WEBHOOK_RECEIVED", { organizationId: stranger, target: { workflowId: workflow.workflowId, nodeIds } });
    const [named, whole] = [to(["hook"]), to([])];
    await deliver([{ body: messageOf(named) }, { body: messageOf(whole) }]);
    expect((await outcomeOf(named.id)).started).toMatchObject([{ nodeIds: ["hook", "any"] }]);
    expect((await outcomeOf(whole.id)).started).toMatchObject([{ nodeIds: [] }]);
    expect((await runsOf(workflow)).length).toBe(2);
  });

  it("starts what was published meanwhile: a webhook at its present nodes, a schedule only at its own", async () => {
    const stranger = (await makeOrganization()).organizationId;
    const { workflowId } = await makeWorkflow(stranger, trivial("trigger_webhook"));
    const to = (type: string, ...nodeIds: string[]) =>
      eventOf(type, { organizationId: stranger, target: { workflowId, nodeIds } });
    const webhook = to("WEBHOOK_RECEIVED", "before");
    const schedule = to("SCHEDULED", "before");
    const known = to("SCHEDULED", "before", "t");
    await deliver([webhook, schedule, known].map((event) => ({ body: messageOf(event) })));
    expect((await outcomeOf(webhook.id)).started).toMatchObject([{ nodeIds: ["t"] }]);
    expect(await outcomeOf(schedule.id)).toMatchObject({
      started: [],
      missed: [{ nodeId: "before", reason: "The schedule's node is no longer in the workflow" }],
    });
    expect((await outcomeOf(known.id)).started).toMatchObject([{ nodeIds: ["t"] }]);
  });

  it("matches by everything that the event tells, headers too", async () => {
    const workflow = await makeWorkflow(organizationId, trivial("trigger_event", { event_type: "pushed" }));
    const filters = { field: "event.headers.x-github-event", operator: "equals", value: "push" };
    await subscribe(workflow, { eventType: "pushed", filters });
    const headers = { "x-github-event": "push" };
    await deliver([{ body: messageOf(eventOf("pushed", { headers })) }, { body: messageOf(eventOf("pushed")) }]);
    expect((await runsOf(workflow)).length).toBe(1);
  });

  it("ends a chain of events at its depth", async () => {
    const workflow = await makeWorkflow(organizationId, trivial("trigger_event", { event_type: "deep" }));
    await subscribe(workflow, { eventType: "deep" });
    const last = eventOf("deep", { depth: MAX_EVENT_DEPTH - 1 });
    const tooDeep = eventOf("deep", { depth: MAX_EVENT_DEPTH });
    await deliver([{ body: messageOf(last) }, { body: messageOf(tooDeep) }]);
    expect((await outcomeOf(last.id)).started.length).toBe(1);
    expect(await outcomeOf(tooDeep.id)).toEqual({ started: [], delivered: [], missed: [], stopped: "depth" });
  });

  it("keeps organisations apart within one batch", async () => {
    const stranger = (await makeOrganization()).organizationId;
    const workflow = await makeWorkflow(organizationId, trivial("trigger_event", { event_type: "mine" }));
    await subscribe(workflow, { eventType: "mine" });
    const foreign = eventOf("mine", { organizationId: stranger });
    const forged = eventOf("x", {
      organizationId: stranger,
      target: { workflowId: workflow.workflowId, nodeIds: ["t"] },
    });
    await deliver([{ body: messageOf(foreign) }, { body: messageOf(forged) }, { body: messageOf(eventOf("mine")) }]);
    expect((await runsOf(workflow)).length).toBe(1);
    expect((await outcomeOf(foreign.id)).started).toEqual([]);
    expect((await outcomeOf(forged.id)).started).toEqual([]);
  });

  it("wakes runs that wait for the event", async () => {
    const waiting = await makeWorkflow(
      organizationId,
      definition(
        {
          t: { type: "trigger_event", config: { event_type: "begin" } },
          w: {
            type: "action_wait_for_event",
            config: { event_type: "answer", filters: { field: "event.data.n", operator: "equals", value: 2 } },
          },
          end: { type: "flow_end", config: {} },
        },
        ["t", "w"],
      ),
    );
    await subscribe(waiting, { eventType: "begin" });
    await deliver([{ body: messageOf(eventOf("begin")) }]);
    await eventually(() =>
      db.prepare("SELECT 1 FROM waiters WHERE org_id = ?1 AND event_type = 'answer'").bind(organizationId).first(),
    );
    const wrong = eventOf("answer", { data: { n: 1 } });
    const right = eventOf("answer", { data: { n: 2 } });
    await deliver([{ body: messageOf(wrong) }]);
    expect((await outcomeOf(wrong.id)).delivered).toEqual([]);
    await deliver([{ body: messageOf(right) }]);
    expect((await outcomeOf(right.id)).delivered.length).toBe(1);
    await eventually(async () => (await runsOf(waiting))[0]?.status === "completed");
  });
});

describe("large events", () => {
  it("are fetched a few at a time, processed, buried and acknowledged like others", async () => {
    const workflow = await makeWorkflow(organizationId, trivial("trigger_event", { event_type: "large" }));
    await subscribe(workflow, { eventType: "large" });
    const taken: number[] = [];
    const acknowledged: string[] = [];
    const events = new Map(
      Array.from({ length: 21 }, (_, n) => eventOf("large", { data: { n } })).map((event) => [event.id, event]),
    );
    const stub = {
      take: async (ids: string[]) => {
        taken.push(ids.length);
        return ids.flatMap((id) => events.get(id) ?? []);
      },
      acknowledge: async (ids: string[]) => void acknowledged.push(...ids),
    };
    const INBOX = { idFromName: (name: string) => name, get: () => stub } as unknown as DurableObjectNamespace;
    const env = { ...testEnv, INBOX } as Env;
    const references = [...events.values()].map((event) => ({ body: { ...messageOf(event), event: undefined } }));
    const small = eventOf("large", { data: { n: 100 } });
    const { result } = await deliver([...references, { body: messageOf(small) }], env);
    expect(result.explicitAcks.length).toBe(22);
    expect(Math.max(...taken)).toBeLessThanOrEqual(8);
    expect(acknowledged.toSorted()).toEqual([...events.keys(), small.id].toSorted());
    expect((await runsOf(workflow)).length).toBe(22);

    for (const event of events.values()) event.id = newId();
    const unheard = new Map([...events.values()].map((event) => [event.id, event]));
    events.clear();
    for (const [id, event] of unheard) events.set(id, event);
    const dead = [...events.values()].map((event) => ({ body: { ...messageOf(event), event: undefined } }));
    await deliver(dead, env, QUEUES.events.dead);
    const { results } = await db
      .prepare("SELECT body FROM dead_letters WHERE subject_id IN (SELECT value FROM json_each(?1))")
      .bind(JSON.stringify([...events.keys()]))
      .all<{ body: string }>();
    expect(results.map((row) => JSON.parse(row.body).event.data.n).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 21 }, (_, n) => n),
    );
  });
});

describe("waits for an event", () => {
  const insertWaiters = (count: number, eventType: string, filters: unknown = null) =>
    db
      .prepare(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
         INSERT INTO waiters (key, org_id, event_type, execution_id, wait_key, filters, since)
         SELECT ?3 || '/' || i, ?2, ?3, 'none', 'w:' || i, ?4, 0 FROM n`,
      )
      .bind(count, organizationId, eventType, filters === null ? null : JSON.stringify(filters))
      .run();

  it("are all read, however many there are", async () => {
    const nobodys = { field: "event.data.n", operator: "equals", value: 1 };
    await insertWaiters(2 * WAITERS_PAGE, "crowded", nobodys);
    await db
      .prepare(
        `INSERT INTO waiters (key, org_id, event_type, execution_id, wait_key, since) VALUES (?1, ?2, 'crowded', ?1, 'w:1', 0)`,
      )
      .bind(newId(), organizationId)
      .run();
    const event = eventOf("crowded");
    await deliver([{ body: messageOf(event) }]);
    expect((await outcomeOf(event.id)).delivered.length).toBe(1);
  });

  it("are told of every event when their filters are too large to be read with all others; the run judges them", async () => {
    const isOneOf = (value: number[]) => ({ field: "event.data.n", operator: "in", value });
    await insertWaiters(1, "judged", isOneOf([1, 2, 3]));
    await insertWaiters(1, "left", isOneOf(Array.from({ length: 1_000 }, (_, n) => n)));
    const [judged, left] = [eventOf("judged", { data: { n: -1 } }), eventOf("left", { data: { n: -1 } })];
    await deliver([{ body: messageOf(judged) }, { body: messageOf(left) }]);
    expect((await outcomeOf(judged.id)).delivered).toEqual([]);
    expect((await outcomeOf(left.id)).delivered).toEqual([{ executionId: "none", key: "w:1" }]);
  });

  it("find in the log what came before their row stood, whatever the time in its id and however much it was", async () => {
    const since = Date.now();
    const logged = (id: string, occurredAt: number) =>
      db
        .prepare(
          `INSERT INTO events (org_id, id, type, source, data, occurred_at, received_at, depth, outcome)
           VALUES (?1, ?2, 'logged', 'x', '{}', ?3, ?3, 1, '{}')`,
        )
        .bind(organizationId, id, occurredAt);
    const before = newId(since - 10);
    const caused = newId(since - 5_000);
    const others = Array.from({ length: 120 }, (_, n) => newId(since + n));
    await db.batch([
      logged(before, since - 10),
      logged(caused, since + 3),
      ...others.map((id) => logged(id, since + 4)),
    ]);
    const run = { executionId: newId(), organizationId, contact: null };
    const missed = await missedBy(run, "logged", since);
    expect(missed.map((event) => event.id)).toEqual([caused, ...others].toSorted());
  });

  it("hear from the log what the queue would have brought: headers, contact and conversation", async () => {
    const since = Date.now();
    const contactId = newId();
    await db
      .prepare(
        "INSERT INTO contacts (org_id, id, name, tags, created_at, updated_at) VALUES (?1, ?2, 'Ann', '[]', 1, 1)",
      )
      .bind(organizationId, contactId)
      .run();
    const told = eventOf("told", {
      data: { n: 1 },
      headers: { "x-github-event": "push" },
      contactId,
      conversationId: "c1",
      occurredAt: since,
    });
    const bare = eventOf("told", { occurredAt: since });
    await deliver([{ body: messageOf(told) }, { body: messageOf(bare) }]);
    const listeners = await readListeners(db, [{ event: { ...told, id: newId() }, acceptedAt: since }]);
    const { runEvent } = await planEvent(told, listeners, since);
    const run = { executionId: newId(), organizationId, contact: null };
    const missed = await missedBy(run, "told", since);
    const heard = (id: string) => missed.find((event) => event.id === id);
    expect(heard(told.id)).toEqual(runEvent);
    expect(heard(told.id)).toMatchObject({ headers: { "x-github-event": "push" }, contact: { name: "Ann" } });
    expect(heard(bare.id)).toEqual(runEventOf(bare));
  });

  it("are not ended by a word that withdraws consent", async () => {
    await insertWaiters(1, "MESSAGE_RECEIVED");
    const said = (data: StreamEvent["data"]) => eventOf("MESSAGE_RECEIVED", { data, source: "twilio" });
    const [stop, answer] = [said({ content: "STOP", consent: "opt_out" }), said({ content: "no" })];
    await deliver([{ body: messageOf(stop) }, { body: messageOf(answer) }]);
    expect(await outcomeOf(stop.id)).toMatchObject({ delivered: [], stopped: "opt_out" });
    expect((await outcomeOf(answer.id)).delivered.length).toBe(1);
  });
});

describe("events consumer, when things break", () => {
  const quiet = () => vi.spyOn(console, "error").mockImplementation(() => {});

  it("tries the batch again as one when the database fails, and nothing is half done", async () => {
    quiet();
    const workflow = await makeWorkflow(organizationId, trivial("trigger_event", { event_type: "flaky" }));
    await subscribe(workflow, { eventType: "flaky" });
    const events = [eventOf("flaky"), eventOf("flaky")];
    const messages = events.map((event) => ({ body: messageOf(event) }));
    const { env } = envWith({ fail: (query) => query.includes("UPDATE events SET outcome") });
    const broken = await deliver(messages, env);
    expect(broken.result.retryMessages.length).toBe(2);
    expect(await outcomeOf(events[0]!.id)).toBeNull();
    const { result } = await deliver(messages);
    expect(result.explicitAcks.length).toBe(2);
    // They had ended before the database failed, and say so again.
    expect((await runsOf(workflow)).map(({ status }) => status)).toEqual(["completed", "completed"]);
  });

  it("writes what a run has reported although another of its event could not start", async () => {
    quiet();
    const [workflow, broken] = [
      await makeWorkflow(organizationId, trivial("trigger_event", { event_type: "halved" })),
      await makeWorkflow(organizationId, trivial("trigger_event", { event_type: "halved" })),
    ];
    for (const one of [workflow, broken]) await subscribe(one, { eventType: "halved" });
    const event = eventOf("halved");
    const { EXECUTION } = testEnv;
    const unreachable = EXECUTION.idFromName(await executionIdOf(event, broken.workflowId));
    const get = (id: DurableObjectId) => {
      if (id.equals(unreachable)) throw new Error("the test says no");
      return EXECUTION.get(id);
    };
    const env = { ...testEnv, EXECUTION: { idFromName: (name: string) => EXECUTION.idFromName(name), get } };
    const { result } = await deliver([{ body: messageOf(event) }], env as unknown as Env);
    expect(result.retryMessages.length).toBe(1);
    expect(await outcomeOf(event.id)).toBeNull();
    expect((await runsOf(workflow)).map(({ status }) => status)).toEqual(["completed"]);
  });

  it("lets one bad message hold up no other: it alone is tried again, and becomes a dead letter with its reason", async () => {
    quiet();
    const good = eventOf("good");
    const unreadable = { id: newId(), organizationId, outbox: "nowhere" };
    const first = await deliver([{ body: messageOf(good) }, { body: unreadable }]);
    expect(first.result.explicitAcks.length).toBe(1);
    expect(first.result.retryMessages.length).toBe(1);
    expect((await outcomeOf(good.id)).started).toEqual([]);
    const last = await deliver([{ body: unreadable, attempts: QUEUES.events.retries + 1 }]);
    expect(last.result.explicitAcks.length).toBe(1);
    const letter = await db
      .prepare("SELECT * FROM dead_letters WHERE id = ?1")
      .bind(`events-${unreadable.id}`)
      .first<Record<string, string>>();
    expect(letter).toMatchObject({ org_id: organizationId, queue: "events", subject_id: unreadable.id, attempts: 6 });
    expect(letter!.error).toMatch(/^Unreadable: outbox/);
  });

  it("singles out, on the second delivery, the event that the batch fails for", async () => {
    quiet();
    const good = eventOf("batched");
    const poison = eventOf("batched", { data: { poison: true } });
    const limited = {
      ...testEnv,
      DB: {
        prepare: (query: string) => {
          const statement = testEnv.DB.prepare(query);
          const bind = statement.bind.bind(statement);
          statement.bind = (...values: unknown[]) => {
            if (query.startsWith("INSERT OR IGNORE INTO events") && String(values[0]).includes("poison"))
              throw new Error("D1_ERROR: poison");
            return bind(...values);
          };
          return statement;
        },
        batch: (statements: D1PreparedStatement[]) => testEnv.DB.batch(statements),
      },
    } as unknown as Env;
    const messages = (attempts: number) => [good, poison].map((event) => ({ body: messageOf(event), attempts }));
    expect((await deliver(messages(1), limited)).result.retryMessages.length).toBe(2);
    const second = await deliver(messages(2), limited);
    expect(second.result.explicitAcks.length).toBe(1);
    expect(second.result.retryMessages.length).toBe(1);
    expect(await outcomeOf(good.id)).not.toBeNull();
    await deliver([{ body: messageOf(poison), attempts: 3 }]);
    expect(await outcomeOf(poison.id)).not.toBeNull();
  });

  it("keeps what the platform gave up as a dead letter, once, until it is processed", async () => {
    quiet();
    const event = eventOf("given-up", { target: { workflowId: newId(), nodeIds: ["t"] } });
    await deliver([{ body: messageOf(event) }, { body: messageOf(event) }], testEnv, QUEUES.events.dead);
    const letters = async () =>
      (
        await db
          .prepare("SELECT * FROM dead_letters WHERE subject_id = ?1")
          .bind(event.id)
          .all<Record<string, unknown>>()
      ).results;
    expect((await letters()).length).toBe(1);
    expect(JSON.parse(String((await letters())[0]!.body)).event).toEqual(event);
    await deliver([{ body: messageOf(event) }]);
    await deliver([{ body: messageOf(event) }], testEnv, QUEUES.events.dead);
    expect((await letters())[0]).toMatchObject({ attempts: 6 });
  });
});

describe("what a batch costs", () => {
  it("is the same number of D1 statements for one webhook call and for a hundred", async () => {
    const workflow = await makeWorkflow(organizationId, trivial("trigger_webhook"));
    const batchOf = (size: number) =>
      Array.from({ length: size }, () => ({
        body: messageOf(
          eventOf("WEBHOOK_RECEIVED", {
            source: `webhook:${newId()}`,
            target: { workflowId: workflow.workflowId, nodeIds: ["t"] },
          }),
        ),
      }));
    const counted = async (size: number) => {
      const { env, round } = envWith();
      await deliver(batchOf(size), env);
      return round.map((queries) => queries.length);
    };
    // The log, who waits, who subscribes, the targets; then the runs, what their nodes took, their steps, the webhooks' counters, the outcomes.
    expect(await counted(1)).toEqual([4, 5]);
    expect(await counted(60)).toEqual([4, 5]);
    expect((await runsOf(workflow)).length).toBe(61);
  });
});
