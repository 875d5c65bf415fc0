// Limited runs and their dispatcher, over real objects: who works when, and that neither a slot nor a run is lost when one of them dies.
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { StreamEvent } from "../../src/domain/event.ts";
import { executionIdOf } from "../../src/domain/execution/execution-id.ts";
import type { StartRequest } from "../../src/domain/ports.ts";
import type { RunLimits } from "../../src/domain/queue/limits.ts";
import type { Definition } from "../../src/engine/contract.ts";
import { newId } from "../../src/lib/ids.ts";
import { Dispatcher, UNBORN_MS } from "../../src/objects/dispatcher.ts";
import { executionStub } from "../../src/objects/execution/rpc.ts";
import { dispatcherStub } from "../../src/objects/rpc.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";
import { deliver, messageOf } from "../queue/kit.ts";
import { definition, eventually, makeWorkflow, subscribe, type TestWorkflow } from "./kit.ts";

let organizationId: string;
let limits: RunLimits;
/** Requests under way and how many there were at most; they end when `isOpen`. */
let world: { now: number; most: number; all: number; isOpen: boolean; names: string[] };
beforeEach(async () => {
  organizationId = (await makeOrganization()).organizationId;
  limits = { workflow: 2, organization: null, maxQueued: 100 };
  const own = { now: 0, most: 0, all: 0, isOpen: false, names: [] as string[] };
  world = own;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (_input, init) => {
    own.now++;
    own.all++;
    own.names.push(JSON.parse(String(init?.body)).name);
    own.most = Math.max(own.most, own.now);
    await scheduler.wait(15);
    while (!own.isOpen) await scheduler.wait(10);
    own.now--;
    return Response.json({ ok: true });
  });
});

const hook = (name: string) => ({
  type: "action_webhook",
  config: { url: "https://example.com/hook", method: "POST", body: { name } },
});
const calling: Definition = definition(
  { t: { type: "trigger_event", config: { event_type: "go" } }, call: hook("{{ event.data.name }}") },
  ["t", "call"],
);
const sleeping: Definition = definition(
  {
    t: { type: "trigger_event", config: { event_type: "go" } },
    wait: { type: "action_delay", config: { duration: 400, unit: "milliseconds" } },
    call: hook("awake {{ event.data.name }}"),
  },
  ["t", "wait", "call"],
);

const limitedWorkflow = async (graph = calling, max = 2): Promise<TestWorkflow> => {
  const workflow = await makeWorkflow(organizationId, graph);
  await db.prepare("UPDATE workflows SET max_concurrency = ?2 WHERE id = ?1").bind(workflow.workflowId, max).run();
  limits = { ...limits, workflow: max };
  return workflow;
};
const requestOf = (
  { workflowId, versionId }: TestWorkflow,
  name: string,
  more: Partial<StartRequest> = {},
): StartRequest => ({
  ...{ executionId: newId(), organizationId, workflowId, versionId, startNodes: [], variables: {}, metadata: {} },
  event: { id: newId(), type: "go", source: "test", data: { name }, occurredAt: Date.now() },
  ...{ dryRun: false, eventDepth: 0, limits },
  ...more,
});
const start = async (workflow: TestWorkflow, name: string, more: Partial<StartRequest> = {}) => {
  const request = requestOf(workflow, name, more);
  await executionStub(testEnv, request.executionId).start(request);
  return request.executionId;
};
const dispatcher = () => dispatcherStub(testEnv, organizationId);
const stubOf = () => testEnv.DISPATCHER.get(testEnv.DISPATCHER.idFromName(organizationId));
const runOf = (id: string) => testEnv.EXECUTION.get(testEnv.EXECUTION.idFromName(id));
/** Whatever it was doing. */
const kill = (stub: DurableObjectStub) =>
  runInDurableObject(stub, (_, state) => state.abort("killed")).catch(() => undefined);
