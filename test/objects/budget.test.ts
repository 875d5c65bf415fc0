// What the way of an event costs, counted: object calls, queue messages, D1 statements and rows, commits and bytes. Held to DESIGN "The way of an
// event"; `npm run bench -- counts` prints the same as a table.
import { beforeEach, describe, expect, it, vi } from "vitest";
import { secretField } from "../../src/domain/webhook/settings.ts";
import type { Definition } from "../../src/engine/contract.ts";
import { newId, randomToken } from "../../src/lib/ids.ts";
import { makePorts } from "../../src/objects/ports.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";
import { CountingWorld, type Counts } from "./counting.ts";
import { definition, eventually, makeWorkflow } from "./kit.ts";

const BODY = { name: "Ada", amount: 42, note: "x".repeat(200) };

/** A webhook trigger and so many nodes after it, one of which is an outgoing request; with one node only the trigger. */
const nodesOf = (count: number): Definition => {
  const middle: Definition["nodes"][string][] = [
    ...Array.from({ length: count - 4 }, (_, n) => ({
      type: "data_transform",
      config: { mappings: { greeting: "Hello {{ event.data.name }}", n } },
    })),
    { type: "condition_if", config: { conditions: { field: "event.data.amount", operator: "greater", value: 10 } } },
    {
      type: "action_webhook",
      config: { url: "https://example.com/hook", method: "POST", body: { text: "{{ nodes.n1.output.greeting }}" } },
    },
    { type: "flow_end", config: {} },
  ];
  const all = [{ type: "trigger_webhook", config: {} }, ...(count === 1 ? [] : middle)];
  const ids = all.map((_, n) => `n${n}`);
  const graph = definition(Object.fromEntries(all.map((node, n) => [ids[n]!, node])), ids);
  return {
    ...graph,
    edges: graph.edges.map((edge) =>
      graph.nodes[edge.from]!.type === "condition_if" ? { ...edge, fromPort: "true" } : edge,
    ),
  };
};

const makeHook = async (nodes: Definition, isWatched: boolean, isLimited: boolean): Promise<string> => {
  const { organizationId } = await makeOrganization();
  const workflow = await makeWorkflow(organizationId, nodes);
  if (isLimited)
    await db.prepare("UPDATE workflows SET max_concurrency = 10 WHERE id = ?1").bind(workflow.workflowId).run();
  if (isWatched) {
    await db
      .prepare("INSERT INTO watches (org_id, workflow_id, until, listeners) VALUES (?1, ?2, ?3, 1)")
      .bind(organizationId, workflow.workflowId, Date.now() + 60_000)
      .run();
  }
  const id = newId();
  const token = randomToken();
  const sealed = await makePorts(testEnv).secrets.encrypt(organizationId, secretField(id), "secret");
  await db
    .prepare(
      `INSERT INTO webhooks (org_id, id, workflow_id, name, token, secret_sealed, enabled, require_signature, signature_scheme,
         ip_allowlist, rate_limit_max, rate_limit_window, created_at) VALUES (?1, ?2, ?3, 'w', ?4, ?5, 1, 0, 'signalbox', '[]', 1000, 60, 1)`,
    )
    .bind(organizationId, id, workflow.workflowId, token, sealed)
    .run();
  return `/api/v1/workflows/webhooks/${token}`;
};

type Stages = { requests: Counts; runs: Counts; executionIds: string[] };

/** So many calls of a webhook that was called before; each stage in one batch. */
const cost = async (
  nodes: number,
  calls: number,
  isWatched = false,
  isLimited = false,
): Promise<Stages & { storedBytes: number }> => {
  const world = new CountingWorld();
  const hook = await makeHook(nodesOf(nodes), isWatched, isLimited);
  const call = async () => {
    const response = await world.fetch(hook, { method: "POST", body: JSON.stringify(BODY) });
    expect(response.status).toBe(200);
    return ((await response.json()) as { data: { execution_id: string } }).data.execution_id;
  };
  const carryOn = async (times: number): Promise<Stages> => {
    const take = (): Counts => {
      const counts = world.take();
      // Once in 30 s of an isolate, whatever there is to do.
      delete counts.calls["SWEEPER.ensure"];
      return counts;
    };
    take();
    const executionIds = await Promise.all(Array.from({ length: times }, call));
    await eventually(async () => world.queued("events") === times);
    const requests = take();
    await world.deliver("events");
    return { requests, runs: take(), executionIds };
  };
  // The first call of all reads settings and the program, for all that come after it.
  await carryOn(1);
  const stages = await carryOn(calls);
  const { results } = await db
    .prepare("SELECT status FROM executions WHERE id IN (SELECT value FROM json_each(?1))")
    .bind(JSON.stringify(stages.executionIds))
    .all<{ status: string }>();
  expect(results.map(({ status }) => status)).toEqual(Array.from({ length: calls }, () => "completed"));
  return { ...stages, storedBytes: await world.storedBytes("EXECUTION", stages.executionIds[0]!) };
};

beforeEach(() => {
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => {
    // Like a request, it leaves when what was written before it is durable.
    await testEnv.DB.prepare("SELECT 1").all();
    return Response.json({ ok: true });
  });
});

