// When an object cannot be reached: the answer says so, nothing is half-written, and the same request again makes it good.
import { beforeAll, beforeEach, expect, it } from "vitest";
import type { Ports } from "../../../src/domain/ports.ts";
import { makePorts } from "../../../src/objects/ports.ts";
import { testApp } from "../../fixtures/app.ts";
import { db, makeOrganization, type Tenant, testEnv } from "../../fixtures/identity.ts";
import { errorOf, graph, WORKFLOWS } from "./kit.ts";

const real = makePorts(testEnv);
let broken: Set<string>;
beforeEach(() => {
  broken = new Set();
});

/** The real port, but for methods that are broken at the moment. */
const breakable = <Name extends "executions" | "webhooks" | "schedules">(name: Name): Ports[Name] =>
  new Proxy(real[name], {
    get: (port, method) =>
      broken.has(`${name}.${String(method)}`)
        ? () => Promise.reject(new Error("the object is gone"))
        : port[method as keyof typeof port],
  });

const app = testApp({
  ports: {
    executions: breakable("executions"),
    webhooks: breakable("webhooks"),
    schedules: breakable("schedules"),
    inbox: real.inbox,
    code: real.code,
  },
});
let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});

const call = async (method: string, path: string, body: unknown = {}, headers: Record<string, string> = {}) => {
  const init = {
    method,
    headers: { ...owner.headers, ...headers },
    ...(method === "GET" ? {} : { body: JSON.stringify(body) }),
  };
  const answer = await app.fetch(`${WORKFLOWS}${path}`, init);
  // biome-ignore lint/suspicious/noExplicitAny: looked at field by field.
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as any };
};
const create = async (over: object = {}) =>
  (await call("POST", "", { name: "w", entity_id: 1, ...graph, ...over })).body.data.workflow_id;
const scheduled = {
  nodes: { cron: { node_type: "trigger_schedule", config: { cron: "0 9 * * *" } } },
  connections: [],
};
const rowsOf = async (sql: string, id: string) => (await db.prepare(sql).bind(id).all()).results;

it("a run that could not be started is 503, listed as failed, and started by the same key later", async () => {
  const id = await create();
  const key = { "idempotency-key": "k1" };
  broken.add("executions.start");
  const variables = { name: "Ann", n: 1 };
  const refused = await call("POST", `/${id}/execute`, { variables }, key);
  expect([refused.status, refused.body]).toEqual([503, errorOf("SERVICE_UNAVAILABLE")]);
  expect(refused.headers.get("retry-after")).toBe("1");
  const [row] = await rowsOf("SELECT id, status FROM executions WHERE workflow_id = ?1", id);
  expect(row).toMatchObject({ status: "failed" });

  broken.clear();
  const again = await call("POST", `/${id}/execute`, { wait: true, variables }, key);
  expect([again.status, again.body.data.execution_id, again.body.data.status]).toEqual([200, row!.id, "completed"]);
});

it("a publish whose schedule could not be set is 503 and made good by the next", async () => {
  const id = await create(scheduled);
  broken.add("schedules.set");
  expect((await call("POST", `/${id}/publish`)).status).toBe(503);
  broken.clear();
  const again = await call("POST", `/${id}/publish`);
  expect([again.status, again.body.data.version]).toEqual([200, 1]);
  const [row] = await rowsOf("SELECT next_at FROM schedules WHERE workflow_id = ?1", id);
  expect((row as { next_at: number }).next_at).toBeGreaterThan(Date.now() + 60_000);
});

it("an archive whose schedule could not be cleared is cleared by the next", async () => {
  const id = await create(scheduled);
  await call("POST", `/${id}/publish`);
  broken.add("schedules.clear");
  expect((await call("DELETE", `/${id}`)).status).toBe(503);
  expect(await rowsOf("SELECT id FROM schedules WHERE workflow_id = ?1", id)).toHaveLength(1);
  broken.clear();
  expect((await call("DELETE", `/${id}`)).status).toBe(200);
  expect(await rowsOf("SELECT id FROM schedules WHERE workflow_id = ?1", id)).toEqual([]);
});

it("a webhook that could not be told of its end stays, and one that could not be told of its beginning works", async () => {
  const id = await create();
  await call("POST", `/${id}/publish`);
  broken.add("webhooks.configure");
  const made = await call("POST", `/${id}/webhooks`, { name: "h" });
  expect(made.status).toBe(201);
  const { webhook_id, token } = made.body.data;
  expect((await call("POST", `/webhooks/${token}`, { a: 1 })).status).toBe(200);
  expect((await call("DELETE", `/${id}/webhooks/${webhook_id}`)).status).toBe(503);
  broken.clear();
  broken.add("webhooks.forget");
  expect((await call("DELETE", `/${id}/webhooks/${webhook_id}`)).status).toBe(200);
  expect((await call("POST", `/webhooks/${token}`, { a: 1 })).status).toBe(403);
});

it("a bug is 500 and tells nothing of itself", async () => {
  broken.add("executions.read");
  const { status, body } = await call("GET", "/executions/0190a000-0000-7000-8000-000000000000");
  expect([status, body]).toEqual([500, errorOf("INTERNAL_ERROR", {})]);
  expect(JSON.stringify(body)).not.toContain("gone");
});

it("a run that cannot be watched any longer is said to go on", async () => {
  const id = await create();
  broken.add("executions.waitForEnd");
  const { status, body } = await call("POST", `/${id}/execute`, { wait: true });
  expect([status, body.error.code]).toEqual([504, "EXECUTION_TIMEOUT"]);
  expect(body.error.details.execution_id).toMatch(/^[0-9a-f-]{36}$/);
});

it("a run whose object is out of reach is 503", async () => {
  const gone = { idFromName: () => "", get: () => ({ read: () => Promise.reject(new Error("overloaded")) }) };
  const { executions } = makePorts({ ...testEnv, EXECUTION: gone as unknown as DurableObjectNamespace });
  await expect(executions.read(owner.organizationId, "x")).rejects.toMatchObject({ code: "unavailable" });
});