const statusOf = async (id: string) => (await executionStub(testEnv, id).read(organizationId))?.status;
const until = (ids: string[], status: string, ms = 20_000) =>
  eventually(async () => (await Promise.all(ids.map(statusOf))).every((one) => one === status), ms);
const idle = () =>
  eventually(async () => {
    const { held, waiting } = await dispatcher().status();
    return held + waiting === 0;
  });

describe("runs that events start", () => {
  const eventOf = (name: string): StreamEvent => {
    const now = Date.now();
    return { id: newId(now), organizationId, type: "go", source: "api", data: { name }, occurredAt: now, depth: 0 };
  };

  it("wait for their turn as rows of the index, begin once however often the event comes, and pass no limit", async () => {
    const workflow = await limitedWorkflow();
    await subscribe(workflow, { eventType: "go" });
    const events = ["a", "b", "c", "d", "e"].map(eventOf);
    const messages = events.map((event) => ({ body: messageOf(event) }));
    await deliver(messages);
    const ids = await Promise.all(events.map((event) => executionIdOf(event, workflow.workflowId)));
    const { results } = await db
      .prepare("SELECT status, started_at FROM executions WHERE workflow_id = ?1 AND status = 'queued'")
      .bind(workflow.workflowId)
      .all();
    expect(results).toEqual([1, 2, 3].map(() => ({ status: "queued", started_at: null })));
    await deliver(messages);
    expect(await dispatcher().status()).toMatchObject({ held: 2, waiting: 3 });
    world.isOpen = true;
    await until(ids, "completed");
    expect([world.all, world.most]).toEqual([5, 2]);
    await idle();
    await eventually(async () => {
      const rows = await db
        .prepare(
          "SELECT count(*) AS n FROM executions WHERE workflow_id = ?1 AND status = 'completed' AND started_at >= created_at",
        )
        .bind(workflow.workflowId)
        .first<{ n: number }>();
      return rows!.n === 5;
    });
  });

  it("are no loss where the queue is full beyond all bounds: their event comes again", async () => {
    const workflow = await limitedWorkflow(calling, 1);
    await db
      .prepare("UPDATE organizations SET queue = ?2 WHERE id = ?1")
      .bind(organizationId, JSON.stringify({ maxQueued: 1 }))
      .run();
    await subscribe(workflow, { eventType: "go" });
    const events = Array.from({ length: 12 }, (_, n) => eventOf(`${n}`));
    const { result } = await deliver(events.map((event) => ({ body: messageOf(event) })));
    // One works, ten times the limit wait.
    expect(result.retryMessages.length).toBe(1);
    expect(await dispatcher().status()).toMatchObject({ held: 1, waiting: 10 });
  });
});

describe("a run that waits", () => {
  it("has no slot, asks for one when its time has come, and is let in before what has not begun", async () => {
    const workflow = await limitedWorkflow(sleeping, 1);
    const first = await start(workflow, "first");
    await until([first], "waiting");
    await eventually(async () => (await dispatcher().status()).held === 0);
    const [other] = await Promise.all([
      start(workflow, "x", { versionId: (await versionOf(workflow, calling)).versionId }),
    ]);
    await eventually(async () => world.now === 1);
    const queued = await start(workflow, "queued", {
      priority: 10,
      versionId: (await versionOf(workflow, calling)).versionId,
    });
    // Its time comes, and there is no slot.
    await eventually(async () => (await dispatcher().status()).waiting === 2);
    expect(await statusOf(first)).toBe("waiting");
    expect(world.now).toBe(1);
    world.isOpen = true;
    await until([first, other, queued], "completed");
    expect(world.names).toEqual(["x", "awake first", "queued"]);
    expect(world.most).toBe(1);
    await idle();
  });

  it("for an event goes on at once, over the limit if need be", async () => {
    const graph = definition(
      {
        t: { type: "trigger_event", config: { event_type: "go" } },
        wait: { type: "action_wait_for_event", config: { event_type: "reply" } },
        call: hook("answered"),
      },
      ["t", "wait", "call"],
    );
    graph.edges[1]!.fromPort = "received";
    const workflow = await limitedWorkflow(graph, 1);
    const waiting = await start(workflow, "w");
    await until([waiting], "waiting");
    const busy = await start(workflow, "busy", { versionId: (await versionOf(workflow, calling)).versionId });
    await eventually(async () => world.now === 1);
    const event = { id: newId(), type: "reply", source: "test", data: {}, occurredAt: Date.now() };
    expect(await executionStub(testEnv, waiting).deliver({ type: "event", key: "wait:2", event })).toBe(true);
    await eventually(async () => world.now === 2);
    await eventually(async () => (await dispatcher().status()).held === 2);
    const next = await start(workflow, "next", { versionId: (await versionOf(workflow, calling)).versionId });
    expect(await statusOf(next)).toBe("queued");
    world.isOpen = true;
    await until([waiting, busy, next], "completed");
    await idle();
  });
});

