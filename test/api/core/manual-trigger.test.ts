// Executing by hand is an event of the stream: others may subscribe to it, wait for it, and find it in the log; the executed workflow runs once.
import { runDurableObjectAlarm } from "cloudflare:test";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { Ports } from "../../../src/domain/ports.ts";
import { newId } from "../../../src/lib/ids.ts";
import { makePorts } from "../../../src/objects/ports.ts";
import { sweeperStub } from "../../../src/objects/rpc.ts";
import { testApp } from "../../fixtures/app.ts";
import { db, testEnv } from "../../fixtures/identity.ts";
import { eventually } from "../../objects/kit.ts";
import { call, makeOrganization, publishWorkflow, type Tenant, WORKFLOWS } from "./kit.ts";

let owner: Tenant;
let executed: string;
beforeAll(async () => {
  owner = await makeOrganization();
  executed = await publishWorkflow(owner);
});

type Row = Record<string, unknown>;

/** Listens for executions by hand whose variable `kind` is this one. */
const listening = (kind: string, ...more: string[]) => ({
  nodes: {
    on: {
      node_type: "trigger_event",
      config: {
        event_type: "MANUAL_TRIGGER",
        filters: [{ field: "event.data.kind", operator: "equals", value: kind }],
      },
    },
    ...Object.fromEntries(more.map((id) => [id, { node_type: "trigger_manual" }])),
    tell: {
      node_type: "data_transform",
      config: { mappings: { who: "{{contact.name}}", source: "{{event.source}}", kind: "{{kind}}" } },
    },
    end: { node_type: "flow_end" },
  },
  connections: [
    ...["on", ...more].map((from) => ({ from_node_id: from, to_node_id: "tell" })),
    { from_node_id: "tell", to_node_id: "end" },
  ],
});

const execute = (id: string, body: object, headers?: Record<string, string>) =>
  call(owner, "POST", `${WORKFLOWS}/${id}/execute`, body, headers);
const runsOf = async (workflowId: string): Promise<Row[]> =>
  (await db.prepare("SELECT * FROM executions WHERE workflow_id = ?1").bind(workflowId).all<Row>()).results;
const eventOf = (executionId: string) =>
  db
    .prepare("SELECT * FROM events WHERE org_id = ?1 AND id = (SELECT event_id FROM executions WHERE id = ?2)")
    .bind(owner.organizationId, executionId)
    .first<Row>();
const outcomeOf = async (run: Row) => {
  const text = (await eventOf(String(run.id)))?.outcome;
  return text == null ? null : JSON.parse(String(text));
};
const sweep = async () => {
  await sweeperStub(testEnv).ensure();
  await runDurableObjectAlarm(testEnv.SWEEPER.get(testEnv.SWEEPER.idFromName("sweeper")));
};
/** The event of a run once the stream is through with it. */
const processed = (executionId: string): Promise<Row> =>
  eventually(async () => {
    const event = await eventOf(executionId);
    return event?.outcome ? event : null;
  });

