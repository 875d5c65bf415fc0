// The live stream of a workflow: what listeners read, and how they go on after they were cut off.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { liveEvent } from "../../src/api/enhanced/stream/schema.ts";
import type { LiveEvent } from "../../src/domain/feed/live-event.ts";
import { executionStub } from "../../src/objects/execution/rpc.ts";
import { MAX_EVENTS } from "../../src/objects/feed/log.ts";
import { feedStub } from "../../src/objects/rpc.ts";
import { db, testEnv } from "../fixtures/identity.ts";
import { call, isFollowed, leaveAll, listAsWaiting, made, napping, open, readers, start } from "./feed-kit.ts";
import { definition, eventually } from "./kit.ts";
import { StreamReader } from "./stream-reader.ts";

afterEach(async () => {
  vi.restoreAllMocks();
  await leaveAll();
});

describe("what a listener reads", () => {
  it("begins at once, with a comment, how soon to come again, and a place to go on from", async () => {
    const { owner, workflow } = await made();
    const reader = await open(owner, workflow.workflowId);
    expect(reader.comments).toEqual(["live"]);
    expect(reader.retry).toBe(2_000);
    expect(reader.events).toEqual([
      {
        name: "connected",
        id: expect.stringMatching(/^[a-z0-9]+-0$/),
        data: { workflowId: workflow.workflowId, resumed: false, heartbeatSeconds: 15 },
      },
    ]);
  });

  it("tells of a run's start, each of its steps and its end, in order and without what they put out", async () => {
    const { owner, workflow } = await made();
    const reader = await open(owner, workflow.workflowId);
    const executionId = await start(workflow);
    await eventually(async () => reader.named("execution_completed").length > 0);
    expect(reader.events.map(({ name }) => name)).toEqual([
      "connected",
      "execution_started",
      ...["step_completed", "step_completed", "step_completed"],
      "execution_completed",
    ]);
    expect(reader.named("step_completed").map(({ nodeId, step }) => [nodeId, step])).toEqual([
      ["t", 1],
      ["s0", 2],
      ["s1", 3],
    ]);
    expect(reader.named("step_completed")[1]).toEqual({
      workflowId: workflow.workflowId,
      executionId,
      step: 2,
      nodeId: "s0",
      nodeType: "data_variable",
      visit: 1,
      status: "completed",
      port: "output",
      attempts: 0,
      startedAt: expect.stringMatching(/Z$/),
      completedAt: expect.stringMatching(/Z$/),
      timestamp: expect.stringMatching(/Z$/),
      durationMs: expect.any(Number),
      output: expect.objectContaining({ type: "object" }),
      error: null,
    });
    expect(JSON.stringify(reader.events)).not.toContain("secret-");
    // As the OpenAPI document says, and no field more.
    for (const { name, id, data } of reader.events) {
      const said = { event: name, id, data };
      expect(liveEvent.parse(said)).toEqual(said);
    }
    expect(reader.named("execution_completed")[0]).toMatchObject({
      executionId,
      status: "completed",
      nodesExecuted: 3,
    });
  });

  it("tells of a failure without the secrets in its words", async () => {
    const failing = definition(
      {
        t: { type: "trigger_manual", config: {} },
        sub: { type: "action_subworkflow", config: { workflow_id: "{{ variables.key }}" } },
      },
      ["t", "sub"],
    );
    const variables = { key: "canary-in-a-variable" };
    const { owner, workflow } = await made({ ...failing, variables, settings: { secrets: ["key"] } });
    const reader = await open(owner, workflow.workflowId);
    await start(workflow);
    await eventually(async () => reader.named("execution_failed").length > 0);
    const message = "There is no workflow [redacted]";
    expect(reader.named("execution_failed")).toMatchObject([{ status: "failed", error: { nodeId: "sub", message } }]);
    expect(JSON.stringify(reader.events)).not.toContain("canary");
    for (const { name, id, data } of reader.events)
      expect(liveEvent.parse({ event: name, id, data })).toEqual({ event: name, id, data });
  });

  it("tells of a run that was under way, and of one that nobody told at its start that somebody listens", async () => {
    const { owner, workflow } = await made(napping());
    const before = await start(workflow, false);
    await listAsWaiting(workflow, before);
    const reader = await open(owner, workflow.workflowId);
    await eventually(() => isFollowed(before));
    await executionStub(testEnv, before).cancel(workflow.organizationId, "enough");
    await eventually(async () => reader.named("execution_failed").length > 0);
    expect(reader.named("execution_failed")).toMatchObject([{ executionId: before, status: "cancelled" }]);
    expect(reader.named("execution_started")).toEqual([]);
    const untold = await start(workflow, false);
    await executionStub(testEnv, untold).cancel(workflow.organizationId, "over before anybody looks");
    await eventually(async () => reader.named("execution_failed").length === 2, 15_000);
    expect(reader.events.filter(({ data }) => data.executionId === untold).map(({ name }) => name)).toEqual([
      "execution_started",
      ...["step_completed", "step_completed"],
      "execution_failed",
    ]);
  });
});

