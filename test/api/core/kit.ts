// The core API as a client sees it: the real worker, its real objects and queues.
import { exports } from "cloudflare:workers";
import { expect } from "vitest";
import { makeOrganization, type Tenant } from "../../fixtures/identity.ts";

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at as a client does, field by field.
export type Answer = { status: number; headers: Headers; body: any };

export const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export const WORKFLOWS = "/api/v1/workflows";

const { default: worker } = exports as unknown as { default: { fetch(request: Request): Promise<Response> } };

export const fetchWorker = (path: string, init?: RequestInit): Promise<Response> =>
  worker.fetch(new Request(`https://signalbox.test${path}`, init));

/** A string goes as it is, anything else as JSON. */
export const call = async (
  who: Pick<Tenant, "headers"> | null,
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
): Promise<Answer> => {
  const answer = await fetchWorker(path, {
    method,
    headers: { "content-type": "application/json", ...who?.headers, ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return { status: answer.status, headers: answer.headers, body: await answer.json() };
};

export { makeOrganization, type Tenant };

/** The document's first example: a command answered with a message, by hand with a manual trigger instead. */
export const graph = {
  nodes: {
    start: { node_type: "trigger_manual", label: "Start", position: { x: 100, y: 100 }, config: {} },
    shape: {
      node_type: "data_transform",
      label: "Shape",
      position: { x: 300, y: 100.5 },
      config: { mappings: { text: "{{greeting}}, {{variables.name}}!", n: "{{variables.n}}" } },
    },
    end: { node_type: "flow_end", config: {} },
  },
  connections: [
    {
      connection_id: "c1",
      from_node_id: "start",
      from_port_name: "output",
      to_node_id: "shape",
      to_port_name: "input",
    },
    { connection_id: "c2", from_node_id: "shape", from_port_name: "output", to_node_id: "end", to_port_name: "input" },
  ],
  global_variables: { greeting: "Hello" },
};

export const createWorkflow = async (who: Tenant, over: object = {}): Promise<string> => {
  const { status, body } = await call(who, "POST", WORKFLOWS, { name: "W", entity_id: 1, ...graph, ...over });
  expect(status, JSON.stringify(body)).toBe(201);
  return body.data.workflow_id;
};

export const publishWorkflow = async (who: Tenant, over: object = {}): Promise<string> => {
  const id = await createWorkflow(who, over);
  const { status, body } = await call(who, "POST", `${WORKFLOWS}/${id}/publish`, {});
  expect(status, JSON.stringify(body)).toBe(200);
  return id;
};

/** Asks again until the answer is as wanted; fails with the last answer after `ms`. */
export const until = async (
  ask: () => Promise<Answer>,
  wanted: (answer: Answer) => boolean | Promise<boolean>,
  ms = 8_000,
): Promise<Answer> => {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (await wanted(answer)) return answer;
    if (Date.now() > end) throw new Error(`it never came to that: ${answer.status} ${JSON.stringify(answer.body)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

export const errorOf = (code: string, details: unknown = expect.anything()) => ({
  success: false,
  error: { code, message: expect.any(String), details, request_id: expect.any(String) },
});
