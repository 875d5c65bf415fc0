// The Execution object on the real runtime: its storage, alarms, evictions and calls. What crashes and races do to it is in test/simulation.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { StartRequest } from "../../src/domain/ports.ts";
import type { Definition } from "../../src/engine/contract.ts";
import { newId } from "../../src/lib/ids.ts";
import type { JsonObject } from "../../src/lib/json.ts";
import { nodeTypes } from "../../src/nodes/index.ts";
import { executionStub } from "../../src/objects/execution/rpc.ts";
import { graph } from "../engine/kit.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";
import { eventually, makeWorkflow } from "./kit.ts";

const DAY_MS = 86_400_000;
const START = "trigger_manual";
const http: [string, JsonObject] = [
  "action_webhook",
  { url: "https://shop.example/hook", method: "POST", body: { a: 1 } },
];
const delay = (duration: number, unit: string): [string, JsonObject] => ["action_delay", { duration, unit }];

let organizationId: string;
beforeAll(async () => {
  ({ organizationId } = await makeOrganization());
});

/** Idempotency keys of the requests that went out, in order, and what answers them. */
let sent: string[];
let answer: () => Promise<Response>;
let shift: number;
beforeEach(() => {
  sent = [];
  shift = 0;
  answer = async () => Response.json({ ok: true });
  vi.spyOn(globalThis, "fetch").mockImplementation((_url, init) => {
    sent.push(new Headers(init?.headers).get("idempotency-key")!);
    return answer();
  });
  const now = Date.now;
  vi.spyOn(Date, "now").mockImplementation(() => now() + shift);
});
afterEach(() => vi.restoreAllMocks());

const requestOf = async (definition: Definition, more: Partial<StartRequest> = {}): Promise<StartRequest> => {
  const { workflowId, versionId } = await makeWorkflow(organizationId, definition);
  return {
    executionId: newId(),
    organizationId,
    workflowId,
    versionId,
    startNodes: [],
    event: { id: newId(), type: "MANUAL_TRIGGER", source: "test", data: {}, occurredAt: Date.now() },
    variables: {},
    metadata: {},
    dryRun: false,
    eventDepth: 0,
    ...more,
  };
};

/** Starts a run; what tests ask of it afterwards. */
const begin = async (definition: Definition, more: Partial<StartRequest> = {}) => {
  const request = await requestOf(definition, more);
  const { executionId } = request;
  // A stub that has met the death of its object stays broken: each call takes a new one.
  const stub = () => testEnv.EXECUTION.get(testEnv.EXECUTION.idFromName(executionId));
  const rpc = () => executionStub(testEnv, executionId);
  const started = await rpc().start(request);
  return {
    executionId,
    request,
    started,
    rpc,
    read: async () => (await rpc().read(organizationId))!,
    end: async (ms = 5_000) => (await rpc().waitForEnd(organizationId, ms))?.status ?? null,
    evict: () => evictDurableObject(stub()),
    /** As an eviction, but in the middle of whatever it does. */
    kill: () => runInDurableObject(stub(), (_, state) => state.abort("killed")).catch(() => undefined),
    alarm: () => runDurableObjectAlarm(stub()),
    alarmAt: () => runInDurableObject(stub(), (_, state) => state.storage.getAlarm()),
    tables: () =>
      runInDurableObject(stub(), (_, state) =>
        state.storage.sql
          .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_%' ESCAPE '\\'")
          .toArray(),
      ),
    expectSound: async () => {
      const journal = (await rpc().journal(organizationId))!;
      expect(journal.map((row) => row.seq)).toEqual(journal.map((_, index) => index + 1));
      expect(await rpc().verify(organizationId)).toEqual({ equal: true, inputs: journal.length });
    },
  };
};