describe("who was cut off", () => {
  it("goes on behind the last event, with what came meanwhile, each event once", async () => {
    const { owner, workflow } = await made();
    const first = await open(owner, workflow.workflowId);
    await start(workflow);
    await eventually(async () => first.named("execution_completed").length > 0);
    const seen = first.events.slice(0, 4);
    await first.leave();
    const missed = await start(workflow);
    const second = await open(owner, workflow.workflowId, seen.at(-1)!.id);
    await eventually(async () => second.named("execution_completed").length === 2);
    const rest = second.events.slice(1);
    expect(second.events[0]).toMatchObject({ name: "connected", id: seen.at(-1)!.id, data: { resumed: true } });
    expect([...seen, ...rest].map(({ id }) => Number(id.split("-")[1]))).toEqual([...Array(11).keys()]);
    expect(rest.filter(({ data }) => data.executionId === missed).map(({ name }) => name)).toEqual([
      "execution_started",
      ...["step_completed", "step_completed", "step_completed"],
      "execution_completed",
    ]);
    const byQuery = await call(`/api/v2/workflows/${workflow.workflowId}/stream?lastEventId=${rest.at(-2)!.id}`, owner);
    const third = new StreamReader(byQuery);
    readers.push(third);
    await eventually(async () => third.events.length === 2);
    expect(third.events[1]).toEqual(rest.at(-1));
  });

  it("is told when what it asks for is not there any more, and gets all that is", async () => {
    const { owner, workflow } = await made();
    await open(owner, workflow.workflowId);
    const feed = feedStub(testEnv, workflow.organizationId, workflow.workflowId);
    const events = (seq: number) => [{ name: "workflow_updated", data: { n: seq } }] as unknown as LiveEvent[];
    const commits = Array.from({ length: MAX_EVENTS + 100 }, (_, n) => ({
      seq: n + 1,
      at: Date.now(),
      events: events(n + 1),
    }));
    for (let from = 0; from < commits.length; from += 500)
      await feed.tell({ executionId: "x", commits: commits.slice(from, from + 500) });
    for (const id of ["0-0", "nonsense", `${(await open(owner, workflow.workflowId)).lastId!.split("-")[0]}-3`]) {
      const reader = await open(owner, workflow.workflowId, id);
      await eventually(async () => reader.events.length === MAX_EVENTS + 2);
      expect(reader.events[0]!.data.resumed).toBe(false);
      expect(reader.events[1]).toMatchObject({ name: "gap", data: { reason: "expired" } });
      expect(reader.events.slice(2).map(({ data }) => data.n)).toEqual(
        Array.from({ length: MAX_EVENTS }, (_, n) => n + 101),
      );
      expect(reader.events[1]!.id).toBe(reader.events[2]!.id.replace(/\d+$/, (n) => String(Number(n) - 1)));
    }
  });

  it("gets once what a run tells twice, and nothing that comes behind what it told later", async () => {
    const { owner, workflow } = await made();
    const reader = await open(owner, workflow.workflowId);
    const feed = feedStub(testEnv, workflow.organizationId, workflow.workflowId);
    const commit = (seq: number, at = Date.now()) => ({
      seq,
      at,
      events: [{ name: "workflow_updated", data: { n: seq } }] as unknown as LiveEvent[],
    });
    await feed.tell({ executionId: "x", commits: [commit(1), commit(2)] });
    await feed.tell({ executionId: "x", commits: [commit(1), commit(2), commit(4)] });
    await feed.tell({ executionId: "x", commits: [commit(3)] });
    await feed.tell({ executionId: "y", commits: [commit(1)] });
    // From before anybody listened.
    await feed.tell({ executionId: "z", commits: [commit(1, Date.now() - 60_000)] });
    await feed.tell({ executionId: "z", commits: [commit(2)] });
    await eventually(async () => reader.events.length === 6);
    expect(reader.events.slice(1).map(({ data }) => data.n)).toEqual([1, 2, 4, 1, 2]);
  });
});