describe("a webhook that starts a five-node workflow with one outgoing request", () => {
  it("costs one call of its object and nothing of the database before it is answered", async () => {
    const { requests } = await cost(5, 1);
    expect(requests.calls).toEqual({ "WEBHOOK.receive": 1 });
    expect(requests.d1.requests).toBe(0);
    expect(requests.messages).toEqual({ events: 1 });
    expect(requests.commits).toEqual({ WEBHOOK: 1 });
  });

  it("costs one call of its execution, one acknowledgement and two commits", async () => {
    const { runs } = await cost(5, 1);
    expect(runs.calls).toEqual({ "EXECUTION.start": 1, "WEBHOOK.acknowledge": 1 });
    // It is soon over, and tells the index of it in the answer to its start.
    expect(runs.messages).toEqual({});
    expect(runs.commits).toEqual({ EXECUTION: 2, WEBHOOK: 1 });
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it("shares the database's writes and the acknowledgement with its batch", async () => {
    const one = await cost(5, 1);
    const many = await cost(5, 20);
    expect(many.requests.calls).toEqual({ "WEBHOOK.receive": 20 });
    expect(many.requests.d1.requests).toBe(0);
    expect(many.runs.calls).toEqual({ "EXECUTION.start": 20, "WEBHOOK.acknowledge": 1 });
    expect({ ...many.requests.messages, ...many.runs.messages }).toEqual({ events: 20 });
    expect(many.runs.commits).toEqual({ EXECUTION: 40, WEBHOOK: 1 });
    expect(many.runs.d1.requests).toBe(one.runs.d1.requests);
    expect(many.runs.d1.statements).toBe(one.runs.d1.statements);
  });
});

describe("a workflow that nobody listens to", () => {
  it("calls no feed; one that somebody listens to calls it beside, and costs no more of the database", async () => {
    const unwatched = await cost(5, 20);
    const watched = await cost(5, 20, true);
    expect(unwatched.runs.calls).toEqual({ "EXECUTION.start": 20, "WEBHOOK.acknowledge": 1 });
    // The feed answers that it knows of no listener: each run asks once.
    expect(watched.runs.calls).toEqual({ ...unwatched.runs.calls, "FEED.tell": 20 });
    expect(unwatched.runs.commits.EXECUTION).toBe(watched.runs.commits.EXECUTION);
    expect(unwatched.runs.d1.statements).toBe(watched.runs.d1.statements);
    // Its row in `watches` is the one thing more that is read. Of one node: how long others take changes what is read of their rollups.
    const readOf = async (isWatched: boolean) => (await cost(1, 1, isWatched)).runs.d1.rowsRead;
    expect(await readOf(false)).toBeLessThan(await readOf(true));
  });
});

describe("a limit", () => {
  it("costs two calls of the organisation's dispatcher, and none where there is no limit", async () => {
    const limited = await cost(5, 1, false, true);
    expect(limited.runs.calls).toEqual({
      "EXECUTION.start": 1,
      "WEBHOOK.acknowledge": 1,
      "DISPATCHER.ask": 1,
      "DISPATCHER.leave": 1,
    });
    const { requests, runs } = await cost(5, 1);
    const asked = Object.keys({ ...requests.calls, ...runs.calls }).filter((call) => call.startsWith("DISPATCHER"));
    expect(asked).toEqual([]);
    expect(runs.d1.requests).toBe(limited.runs.d1.requests);
  });
});

describe("the size of a workflow", () => {
  /** By nodes: the most that an execution may cost, with little room above what it costs today. */
  const most = {
    1: { commits: 1, rowsRead: 40, rowsWritten: 10, bytes: 16_384 },
    5: { commits: 2, rowsRead: 80, rowsWritten: 10, bytes: 20_480 },
    50: { commits: 2, rowsRead: 300, rowsWritten: 10, bytes: 36_864 },
  };
  const sizes = [1, 5, 50] as const;
  const table: Record<string, number | string>[] = [];

  it.each(sizes)("changes neither calls, messages nor statements: %i nodes", async (nodes) => {
    const { requests, runs, storedBytes } = await cost(nodes, 20);
    expect(requests.calls).toEqual({ "WEBHOOK.receive": 20 });
    expect(runs.calls).toEqual({ "EXECUTION.start": 20, "WEBHOOK.acknowledge": 1 });
    // A run that is soon over has its report in the answer to its start, and its row is written once.
    expect(runs.messages).toEqual({});
    expect(runs.d1.requests).toBe(2);
    // One more where nobody is called.
    expect(runs.d1.statements).toBe(nodes === 1 ? 9 : 10);
    const each = (count: number) => count / 20;
    const limit = most[nodes];
    expect(each(runs.commits.EXECUTION!)).toBe(limit.commits);
    expect(each(runs.d1.rowsRead)).toBeLessThanOrEqual(limit.rowsRead);
    expect(each(runs.d1.rowsWritten)).toBeLessThanOrEqual(limit.rowsWritten);
    expect(storedBytes).toBeLessThanOrEqual(limit.bytes);
    table.push({
      nodes,
      "object calls": each(sum(requests.calls) + sum(runs.calls)),
      "queue messages": each(sum(requests.messages) + sum(runs.messages)),
      "D1 statements before the answer": requests.d1.statements,
      "D1 round trips a batch": runs.d1.requests,
      "D1 statements a batch": runs.d1.statements,
      "D1 rows read": each(runs.d1.rowsRead),
      "D1 rows written": each(runs.d1.rowsWritten),
      "commits of the execution": each(runs.commits.EXECUTION!),
      "its SQL statements": each(runs.sql.EXECUTION!),
      "its alarms": each(runs.alarms.EXECUTION!),
      "bytes it stores": storedBytes,
    });
    if (nodes === sizes.at(-1)) console.log(`counted: ${JSON.stringify(table)}`);
  });
});

const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((a, b) => a + b, 0);
