// The whole way, with the platform's own queues: accepted, matched, run, projected.
import { describe, expect, it } from "vitest";
import { newId } from "../../src/lib/ids.ts";
import { makePorts } from "../../src/objects/ports.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";
import { eventually, makeWorkflow, subscribe, trivial } from "../objects/kit.ts";

describe("the way of an event", () => {
  it("starts a run of a workflow that subscribes, once, and tells the index", async () => {
    const { organizationId } = await makeOrganization();
    const workflow = await makeWorkflow(organizationId, trivial("trigger_event", { event_type: "order.paid" }));
    await subscribe(workflow, { eventType: "order.paid" });
    const ports = makePorts(testEnv);
    const now = Date.now();
    const event = {
      id: newId(now),
      organizationId,
      type: "order.paid",
      source: "api",
      data: { amount: 3 },
      occurredAt: now,
      depth: 0,
    };
    await ports.inbox.accept(event, "order-1");
    const row = await eventually(() =>
      db
        .prepare("SELECT * FROM executions WHERE org_id = ?1 AND status = 'completed'")
        .bind(organizationId)
        .first<Record<string, unknown>>(),
    );
    expect(row).toMatchObject({
      workflow_id: workflow.workflowId,
      event_id: event.id,
      trigger_type: "order.paid",
      nodes_executed: 2,
    });
    const again = await ports.inbox.accept({ ...event, id: newId() }, "order-1");
    expect(again).toEqual({ eventId: event.id, duplicate: true });
    const logged = await db
      .prepare("SELECT outcome FROM events WHERE id = ?1")
      .bind(event.id)
      .first<{ outcome: string }>();
    expect(JSON.parse(logged!.outcome)).toEqual({
      started: [{ workflowId: workflow.workflowId, executionId: row.id, nodeIds: ["t"] }],
      delivered: [],
      missed: [],
    });
  });
});