describe("a run that dies between a commit and telling of it", () => {
  it("tells in its next life, from the journal, nothing twice", async () => {
    const { owner, workflow } = await made(napping());
    const reader = await open(owner, workflow.workflowId);
    const executionId = await start(workflow);
    await eventually(async () => reader.named("step_completed").length === 1);
    const stub = testEnv.EXECUTION.get(testEnv.EXECUTION.idFromName(executionId));
    // As a crash leaves it: the commits stand, and nothing says that they were told.
    const forget = (told: number) =>
      runInDurableObject(stub, (_, state) => {
        const [row] = state.storage.sql
          .exec<{ value: string }>("SELECT value FROM records WHERE key = 'meta'")
          .toArray();
        const meta = JSON.stringify({ ...JSON.parse(row!.value), told });
        state.storage.sql.exec("UPDATE records SET value = ? WHERE key = 'meta'", meta);
      });
    await forget(0);
    await evictDurableObject(stub);
    await executionStub(testEnv, executionId).cancel(workflow.organizationId, "enough");
    await eventually(async () => reader.named("execution_failed").length > 0);
    expect(reader.events.map(({ name }) => name)).toEqual([
      "connected",
      "execution_started",
      ...["step_completed", "step_completed"],
      "execution_failed",
    ]);
  });
});

describe("what else a listener hears", () => {
  it("hears of a change of the workflow, whichever API makes it", async () => {
    const { owner, workflow } = await made();
    const reader = await open(owner, workflow.workflowId);
    const path = `/api/v1/workflows/${workflow.workflowId}`;
    const body = JSON.stringify({ name: "Renamed" });
    expect((await call(path, { method: "PUT", headers: owner.headers, body })).status).toBe(200);
    await eventually(async () => reader.named("workflow_updated").length > 0, 10_000);
    expect(reader.named("workflow_updated")).toEqual([
      {
        workflowId: workflow.workflowId,
        name: "Renamed",
        status: "active",
        version: 1,
        changes: ["name"],
        updatedAt: expect.stringMatching(/Z$/),
        timestamp: expect.stringMatching(/Z$/),
      },
    ]);
  });

  it("hears of a message in the conversation, with its id and no text", async () => {
    const { owner, workflow } = await made(
      definition(
        {
          t: { type: "trigger_manual", config: {} },
          say: { type: "action_chat_message", config: { message: "the-text", to: "+15550100200", channel: "inapp" } },
        },
        ["t", "say"],
      ),
    );
    const reader = await open(owner, workflow.workflowId);
    await start(workflow);
    await eventually(async () => reader.named("execution_completed").length > 0);
    const [message] = reader.named("message_sent");
    expect(message).toMatchObject({ nodeId: "say", channel: "inapp", status: "delivered" });
    expect(await db.prepare("SELECT status FROM messages WHERE id = ?1").bind(message!.messageId).first("status")).toBe(
      "delivered",
    );
    expect(reader.events.map(({ name }) => name).slice(-3)).toEqual([
      "message_sent",
      "step_completed",
      "execution_completed",
    ]);
    expect(JSON.stringify(reader.events)).not.toContain("the-text");
  });
});