describe("an execution", () => {
  it("runs, says how it went, and keeps a journal that folds to its state", async () => {
    const run = await begin(graph({ t: START, a: http, b: ["flow_end", { output: { done: true } }] }, ["t>a", "a>b"]));
    expect(run.started).toMatchObject({ created: true });
    expect(await run.end()).toBe("completed");
    expect(await run.read()).toMatchObject({
      status: "completed",
      path: ["t", "a", "b"],
      output: { done: true },
      error: null,
      stuck: null,
      metrics: { steps: 3, attempts: 1 },
    });
    expect(sent).toEqual([`${run.executionId}:a:2`]);
    expect((await run.rpc().journal(organizationId))!.map(({ input }) => (input as JsonObject).type)).toEqual([
      "start",
      "result",
    ]);
    await run.expectSound();
  });

  it("is started once, however many start it at the same time", async () => {
    const request = await requestOf(graph({ t: START, a: http }, ["t>a"]));
    const rpc = executionStub(testEnv, request.executionId);
    const all = await Promise.all(Array.from({ length: 10 }, () => rpc.start(request)));
    expect(all.filter(({ created }) => created)).toHaveLength(1);
    expect(await rpc.waitForEnd(organizationId, 5_000)).toEqual({ status: "completed" });
    expect(sent).toHaveLength(1);
    expect(await rpc.start(request)).toMatchObject({ created: false, status: "completed" });
  });

  it("tells who starts it how it stands, as often as it is asked, and sends the index no message for that", async () => {
    const sending = vi.spyOn(testEnv.PROJECTIONS, "send").mockResolvedValue(undefined as never);
    const begun = async (definition: Definition) => {
      const request = await requestOf(definition);
      const rpc = () => executionStub(testEnv, request.executionId);
      const { report } = await rpc().start(request, 0);
      await evictDurableObject(testEnv.EXECUTION.get(testEnv.EXECUTION.idFromName(request.executionId)));
      expect((await rpc().start(request, 0)).report).toEqual(report);
      expect(await rpc().start(request)).not.toHaveProperty("report");
      return report;
    };
    const ended = await begun(graph({ t: START, b: ["flow_end", {}] }, ["t>b"]));
    expect(ended).toMatchObject({ organizationId, status: "completed", seq: 1, nodesExecuted: 2, nextWakeAt: null });
    const asleep = await begun(graph({ t: START, d: delay(1, "hours") }, ["t>d"]));
    expect(asleep).toMatchObject({ status: "waiting", seq: 1, endedAt: null });
    expect(sending).not.toHaveBeenCalled();
    sending.mockRestore();
  });

  it("waits with its answer for a run that is soon over, and no longer than it is told", async () => {
    const sending = vi.spyOn(testEnv.PROJECTIONS, "send").mockResolvedValue(undefined as never);
    const definition = graph({ t: START, a: http, b: ["flow_end", {}] }, ["t>a", "a>b"]);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    answer = () => scheduler.wait(20).then(() => Response.json({ ok: true }));
    const soon = await requestOf(definition);
    const { report } = await executionStub(testEnv, soon.executionId).start(soon, 5_000);
    expect(report).toMatchObject({ status: "completed", seq: 2, nodesExecuted: 3 });
    expect(sending).not.toHaveBeenCalled();

    answer = async () => {
      for (let isOver = false; !isOver; )
        isOver = await Promise.race([held.then(() => true), scheduler.wait(10).then(() => false)]);
      return Response.json({ ok: true });
    };
    const late = await requestOf(definition);
    const rpc = executionStub(testEnv, late.executionId);
    expect(await rpc.start(late, 20)).toEqual({ status: "running", created: true, startedAt: expect.any(Number) });
    expect(sending).not.toHaveBeenCalled();
    release();
    expect(await rpc.waitForEnd(organizationId, 5_000)).toEqual({ status: "completed" });
    expect(sending).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ status: "completed", seq: 2 }));
  });

  it("is parked by a bug, says so, wakes nobody, and can still be cancelled (I7)", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const run = await begin(graph({ t: START, d: delay(30, "milliseconds") }, ["t>d"]));
    const bug = vi.spyOn(nodeTypes.get("action_delay")!, "resume").mockImplementation(() => {
      throw new TypeError("a bug");
    });
    await eventually(async () => (await run.read()).stuck);
    expect(await run.read()).toMatchObject({ status: "waiting", stuck: "TypeError: a bug" });
    bug.mockRestore();
    await run.evict();
    await run.alarm();
    expect(await run.read()).toMatchObject({ status: "waiting", stuck: "TypeError: a bug" });
    expect(await run.alarmAt()).toBeGreaterThan(Date.now() + DAY_MS);
    const listed = () =>
      db.prepare("SELECT status, error FROM executions WHERE id = ?1").bind(run.executionId).first<{ error: string }>();
    await eventually(async () => (await listed())?.error === "TypeError: a bug");
    expect((await run.rpc().journal(organizationId))!.length).toBe(1);
    await run.expectSound();
    expect(await run.rpc().cancel(organizationId, "it hangs")).toMatchObject({ cancelled: true, status: "cancelled" });
    await eventually(async () => (await listed())?.error === "it hangs");
    await run.expectSound();
    log.mockRestore();
  });

  it("that has ended hears and ends nothing, also when its definition is out of reach", async () => {
    const contactId = newId();
    const said = { type: "MESSAGE_RECEIVED", source: "test", data: { content: "4" }, occurredAt: Date.now() };
    const run = await begin(graph({ t: START, m: ["action_delay", { duration: 0, unit: "seconds" }] }, ["t>m"]), {
      event: { id: newId(), ...said, contact: { id: contactId } } as StartRequest["event"],
    });
    expect(await run.end()).toBe("completed");
    await runInDurableObject(testEnv.EXECUTION.get(testEnv.EXECUTION.idFromName(run.executionId)), (_, { storage }) => {
      storage.sql.exec("UPDATE records SET value = replace(value, ?, ?)", run.request.versionId, newId());
    });
    await run.evict();
    expect(await run.rpc().read(organizationId).then(String, String)).toMatch(/does not exist/);
    const event = { id: newId(), organizationId, ...said, contactId, depth: 0 };
    expect(await run.rpc().hear(event, { asked: true, isMeant: false })).toEqual({ outcome: "none", more: false });
    expect(await run.rpc().endTalk(organizationId, contactId, "STOP")).toBe(false);
  });

  it("that is parked by a bug owns no reply: what the person says is not held back for it", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const bug = vi.spyOn(nodeTypes.get("action_delay")!, "resume").mockImplementation(() => {
      throw new TypeError("a bug");
    });
    const contactId = newId();
    const said = { type: "MESSAGE_RECEIVED", source: "test", data: { content: "4" }, occurredAt: Date.now() };
    const run = await begin(
      graph({ t: START, q: ["action_question", {}], d: delay(30, "milliseconds") }, ["t>q", "t>d"]),
      { event: { id: newId(), ...said, contact: { id: contactId, phone: "+14155550100" } } as StartRequest["event"] },
    );
    await eventually(async () => (await run.read()).stuck);
    bug.mockRestore();
    const event = { id: newId(), organizationId, ...said, contactId, depth: 0 };
    expect(await run.rpc().hear(event, { asked: false, isMeant: false })).toEqual({ outcome: "none", more: false });
    await run.expectSound();
  });

  it("is not there for another organisation", async () => {
    const run = await begin(graph({ t: START, d: delay(1, "hours") }, ["t>d"]));
    const other = (await makeOrganization()).organizationId;
    expect(await run.rpc().read(other)).toBeNull();
    expect(await run.rpc().journal(other)).toBeNull();
    expect(await run.rpc().verify(other)).toBeNull();
    expect(await run.rpc().waitForEnd(other, 10)).toBeNull();
    expect(await run.rpc().cancel(other, "mine")).toBeNull();
    expect(await run.read()).toMatchObject({ status: "waiting" });
  });

  it("begins anew when it is started again in the life that forgot it", async () => {
    const run = await begin(graph({ t: START, a: http }, ["t>a"]));
    expect(await run.end()).toBe("completed");
    await eventually(async () => {
      const row = db.prepare("SELECT status FROM executions WHERE id = ?1").bind(run.executionId);
      return (await row.first("status")) === "completed";
    });
    shift = 400 * DAY_MS;
    await run.alarm();
    expect(await run.tables()).toEqual([]);
    answer = () => new Promise((resolve) => setTimeout(() => resolve(Response.json({})), 300));
    expect(await run.rpc().start(run.request)).toMatchObject({ created: true });
    expect(await run.alarmAt()).not.toBeNull();
    expect(await run.end()).toBe("completed");
    expect(sent).toHaveLength(2);
  });

  it("leaves no storage behind where it was only asked", async () => {
    const stub = testEnv.EXECUTION.get(testEnv.EXECUTION.idFromName(newId()));
    const rpc = stub as unknown as ReturnType<typeof executionStub>;
    expect(await rpc.read(organizationId)).toBeNull();
    await rpc.poke();
    expect(await rpc.deliver({ type: "result", key: "x:a:1", result: { outcome: "absent" } })).toBe(false);
    await runInDurableObject(stub, async (_, state) => {
      expect(
        state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_%' ESCAPE '\\'").toArray(),
      ).toEqual([]);
      expect(await state.storage.getAlarm()).toBeNull();
    });
  });

  it("is refused when its version is not there, and starts when it is", async () => {
    const request = await requestOf(graph({ t: START, a: http }, ["t>a"]));
    const rpc = executionStub(testEnv, request.executionId);
    const refusal = await rpc.start({ ...request, versionId: newId() }).then(String, String);
    expect(refusal).toMatch(/version .* does not exist/);
    expect(await rpc.start(request)).toMatchObject({ created: true });
  });

  it("is cancelled once, and sends nothing more", async () => {
    const run = await begin(graph({ t: START, d: delay(100, "milliseconds"), a: http }, ["t>d", "d>a"]));
    const first = (await run.rpc().cancel(organizationId, "enough"))!;
    expect(first).toMatchObject({ status: "cancelled", cancelled: true });
    expect(await run.rpc().cancel(organizationId, "again")).toEqual({
      status: "cancelled",
      cancelled: false,
      at: first.at,
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await run.alarm();
    expect(sent).toEqual([]);
    expect(await run.read()).toMatchObject({ status: "cancelled", error: { code: "CANCELLED", message: "enough" } });
    await run.expectSound();
  });
});

