// Workflows of the enhanced API: made, listed, shown, changed and archived, as a client sees them.
import { beforeAll, describe, expect, it } from "vitest";
import { makePorts } from "../../../src/objects/ports.ts";
import { testApp } from "../../fixtures/app.ts";
import { makeOrganization, type Tenant, testEnv } from "../../fixtures/identity.ts";

const { executions, inbox, webhooks, schedules, code, checkCode } = makePorts(testEnv);
const { fetch: request, limiter } = testApp({ ports: { executions, inbox, webhooks, schedules, code, checkCode } });
let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at field by field
type Answer = { status: number; body: any };
const call = async (method: string, path: string, body?: unknown, who = owner): Promise<Answer> => {
  limiter.clear();
  const response = await request(`/api/v2/workflows${path}`, {
    method,
    headers: { ...who.headers, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
};

const node = (id: string, type: string, config: object = {}, more: object = {}) => ({
  id,
  type,
  position: { x: 1, y: 2 },
  data: { label: id, config },
  ...more,
});
const edge = (source: string, target: string) => ({ id: `${source}-${target}`, source, target, sourceHandle: null });
const greeting = {
  nodes: [
    node("set", "data_variable", { name: "a", value: 1 }, { width: 150, measured: { height: 40 } }),
    node("end", "flow_end"),
  ],
  edges: [{ ...edge("set", "end"), animated: true }],
  viewport: { x: 0, y: 0, zoom: 1 },
};
const welcome = (more: object = {}) => ({
  name: "Welcome",
  workflowData: greeting,
  triggerType: "trigger_event",
  triggerConfig: { event_type: "order.paid" },
  settings: {},
  ...more,
});

describe("create", () => {
  it("keeps the drawing exactly as it was sent", async () => {
    const { status, body } = await call(
      "POST",
      "",
      welcome({ tags: ["a", "b", "a"], category: "Orders", description: "d" }),
    );
    expect(status, JSON.stringify(body)).toBe(201);
    expect(body.workflow).toMatchObject({
      name: "Welcome",
      status: "draft",
      version: 0,
      authoring: "enhanced",
      tags: ["a", "b"],
      category: "Orders",
      usageCount: 0,
      lastRunAt: null,
    });
    expect(body.workflow.workflowData).toEqual(greeting);
    expect(body.workflow.triggerConfig).toEqual({ event_type: "order.paid" });
    expect(body.validationResults).toEqual([]);
    const read = await call("GET", `/${body.workflow.id}`);
    expect(read.status).toBe(200);
    expect(read.body.workflow).toEqual(body.workflow);
  });
});