describe("an execution by hand", () => {
  it("is an event that starts who subscribes, and says so in the log", async () => {
    const listener = await publishWorkflow(owner, listening("hear"));
    const deaf = await publishWorkflow(owner, listening("something else"));
    const { body } = await execute(executed, { variables: { kind: "hear" } });
    const executionId = body.data.execution_id;
    const event = await processed(executionId);
    expect(event).toMatchObject({ type: "MANUAL_TRIGGER", source: "api", contact_id: null, depth: 0 });
    expect(JSON.parse(String(event.data))).toEqual({ kind: "hear" });
    const [run, ...others] = await runsOf(listener);
    expect(others).toEqual([]);
    expect(run).toMatchObject({ event_id: event.id, trigger_type: "MANUAL_TRIGGER" });
    expect(JSON.parse(String(event.outcome))).toMatchObject({
      started: [
        { workflowId: executed, executionId, nodeIds: [] },
        { workflowId: listener, executionId: run!.id, nodeIds: ["on"] },
      ],
      missed: [{ workflowId: deaf, nodeId: "on" }],
    });
  });

  it("runs the executed workflow once, though it subscribes as well", async () => {
    const both = await publishWorkflow(owner, listening("myself", "hand"));
    const { body } = await execute(both, { variables: { kind: "myself" }, wait: true });
    expect(body.data.execution_path).toEqual(["on", "tell", "end"]);
    const event = await processed(body.data.execution_id);
    expect(JSON.parse(String(event.outcome)).started).toHaveLength(1);
    expect(await runsOf(both)).toHaveLength(1);
    // Nor does it miss what it has been executed with.
    const other = await execute(both, { variables: { kind: "not mine" } });
    const { outcome } = await processed(other.body.data.execution_id);
    const { missed } = JSON.parse(String(outcome));
    expect(missed.filter((miss: { workflowId: string }) => miss.workflowId === both)).toEqual([]);
  });

  it("is about whom it names, in the run and for who hears of it", async () => {
    const contactId = newId();
    await db
      .prepare("INSERT INTO contacts (org_id, id, name, created_at, updated_at) VALUES (?1, ?2, 'Ann', 1, 1)")
      .bind(owner.organizationId, contactId)
      .run();
    const listener = await publishWorkflow(owner, listening("about", "hand"));
    const started = await execute(executed, { variables: { kind: "about" }, contact_id: contactId });
    expect(await processed(started.body.data.execution_id)).toMatchObject({ contact_id: contactId });
    const [heard] = await runsOf(listener);
    const view = await eventually(async () => {
      const { body } = await call(owner, "GET", `${WORKFLOWS}/executions/${heard!.id}`);
      return body.data.status === "completed" ? body.data : null;
    });
    expect(view.node_states.tell.output_data).toEqual({ who: "Ann", source: "api", kind: "about" });
    const own = await execute(listener, { contact_id: contactId, wait: true });
    expect(own.body.data.node_states.tell.output_data.who).toBe("Ann");
  });

  it("is 404 for a contact that there is not, or not here, and starts nothing", async () => {
    const foreign = newId();
    await db
      .prepare("INSERT INTO contacts (org_id, id, created_at, updated_at) VALUES (?1, ?2, 1, 1)")
      .bind((await makeOrganization()).organizationId, foreign)
      .run();
    const workflowId = await publishWorkflow(owner);
    for (const contact_id of [foreign, newId(), "x"]) {
      const { status, body } = await execute(workflowId, { contact_id });
      expect([status, body.error.code, body.error.message]).toEqual([404, "NOT_FOUND", "Contact not found"]);
    }
    expect((await execute(workflowId, { contact_id: 5 })).body.error.details.field).toBe("contact_id");
    expect(await runsOf(workflowId)).toEqual([]);
  });

  it("is one event for one Idempotency-Key", async () => {
    const listener = await publishWorkflow(owner, listening("once"));
    const headers = { "idempotency-key": crypto.randomUUID() };
    const body = { variables: { kind: "once" } };
    const answers = await Promise.all([1, 2, 3].map(() => execute(executed, body, headers)));
    await processed(answers[0]!.body.data.execution_id);
    const later = await execute(executed, body, headers);
    expect(new Set([...answers, later].map((answer) => answer.body.data.execution_id)).size).toBe(1);
    // What comes after it in the stream is through as well.
    await processed((await execute(executed, { variables: { kind: "after" } })).body.data.execution_id);
    expect(await runsOf(listener)).toHaveLength(1);
  });

  it("wakes a run that waits for it", async () => {
    const waiting = await publishWorkflow(owner, {
      nodes: {
        start: { node_type: "trigger_manual" },
        wait: {
          node_type: "action_wait_for_event",
          config: {
            event_type: "MANUAL_TRIGGER",
            filters: [{ field: "event.data.kind", operator: "equals", value: "wake" }],
          },
        },
        end: { node_type: "flow_end" },
      },
      connections: [
        { from_node_id: "start", to_node_id: "wait" },
        { from_node_id: "wait", from_port_name: "received", to_node_id: "end" },
      ],
    });
    // Its own beginning is not what it waits for.
    const { body } = await execute(waiting, { variables: { kind: "wake" } });
    await processed(body.data.execution_id);
    const read = async () =>
      (await call(owner, "GET", `${WORKFLOWS}/executions/${body.data.execution_id}`)).body.data.status;
    expect(await read()).toBe("running");
    await execute(executed, { variables: { kind: "wake" } });
    await eventually(async () => (await read()) === "completed");
  });
});