describe("time", () => {
  it("wakes it after a moment, by its own alarm", async () => {
    const run = await begin(graph({ t: START, d: delay(50, "milliseconds"), a: http }, ["t>d", "d>a"]));
    expect(await run.end()).toBe("completed");
    const [, waited] = (await run.read()).visits;
    expect(waited!.completedAt! - waited!.startedAt).toBeGreaterThanOrEqual(50);
    expect(waited!.completedAt! - waited!.startedAt).toBeLessThan(2_000);
  });

  it("wakes it after 25 days, in hops, also when it was evicted and when the alarm comes early, late or twice", async () => {
    const run = await begin(graph({ t: START, d: delay(25, "days"), a: http }, ["t>d", "d>a"]));
    const due = Date.now() + 25 * DAY_MS;
    await run.evict();
    await run.alarm();
    expect(await run.read()).toMatchObject({ status: "waiting" });
    expect(await run.alarmAt()).toBeLessThanOrEqual(Date.now() + 7 * DAY_MS);
    shift = 24 * DAY_MS;
    await run.alarm();
    expect(sent).toEqual([]);
    expect(await run.alarmAt()).toBeLessThanOrEqual(due);
    await run.evict();
    shift = 26 * DAY_MS;
    await run.alarm();
    await run.alarm();
    expect(await run.end()).toBe("completed");
    expect(sent).toHaveLength(1);
    await run.expectSound();
  });

  it("moves its next wake in the index while it sleeps, though nothing else changed", async () => {
    const run = await begin(graph({ t: START, d: delay(25, "days") }, ["t>d"]));
    const rowOf = () =>
      db
        .prepare("SELECT status, seq, next_wake_at FROM executions WHERE id = ?1")
        .bind(run.executionId)
        .first<{ status: string; seq: number; next_wake_at: number }>();
    const first = await eventually(rowOf);
    expect(first).toMatchObject({ status: "waiting", seq: 1 });
    expect(first.next_wake_at).toBeLessThan(Date.now() + 8 * DAY_MS);
    await run.evict();
    shift = 7 * DAY_MS + 1_000;
    await run.alarm();
    const later = await eventually(async () => {
      const row = await rowOf();
      return row!.next_wake_at > first.next_wake_at && row;
    });
    expect(later).toMatchObject({ status: "waiting", seq: 1 });
  });

  it("ends a run that takes too long", async () => {
    answer = () => new Promise(() => {});
    const run = await begin(graph({ t: START, a: http }, ["t>a"], { settings: { timeoutSeconds: 0.1 } }));
    expect(await run.end()).toBe("timed_out");
    expect(await run.read()).toMatchObject({ error: { code: "EXECUTION_TIMEOUT" } });
    await run.expectSound();
  });

  it("deletes it a month after its end, with its alarm", async () => {
    const run = await begin(graph({ t: START, d: delay(20, "milliseconds") }, ["t>d"]));
    expect(await run.end()).toBe("completed");
    shift = 29 * DAY_MS;
    await run.alarm();
    expect(await run.read()).toMatchObject({ status: "completed" });
    shift = 31 * DAY_MS;
    await run.alarm();
    expect(await run.rpc().read(organizationId)).toBeNull();
    await run.evict();
    expect(await run.tables()).toEqual([]);
    expect(await run.alarmAt()).toBeNull();
  });
});