/** Another version of the workflow. */
const versionOf = async (workflow: TestWorkflow, graph: Definition): Promise<TestWorkflow> => {
  const versionId = newId();
  await db
    .prepare(
      `INSERT INTO workflow_versions (org_id, id, workflow_id, number, definition, created_by, created_at)
       SELECT ?1, ?2, ?3, max(number) + 1, ?4, 'test', 1 FROM workflow_versions WHERE workflow_id = ?3`,
    )
    .bind(organizationId, versionId, workflow.workflowId, JSON.stringify(graph))
    .run();
  return { ...workflow, versionId };
};

describe("a death", () => {
  it("of the dispatcher at any moment loses no run, begins none twice, and passes no limit", async () => {
    const workflow = await limitedWorkflow();
    world.isOpen = true;
    const ids = Array.from({ length: 12 }, () => newId());
    const murder = (async () => {
      for (let n = 0; n < 8; n++) {
        await scheduler.wait(20 + 13 * n);
        await kill(stubOf());
      }
    })();
    for (const executionId of ids) {
      const request = requestOf(workflow, executionId, { executionId });
      // Who starts comes again until it is told that it did.
      await eventually(() =>
        executionStub(testEnv, executionId)
          .start(request)
          .then(
            () => true,
            () => false,
          ),
      );
    }
    await murder;
    for (let n = 0; n < 50 && (await Promise.all(ids.map(statusOf))).some((one) => one !== "completed"); n++) {
      await scheduler.wait(100);
      await runDurableObjectAlarm(stubOf()).catch(() => undefined);
      for (const id of ids)
        await executionStub(testEnv, id)
          .poke()
          .catch(() => undefined);
    }
    await until(ids, "completed");
    expect(world.names.toSorted()).toEqual(ids.toSorted());
    expect(world.most).toBeLessThanOrEqual(2);
    await idle();
    for (const id of ids)
      expect(await executionStub(testEnv, id).verify(organizationId)).toMatchObject({ equal: true });
  });

  it("of a run that works gives its slot to nobody else, and of one that waits for it loses no place", async () => {
    const workflow = await limitedWorkflow(calling, 1);
    const first = await start(workflow, "first");
    const second = await start(workflow, "second");
    await eventually(async () => world.now === 1);
    await kill(runOf(first));
    await kill(runOf(second));
    world.now = 0;
    expect(await statusOf(second)).toBe("queued");
    await executionStub(testEnv, first).poke();
    await eventually(async () => world.all === 2);
    expect(world.names).toEqual(["first", "first"]);
    world.isOpen = true;
    await until([first, second], "completed");
    await idle();
  });

  it("between the grant and the run that it is for: who was let in is told again", async () => {
    const workflow = await limitedWorkflow(calling, 1);
    world.isOpen = true;
    const blocker = newId();
    const asked = { id: blocker, workflowId: workflow.workflowId, kind: "start", priority: 5, limits } as const;
    await dispatcher().ask(asked);
    const waiting = await start(workflow, "w");
    expect(await statusOf(waiting)).toBe("queued");
    // The slot goes over in storage, and the call that would tell of it dies with its object.
    await runInDurableObject(stubOf(), async (object, state) => {
      await (object as unknown as { leave(id: string): Promise<void> }).leave(blocker);
      await state.storage.sync();
      state.abort("killed");
    }).catch(() => undefined);
    await eventually(async () => {
      await runDurableObjectAlarm(stubOf()).catch(() => undefined);
      return (await statusOf(waiting)) === "completed";
    });
    await idle();
  });

  it("of a run before it was kept leaves a slot that is taken back", async () => {
    const { workflowId } = await limitedWorkflow(calling, 1);
    const asked = { id: newId(), workflowId, kind: "start", priority: 5, limits } as const;
    expect(await dispatcher().ask(asked)).toEqual({ state: "granted" });
    const real = Date.now();
    vi.spyOn(Date, "now").mockImplementation(() => real + UNBORN_MS + 1_000);
    await runDurableObjectAlarm(stubOf());
    expect((await dispatcher().status()).held).toBe(0);
    vi.mocked(Date.now).mockRestore();
  });

  it("of the word that a run has ended is made good by asking it", async () => {
    const workflow = await limitedWorkflow(calling, 1);
    world.isOpen = true;
    const ended = await start(workflow, "e");
    await until([ended], "completed");
    await idle();
    // As if its word had got lost.
    await dispatcher().take({ id: ended, workflowId: workflow.workflowId, kind: "start", priority: 5, limits });
    const waiting = await start(workflow, "w");
    expect(await statusOf(waiting)).toBe("queued");
    const real = Date.now();
    vi.spyOn(Date, "now").mockImplementation(() => real + 61_000);
    await runDurableObjectAlarm(stubOf());
    vi.mocked(Date.now).mockRestore();
    await until([waiting], "completed");
    await idle();
  });
});