describe("an execution by hand that cannot be kept in the stream", () => {
  const post = (ports: Partial<Ports>, path: string, body: object, headers: Record<string, string>) =>
    testApp({ ports }).fetch(path, {
      method: "POST",
      headers: { ...owner.headers, "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });

  it("is 503 and has started nothing; the same key then does all of it", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const workflowId = await publishWorkflow(owner);
    const listener = await publishWorkflow(owner, listening("kept"));
    const { executions, inbox } = makePorts(testEnv);
    const start = vi.fn(executions.start);
    const path = `${WORKFLOWS}/${workflowId}/execute`;
    const key = { "idempotency-key": crypto.randomUUID() };
    const full: Ports["inbox"] = { accept: () => Promise.reject(new Error("the test says no")) };
    const refused = await post(
      { executions: { ...executions, start }, inbox: full },
      path,
      { variables: { kind: "kept" } },
      key,
    );
    expect(refused.status).toBe(503);
    expect(start).not.toHaveBeenCalled();
    const [failed, ...others] = await runsOf(workflowId);
    expect(others).toEqual([]);
    expect(failed).toMatchObject({ status: "failed", error: "The run could not be started", next_wake_at: null });
    // What was refused is no open end in the log.
    expect(await outcomeOf(failed!)).toEqual({ started: [], delivered: [], missed: [], stopped: "refused" });

    const again = await post({ executions, inbox }, path, { variables: { kind: "kept" } }, key);
    const { data } = (await again.json()) as { data: { execution_id: string } };
    expect(again.status).toBe(202);
    const { outcome } = await processed(data.execution_id);
    expect(JSON.parse(String(outcome)).started).toHaveLength(2);
    expect(await runsOf(listener)).toHaveLength(1);
    await eventually(async () => (await runsOf(workflowId))[0]?.status === "completed");
  });

  it("is told by the sweeper when the process died before it was kept; its run is ended", async () => {
    const workflowId = await publishWorkflow(owner);
    const listener = await publishWorkflow(owner, listening("died"));
    // A process that dies goes no further.
    const dead: Ports["inbox"] = { accept: () => new Promise(() => {}) };
    const variables = { kind: "died", large: "x".repeat(1_000) };
    void post({ inbox: dead }, `${WORKFLOWS}/${workflowId}/execute`, { variables }, {});
    const run = await eventually(async () => (await runsOf(workflowId))[0]);
    expect(await outcomeOf(run)).toBeNull();
    await db.prepare("UPDATE executions SET next_wake_at = 5 WHERE id = ?1").bind(run.id).run();
    await sweep();
    const [ended] = await runsOf(workflowId);
    expect(ended).toMatchObject({ status: "failed", error: "The run was accepted and never started" });
    expect(JSON.parse(String((await processed(String(run.id))).data))).toEqual(variables);
    expect(await runsOf(listener)).toHaveLength(1);
    expect((await outcomeOf(run)).started).toMatchObject([{ workflowId }, { workflowId: listener }]);
    // Nobody looks again.
    expect(ended!.next_wake_at).toBeNull();
  });

  it("is looked after when the answer to its start is lost: a run that goes on is not failed for good", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const workflowId = await publishWorkflow(owner);
    const { executions, inbox } = makePorts(testEnv);
    const lost: Ports["executions"] = {
      ...executions,
      start: async (request) => {
        await executions.start(request);
        throw new Error("the answer is lost");
      },
    };
    const answer = await post({ executions: lost, inbox }, `${WORKFLOWS}/${workflowId}/execute`, {}, {});
    expect(answer.status).toBe(503);
    const [run] = await runsOf(workflowId);
    // As if its report were lost as well, and the row is what the request has left.
    await eventually(async () => (await runsOf(workflowId))[0]?.status === "completed");
    const asLeft = "UPDATE executions SET seq = 0, status = 'failed', error = 'x', next_wake_at = 5 WHERE id = ?1";
    await db.prepare(asLeft).bind(run!.id).run();
    await sweep();
    await eventually(async () => (await runsOf(workflowId))[0]?.status === "completed");
  });
});