describe("after an eviction", () => {
  it("an event still finds the branch that waits for it, once", async () => {
    const run = await begin(
      graph({ t: START, w: ["action_wait_for_event", { event_type: "PAID" }], a: http }, ["t>w", "w:received>a"]),
    );
    const event = { id: newId(), type: "PAID", source: "test", data: { n: 7 }, occurredAt: Date.now() };
    const waiters = () => db.prepare("SELECT * FROM waiters WHERE execution_id = ?1").bind(run.executionId).all();
    await eventually(async () => (await waiters()).results.length === 1);
    await run.evict();
    expect(await run.rpc().deliver({ type: "event", key: "w:2", event: { ...event, type: "OTHER" } })).toBe(false);
    expect(await run.rpc().deliver({ type: "event", key: "w:2", event })).toBe(true);
    expect(await run.rpc().deliver({ type: "event", key: "w:2", event })).toBe(false);
    expect(await run.end()).toBe("completed");
    expect((await run.read()).visits[1]!.output).toMatchObject({ data: { n: 7 } });
    expect(sent).toHaveLength(1);
    await eventually(async () => (await waiters()).results.length === 0);
    await run.expectSound();
  });

  it("a waiter's row that was left behind goes with the first event that it brings", async () => {
    const run = await begin(graph({ t: START }, []));
    expect(await run.end()).toBe("completed");
    const key = `${run.executionId}:w:9`;
    await db
      .prepare(
        "INSERT INTO waiters (key, org_id, event_type, execution_id, wait_key, filters, since) VALUES (?1, ?2, 'PAID', ?3, 'w:9', 'null', 1)",
      )
      .bind(key, organizationId, run.executionId)
      .run();
    const event = { id: newId(), type: "PAID", source: "test", data: {}, occurredAt: Date.now() };
    expect(await run.rpc().deliver({ type: "event", key: "w:9", event })).toBe(false);
    await eventually(async () => !(await db.prepare("SELECT 1 FROM waiters WHERE key = ?1").bind(key).first()));
  });

  it("an attempt that was cut off is made again under the same key", async () => {
    answer = () => new Promise(() => {});
    const run = await begin(graph({ t: START, a: http }, ["t>a"]));
    await eventually(async () => sent.length === 1);
    await run.kill();
    answer = async () => Response.json({ ok: true });
    await run.alarm();
    expect(await run.end()).toBe("completed");
    expect(sent).toEqual([`${run.executionId}:a:2`, `${run.executionId}:a:2`]);
    expect((await run.read()).visits[1]!.logs.join()).toMatch(/restarted during the attempt/);
    await run.expectSound();
  });
});

