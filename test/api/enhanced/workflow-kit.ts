// Calls of …/workflows, and drawings to send.
import { makePorts } from "../../../src/objects/ports.ts";
import { testApp } from "../../fixtures/app.ts";
import { type Tenant, testEnv } from "../../fixtures/identity.ts";

const { executions, inbox, webhooks, schedules, code, checkCode, http } = makePorts(testEnv);
const { fetch: request, limiter } = testApp({
  ports: { executions, inbox, webhooks, schedules, code, checkCode, http },
});

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at field by field
export type Answer = { status: number; body: any };

/** `path` below …/workflows, or a whole one. */
export const caller =
  (owner: () => Tenant) =>
  async (method: string, path: string, body?: unknown, who = owner()): Promise<Answer> => {
    limiter.clear();
    const response = await request(/^\/(api|flow)\//.test(path) ? path : `/api/v2/workflows${path}`, {
      method,
      headers: { ...who.headers, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };

export const node = (id: string, type: string, config: object = {}, more: object = {}) => ({
  id,
  type,
  position: { x: 1, y: 2 },
  data: { label: id, config },
  ...more,
});

export const edge = (source: string, target: string, sourceHandle: string | null = null) => ({
  id: `${source}-${target}-${sourceHandle ?? ""}`,
  source,
  target,
  sourceHandle,
});

/** With fields of the editor's own. */
export const greeting = {
  nodes: [
    node("set", "data_variable", { name: "a", value: 1 }, { width: 150, measured: { height: 40 } }),
    node("end", "flow_end"),
  ],
  edges: [{ ...edge("set", "end"), animated: true }],
  viewport: { x: 0, y: 0, zoom: 1 },
};

export const welcome = (more: object = {}) => ({
  name: "Welcome",
  workflowData: greeting,
  triggerType: "trigger_event",
  triggerConfig: { event_type: "order.paid" },
  settings: {},
  ...more,
});