it("a run that goes on while it says that it wants nothing keeps the slot that it has just taken", async () => {
  const asked = { id: newId(), workflowId: newId(), kind: "wake" as const, priority: 5, limits };
  await runInDurableObject(stubOf(), async (_, state) => {
    const admit = async () => {
      // Its answer is on the way, and its next word is faster.
      await own.take(asked);
      return "none" as const;
    };
    const EXECUTION = { idFromName: (name: string) => name, get: () => ({ admit }) };
    const own = new Dispatcher(state, { ...testEnv, EXECUTION } as never);
    await own.ask({ ...asked, kind: "start" });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
    await own.alarm();
    vi.useRealTimers();
    expect(await own.status()).toMatchObject({ held: 1, waiting: 0 });
    // What it said then and nothing since is heard.
    await own.leave(asked.id);
    expect(await own.status()).toMatchObject({ held: 0 });
  });
});

it("a run that was cancelled while it waited for its turn gives it up", async () => {
  const workflow = await limitedWorkflow(calling, 1);
  const first = await start(workflow, "first");
  const second = await start(workflow, "second");
  const third = await start(workflow, "third");
  expect(await executionStub(testEnv, second).cancel(organizationId, "no")).toMatchObject({ cancelled: true });
  world.isOpen = true;
  await until([first, third], "completed");
  expect(world.names).toEqual(["first", "third"]);
  await idle();
});

it("who asks for the queue of an organisation that limits nothing makes no object keep anything", async () => {
  expect(await dispatcher().status()).toMatchObject({ held: 0, waiting: 0, waitMs: 0, lines: [] });
  const tables = await runInDurableObject(stubOf(), (_, state) =>
    state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name IN ('turns', 'lines')").toArray(),
  );
  expect(tables).toEqual([]);
});