describe("size", () => {
  it("runs a loop of 1,000 rounds in commits of its own, and can be read between them", async () => {
    const items = Array.from({ length: 1_000 }, (_, i) => i);
    const run = await begin(
      graph({ t: START, l: ["loop_foreach", { items }], v: ["data_variable", { name: "last", value: "{{item}}" }] }, [
        "t>l",
        "l:body>v",
        "v>l",
      ]),
    );
    expect(run.started.status).toBe("running");
    expect(await run.end(20_000)).toBe("completed");
    const view = await run.read();
    expect(view.visits.filter((visit) => visit.nodeId === "v")).toHaveLength(1_000);
    expect(view.variables.last).toBe(999);
    expect(view.metrics.commits).toBeGreaterThan(2);
    await run.evict();
    await run.expectSound();
  }, 30_000);

  it("cancels a run that computes", async () => {
    const run = await begin(
      graph(
        {
          t: START,
          l: [
            "loop_while",
            { conditions: [{ field: "index", operator: "greater_or_equal", value: 0 }], max_iterations: 10_000 },
          ],
          v: ["data_variable", { name: "last", value: "{{index}}" }],
        },
        ["t>l", "l:body>v", "v>l"],
      ),
    );
    expect(await run.rpc().cancel(organizationId, "enough")).toMatchObject({ cancelled: true });
    expect(await run.read()).toMatchObject({ status: "cancelled" });
    await run.expectSound();
  }, 30_000);

  it("takes an answer that no row can hold for a failure, and does not ask again", async () => {
    answer = async () => new Response("\u0001".repeat(500_000));
    const run = await begin(graph({ t: START, a: http }, ["t>a"]));
    expect(await run.end()).toBe("failed");
    expect(await run.read()).toMatchObject({ error: { code: "OUTPUT_TOO_LARGE", nodeId: "a" } });
    expect(sent).toHaveLength(1);
  });
});

describe("a sub-workflow", () => {
  it("answers the parent that waits for it, and has a row in the index from its start", async () => {
    const child = await makeWorkflow(
      organizationId,
      graph({ t: START, d: delay(100, "milliseconds"), e: ["flow_end", { output: { x: 1 } }] }, ["t>d", "d>e"]),
    );
    const run = await begin(
      graph({ t: START, s: ["action_subworkflow", { workflow_id: child.workflowId }], a: http }, ["t>s", "s>a"]),
    );
    const childRow = () =>
      db
        .prepare("SELECT id, status, seq FROM executions WHERE workflow_id = ?1")
        .bind(child.workflowId)
        .first<{ id: string; status: string; seq: number }>();
    expect(await eventually(childRow)).toMatchObject({ seq: expect.any(Number) });
    expect(await run.end()).toBe("completed");
    const [, step] = (await run.read()).visits;
    expect(step!.output).toMatchObject({ status: "completed", output: { x: 1 }, execution_id: (await childRow())!.id });
    await eventually(async () => (await childRow())!.status === "completed");
    await run.expectSound();
  });
});
