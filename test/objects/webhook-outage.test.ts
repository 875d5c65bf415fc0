// A webhook while the database is away: its call is accepted and kept, and starts its run once the database is back.
import { createHmac } from "node:crypto";
import { beforeEach, expect, it, vi } from "vitest";
import { tokenHashOf } from "../../src/domain/webhook/settings.ts";
import { RESEND_FIRST_MS } from "../../src/objects/outbox.ts";
import { webhookStub } from "../../src/objects/rpc.ts";
import { call, graph, makeOrganization, WORKFLOWS } from "../api/core/kit.ts";
import { awayAfter } from "../fixtures/away.ts";
import { db } from "../fixtures/identity.ts";
import { CountingWorld } from "./counting.ts";
import { eventually } from "./kit.ts";

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});

it("loses no event of a webhook to a database that is away", async () => {
  const owner = await makeOrganization();
  const hook = { hook: { node_type: "trigger_webhook", config: {} }, end: { node_type: "flow_end", config: {} } };
  const connections = [
    { connection_id: "c", from_node_id: "hook", from_port_name: "output", to_node_id: "end", to_port_name: "input" },
  ];
  const made = await call(owner, "POST", WORKFLOWS, { ...graph, name: "w", entity_id: 1, nodes: hook, connections });
  const id = made.body.data.workflow_id;
  const { token } = (await call(owner, "POST", `${WORKFLOWS}/${id}/webhooks`, { name: "h" })).body.data;
  expect((await call(owner, "POST", `${WORKFLOWS}/${id}/publish`, {})).status).toBe(200);

  const world = new CountingWorld();
  const there = world.env.DB;
  world.env.DB = awayAfter(0).db;
  const answers = await Promise.all(
    Array.from({ length: 5 }, (_, n) =>
      world.fetch(`${WORKFLOWS}/webhooks/${token}`, { method: "POST", body: JSON.stringify({ n }) }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  await eventually(async () => world.queued("events") === 5);
  // The queue hands them out in vain; it keeps them, as their object does.
  await world.deliver("events");
  const started = () =>
    db.prepare("SELECT count(*) AS n FROM executions WHERE workflow_id = ?1").bind(id).first<number>("n");
  expect(await started()).toBe(0);

  world.env.DB = there;
  // Its alarm, once it is due: the queue's own copies are gone.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + RESEND_FIRST_MS });
  await (webhookStub(world.env, await tokenHashOf(token)) as unknown as { alarm(): Promise<void> }).alarm();
  vi.useRealTimers();
  await world.deliver("events");
  expect(await started()).toBe(5);
});

it("takes an endpoint's call in one call of its object, without a statement of the database, and says what starts", async () => {
  const owner = await makeOrganization();
  const nodes = { hook: { node_type: "trigger_webhook", config: {} }, end: { node_type: "flow_end", config: {} } };
  const connections = [
    { connection_id: "c", from_node_id: "hook", from_port_name: "output", to_node_id: "end", to_port_name: "input" },
  ];
  const workflow = await call(owner, "POST", WORKFLOWS, { ...graph, name: "w", entity_id: 1, nodes, connections });
  const workflowId = workflow.body.data.workflow_id;
  expect((await call(owner, "POST", `${WORKFLOWS}/${workflowId}/publish`, {})).status).toBe(200);
  const { body: made } = await call(owner, "POST", "/api/v2/webhooks", {
    name: "h",
    workflowId,
    filterConditions: [{ field: "n", operator: "exists" }],
    transformPayload: { language: "jsonata", expression: '{"n": n + 1}' },
  });

  const world = new CountingWorld();
  world.env.DB = awayAfter(0).db;
  const body = JSON.stringify({ n: 1 });
  const signature = createHmac("sha256", made.secretKey).update(body).digest("hex");
  const answer = await world.fetch(new URL(made.endpointUrl).pathname, {
    method: "POST",
    headers: { "x-webhook-signature": `sha256=${signature}` },
    body,
  });
  expect([answer.status, await answer.json()]).toEqual([
    200,
    expect.objectContaining({ success: true, workflowsTriggered: [workflowId] }),
  ]);
});
