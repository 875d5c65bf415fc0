// Webhook endpoints as their senders and owners see them: the real worker, its real objects and queues.
import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { beforeAll, describe, expect, it, vi } from "vitest";
import * as schema from "../../../src/api/enhanced/webhooks/schema.ts";
import { db, join, type Tenant, testEnv } from "../../fixtures/identity.ts";
import {
  type Answer,
  call,
  createWorkflow,
  fetchWorker,
  makeOrganization,
  publishWorkflow,
  until,
} from "../core/kit.ts";

const WEBHOOKS = "/api/v2/webhooks";

const hooked = (config: object = {}) => ({
  nodes: {
    hook: { node_type: "trigger_webhook", config },
    keep: { node_type: "data_transform", config: { mappings: { total: "{{event.data.total}}" } } },
  },
  connections: [
    { connection_id: "c", from_node_id: "hook", from_port_name: "output", to_node_id: "keep", to_port_name: "input" },
  ],
});
const listening = (filters?: object) => ({
  nodes: {
    on: { node_type: "trigger_event", config: { event_type: "WEBHOOK_RECEIVED", ...(filters && { filters }) } },
    keep: { node_type: "data_transform", config: { mappings: { total: "{{event.data.total}}" } } },
  },
  connections: [
    { connection_id: "c", from_node_id: "on", from_port_name: "output", to_node_id: "keep", to_port_name: "input" },
  ],
});

let who: Tenant;
let workflowId: string;
beforeAll(async () => {
  who = await makeOrganization();
  workflowId = await publishWorkflow(who, hooked());
});

type Made = { id: string; secret: string; answer: Answer };
const make = async (over: object = {}, of = who): Promise<Made> => {
  const answer = await call(of, "POST", WEBHOOKS, { name: "Shop", workflowId, ...over });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return { id: answer.body.webhook.id, secret: answer.body.secretKey, answer };
};

const post = async (id: string, body: string, headers: Record<string, string>): Promise<Answer> => {
  const answer = await fetchWorker(`${WEBHOOKS}/receive/${id}`, { method: "POST", headers, body });
  return { status: answer.status, headers: answer.headers, body: await answer.json() };
};

let messages = 0;
const standard = (secret: string, body: string, { id = `msg_${messages++}`, at = new Date() } = {}) => ({
  "content-type": "application/json",
  "webhook-id": id,
  "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
  "webhook-signature": new Webhook(secret).sign(id, at, body),
});
const hex = (secret: string, body: string) => ({
  "x-webhook-signature": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
});
const send = ({ id, secret }: Made, payload: unknown, headers: Record<string, string> = {}) => {
  const body = JSON.stringify(payload);
  return post(id, body, { ...standard(secret, body), ...headers });
};

const runOf = (executionId: string) =>
  until(
    () => call(who, "GET", `/api/v1/workflows/executions/${executionId}`),
    ({ status, body }) => status === 200 && body.data.status === "completed",
  );

describe("an endpoint", () => {
  it("is made with a secret that is shown once, and instructions that work", async () => {
    const { id, secret, answer } = await make({ allowedOrigins: ["https://Shop.example.com/"], rateLimit: 90 });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(answer.body.endpointUrl).toMatch(new RegExp(`${WEBHOOKS}/receive/${id}$`));
    expect(answer.body.webhook.endpointId).toBe(id);
    expect(answer.body.webhook).toMatchObject({
      name: "Shop",
      workflowId,
      api: "enhanced",
      enabled: true,
      allowedOrigins: ["https://shop.example.com"],
      rateLimit: 90,
      transformPayload: null,
      filterConditions: [],
      statistics: { received: 0, refused: 0, successRate: null, lastReceivedAt: null },
    });
    expect(answer.body.testInstructions.curl).toContain(answer.body.endpointUrl);
    expect(answer.body.testInstructions.curl).toMatch(/^: "\$\{SECRET_KEY:\?/);
    const read = await call(who, "GET", `${WEBHOOKS}/${id}`);
    expect(read.status).toBe(200);
    expect(JSON.stringify(read.body)).not.toContain("whsec_");
    const { body: list } = await call(who, "GET", WEBHOOKS);
    // What the OpenAPI document promises.
    schema.createdWebhook.parse(answer.body);
    schema.oneWebhook.parse(read.body);
    schema.webhookList.parse(list);
    expect(list.webhooks.map((one: { id: string }) => one.id)).toContain(id);
    expect(JSON.stringify(list)).not.toContain("whsec_");
    expect(list.statistics.totalWebhooks).toBe(list.pagination.total);
  });

  it.each([
    [{ name: 1 }, "name"],
    [{ rateLimit: 0 }, "rateLimit"],
    [{ rateLimit: "60" }, "rateLimit"],
    [{ allowedOrigins: ["shop.example.com"] }, "allowedOrigins.0"],
    [{ allowedOrigins: ["https://a.example", "https://b.example/path"] }, "allowedOrigins.1"],
    [{ transformPayload: { language: "jmespath", expression: "a" } }, "transformPayload.language"],
    [{ transformPayload: { language: "jsonata", expression: "{'a':" } }, "transformPayload.expression"],
    [{ filterConditions: [{ field: "a", operator: "like", value: 1 }] }, "filterConditions.0.operator"],
    [
      { filterConditions: { operator: "and", conditions: [{ operator: "exists" }] } },
      "filterConditions.conditions.0.field",
    ],
    [{ secretKey: "mine" }, "secretKey"],
  ])("names what is wrong with %j", async (over, field) => {
    const { status, body } = await call(who, "POST", WEBHOOKS, { name: "Shop", workflowId, ...over });
    expect(status).toBe(400);
    expect(body.validation.map((one: { field: string }) => one.field)).toContain(field);
  });

  it("is of a workflow of one's own", async () => {
    const stranger = await makeOrganization();
    expect((await call(stranger, "POST", WEBHOOKS, { name: "x", workflowId })).body.error.code).toBe(
      "WORKFLOW_NOT_FOUND",
    );
    const { id } = await make();
    for (const [method, path] of [
      ["GET", ""],
      ["PUT", ""],
      ["DELETE", ""],
      ["POST", "/rotate-secret"],
      ["POST", "/test"],
    ] as const) {
      const body = path === "/test" ? { payload: {} } : method === "PUT" ? { name: "y" } : {};
      expect(
        (await call(stranger, method, `${WEBHOOKS}/${id}${path}`, method === "GET" ? undefined : body)).status,
      ).toBe(404);
    }
    const viewer = await join(who.organizationId, crypto.randomUUID(), "viewer");
    expect((await call(viewer, "PATCH", `${WEBHOOKS}/${id}`, { name: "y" })).body.error.code).toBe(
      "INSUFFICIENT_PERMISSIONS",
    );
    expect((await call(viewer, "GET", `${WEBHOOKS}/${id}`)).status).toBe(200);
  });

  it("shows the core API's webhooks, which are changed there, and core shows its own only", async () => {
    const { body } = await call(who, "POST", `/api/v1/workflows/${workflowId}/webhooks`, { name: "core's" });
    const coreId = body.data.webhook_id;
    const { body: seen } = await call(who, "GET", `${WEBHOOKS}/${coreId}`);
    expect(seen.webhook).toMatchObject({ api: "core", name: "core's" });
    expect(JSON.stringify(seen)).not.toContain(body.data.token ?? "no token");
    expect((await call(who, "PATCH", `${WEBHOOKS}/${coreId}`, { name: "mine" })).status).toBe(409);
    await make();
    const { body: ofCore } = await call(who, "GET", `/api/v1/workflows/${workflowId}/webhooks`);
    expect(ofCore.data.map((one: { webhook_id: string }) => one.webhook_id)).toEqual([coreId]);
  });
});

describe("receiving", () => {
  it("starts the workflow once for one delivery, by either signature", async () => {
    const hook = await make();
    const body = JSON.stringify({ total: 12 });
    const headers = standard(hook.secret, body);
    const first = await post(hook.id, body, headers);
    expect(first.status, JSON.stringify(first.body)).toBe(200);
    expect(first.body).toMatchObject({ success: true, workflowsTriggered: [workflowId], duplicate: false });
    expect(first.body.processingTime).toBeTypeOf("number");
    schema.receivedWebhook.parse(first.body);
    expect(first.headers.get("x-ratelimit-limit")).toBe("60");
    const again = await post(hook.id, body, headers);
    expect(again.body).toMatchObject({
      duplicate: true,
      executionIds: first.body.executionIds,
      eventId: first.body.eventId,
    });
    const { body: run } = await runOf(first.body.executionIds[0]);
    expect(run.data.status).toBe("completed");

    const plain = await post(hook.id, body, { ...hex(hook.secret, body), "idempotency-key": "order-1" });
    expect(plain.body).toMatchObject({ workflowsTriggered: [workflowId], duplicate: false });
    const repeated = await post(hook.id, body, { ...hex(hook.secret, body), "idempotency-key": "order-1" });
    expect(repeated.body).toMatchObject({ duplicate: true, executionIds: plain.body.executionIds });
  });

  it("starts one run of a delivery that comes ten times at once", async () => {
    const hook = await make();
    const body = JSON.stringify({ total: 5 });
    const headers = standard(hook.secret, body);
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(hook.id, body, headers)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body.executionIds[0])).size).toBe(1);
    expect(answers.filter(({ body }) => !body.duplicate)).toHaveLength(1);
    const { body: seen } = await until(
      () => call(who, "GET", `${WEBHOOKS}/${hook.id}`),
      ({ body }) => body.webhook.statistics.received === 10,
    );
    expect(seen.webhook.statistics).toMatchObject({ accepted: 1, duplicates: 9, refused: 0, successRate: 100 });
  });

  it("refuses what is not signed, not whole, stale, or signed with another secret, and starts nothing", async () => {
    const hook = await make();
    const other = await make();
    const body = JSON.stringify({ total: 1 });
    const old = new Date(Date.now() - 301_000);
    const cases: [Record<string, string>, number][] = [
      [{}, 401],
      [standard(other.secret, body), 401],
      [standard(hook.secret, `${body} `), 401],
      [standard(hook.secret, body, { at: old }), 401],
      [standard(hook.secret, body, { at: new Date(Date.now() + 301_000) }), 401],
      [{ ...standard(hook.secret, body), "webhook-signature": "v1," }, 401],
      [{ ...standard(hook.secret, body), "webhook-signature": "v1a,abc" }, 401],
      [{ ...standard(hook.secret, body), "webhook-id": "another" }, 401],
      [hex(other.secret, body), 401],
      [hex(hook.secret.replace("whsec_", ""), body), 401],
      [
        {
          "x-webhook-signature": `sha256=${createHmac("sha256", hook.secret).update(body).digest("hex").slice(0, 63)}`,
        },
        401,
      ],
    ];
    for (const [headers, status] of cases) {
      const answer = await post(hook.id, body, headers);
      expect([answer.status, answer.body.error.code]).toEqual([status, "WEBHOOK_INVALID"]);
      // Who has not the secret learns the limit and uses nothing of it up.
      expect([answer.headers.get("x-ratelimit-limit"), answer.headers.get("x-ratelimit-remaining")]).toEqual([
        "60",
        "60",
      ]);
    }
    // Counted at once; the database follows.
    const { body: seen } = await call(who, "GET", `${WEBHOOKS}/${hook.id}`);
    const { body: all } = await call(who, "GET", `${WEBHOOKS}?workflowId=${workflowId}`);
    expect(all.webhooks.find((one: { id: string }) => one.id === hook.id).statistics).toEqual(seen.webhook.statistics);
    expect(all.statistics.refusedByReason.signature_missing).toBeGreaterThan(0);
    await until(
      async () => ({
        status: 200,
        headers: new Headers(),
        body: await db
          .prepare("SELECT counts FROM webhooks WHERE id = ?1")
          .bind(hook.id)
          .first<{ counts: string | null }>(),
      }),
      ({ body }) => JSON.parse(body.counts ?? "{}").received === cases.length,
    );
    expect(seen.webhook.statistics).toMatchObject({
      accepted: 0,
      refused: cases.length,
      refusedByReason: { signature_missing: 1, signature_stale: 2, signature_invalid: cases.length - 3 },
      successRate: 0,
      lastRefusal: { reason: "signature_invalid" },
    });
  });

  it("takes several signatures, and both secrets while one is rotated", async () => {
    const hook = await make();
    const rotated = await call(who, "POST", `${WEBHOOKS}/${hook.id}/rotate-secret`, { overlapSeconds: 3600 });
    expect(rotated.status).toBe(200);
    expect(rotated.body.secretKey).not.toBe(hook.secret);
    expect(Date.parse(rotated.body.previousSecretValidUntil)).toBeGreaterThan(Date.now() + 3_500_000);
    const fresh = { ...hook, secret: rotated.body.secretKey };
    expect((await send(hook, { n: 1 })).status).toBe(200);
    expect((await send(fresh, { n: 2 })).status).toBe(200);
    const body = JSON.stringify({ n: 3 });
    const right = standard(fresh.secret, body);
    const several = { ...right, "webhook-signature": `v1,bm9uZQ== v1a,x ${right["webhook-signature"]}` };
    expect((await post(hook.id, body, several)).status).toBe(200);
    const last = await call(who, "POST", `${WEBHOOKS}/${hook.id}/rotate-secret`, { overlapSeconds: 0 });
    expect(last.body.previousSecretValidUntil).toBeNull();
    expect((await send(hook, { n: 4 })).status).toBe(401);
    expect((await send(fresh, { n: 5 })).status).toBe(401);
    expect((await send({ ...hook, secret: last.body.secretKey }, { n: 6 })).status).toBe(200);
  });

  it("knows who may not, and who is unknown", async () => {
    const hook = await make({ allowedOrigins: ["https://shop.example.com"] });
    expect((await send(hook, {}, { origin: "https://evil.example.com" })).status).toBe(403);
    expect((await send(hook, {}, { origin: "https://shop.example.com" })).status).toBe(200);
    expect((await send(hook, {})).status).toBe(200);
    await call(who, "PATCH", `${WEBHOOKS}/${hook.id}`, { allowedOrigins: ["*"] });
    expect((await send(hook, {}, { origin: "https://evil.example.com" })).status).toBe(200);
    await call(who, "PATCH", `${WEBHOOKS}/${hook.id}`, { enabled: false });
    expect((await send(hook, {})).status).toBe(403);
    await call(who, "DELETE", `${WEBHOOKS}/${hook.id}`);
    expect((await send(hook, {})).status).toBe(404);
    const missing = await send({ ...hook, id: crypto.randomUUID() }, {});
    expect([missing.status, missing.headers.get("x-ratelimit-limit")]).toEqual([404, "1000"]);
    expect((await send({ ...hook, id: "a".repeat(43) }, {})).status).toBe(404);
    const draft = await make({ workflowId: await createWorkflow(who, hooked()) });
    expect((await send(draft, {})).body.error.code).toBe("WEBHOOK_INVALID");
  });

  it("tells browsers which pages may call, by its own list and without a statement or a count", async () => {
    const [shop, evil] = ["https://shop.example.com", "https://evil.example.com"];
    const hook = await make({ allowedOrigins: [shop], rateLimit: 2 });
    const asks = async (origin: string | undefined, id = hook.id) => {
      const named: Record<string, string> = origin === undefined ? {} : { origin };
      const { status, headers } = await fetchWorker(`${WEBHOOKS}/receive/${id}`, { method: "OPTIONS", headers: named });
      expect([status, headers.get("vary"), headers.get("x-ratelimit-limit")]).toEqual([204, "Origin", "1000"]);
      return Object.fromEntries([...headers].filter(([name]) => name.startsWith("access-control-")));
    };
    const prepared = vi.spyOn(testEnv.DB, "prepare");
    const lookups = () => prepared.mock.calls.filter(([sql]) => sql.includes("w.token = ")).length;
    expect(await asks(shop)).toEqual({
      "access-control-allow-origin": shop,
      "access-control-allow-methods": "POST",
      "access-control-allow-headers":
        "content-type, idempotency-key, webhook-id, webhook-timestamp, webhook-signature, x-webhook-signature",
      "access-control-max-age": "600",
      "access-control-expose-headers": expect.stringContaining("Retry-After"),
    });
    for (const origin of [evil, "null", `${shop}.evil.example`, "http://shop.example.com", undefined])
      expect(await asks(origin), origin).toEqual({});
    expect(lookups()).toBe(0);
    expect(await asks(shop, crypto.randomUUID())).toEqual({});
    expect(lookups()).toBe(1);
    expect(await asks(shop, "a".repeat(43))).toEqual({});
    prepared.mockRestore();

    const readable = ({ status, headers }: Answer) => [status, headers.get("access-control-allow-origin")];
    expect(readable(await send(hook, { n: 1 }, { origin: shop }))).toEqual([200, shop]);
    expect(readable(await post(hook.id, "{}", { origin: shop }))).toEqual([401, shop]);
    expect(readable(await send(hook, { n: 2 }, { origin: shop }))).toEqual([200, shop]);
    const late = await send(hook, { n: 3 }, { origin: shop });
    expect([...readable(late), late.headers.get("vary")]).toEqual([429, shop, "Origin"]);
    expect(readable(await send(hook, {}, { origin: evil }))).toEqual([403, null]);
    expect(readable(await send(hook, {}))).toEqual([429, null]);
    const { body } = await until(
      () => call(who, "GET", `${WEBHOOKS}/${hook.id}`),
      ({ body }) => body.webhook.statistics.received >= 6,
    );
    expect(body.webhook.statistics.received).toBe(6);

    await call(who, "PATCH", `${WEBHOOKS}/${hook.id}`, { allowedOrigins: ["*"] });
    expect(await asks(evil)).toMatchObject({ "access-control-allow-origin": evil });
    await call(who, "PATCH", `${WEBHOOKS}/${hook.id}`, { enabled: false });
    expect(await asks(evil)).toEqual({});
    expect(readable(await send(hook, {}, { origin: evil }))).toEqual([403, null]);
  });

  it("refuses malformed JSON with 400, and keeps what is no object as body", async () => {
    const hook = await make();
    for (const body of ["", "{", '{"a":1}{', "\u0000"])
      expect((await post(hook.id, body, standard(hook.secret, body))).status).toBe(400);
    expect((await send(hook, [1, 2])).status).toBe(200);
  });

  it("holds the rate limit a minute, with its headers", async () => {
    const hook = await make({ rateLimit: 2 });
    expect((await send(hook, { n: 1 })).status).toBe(200);
    // Who has not the secret does not use it up.
    await post(hook.id, "{}", {});
    const second = await send(hook, { n: 2 });
    expect([second.status, second.headers.get("x-ratelimit-remaining")]).toEqual([200, "0"]);
    const third = await send(hook, { n: 3 });
    expect([third.status, third.body.error.code]).toEqual([429, "RATE_LIMIT_EXCEEDED"]);
    expect(Number(third.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(Number(third.headers.get("x-ratelimit-reset"))).toBeGreaterThan(Date.now() / 1000);
  });

  it("lets through what the filters want, list or tree", async () => {
    const hook = await make({
      filterConditions: [
        { field: "total", operator: "greater", value: 10 },
        { field: "event.data.customer.country", operator: "in", value: ["DE", "AT"] },
      ],
    });
    const good = await send(hook, { total: 11, customer: { country: "AT" } });
    expect(good.body).toMatchObject({ workflowsTriggered: [workflowId], filtered: false });
    const bad = await send(hook, { total: 10, customer: { country: "AT" } });
    expect([bad.status, bad.body.success, bad.body.workflowsTriggered, bad.body.filtered]).toEqual([
      200,
      true,
      [],
      true,
    ]);
    const tree = {
      operator: "or",
      conditions: [
        { field: "a", operator: "exists" },
        { field: "b", operator: "exists" },
      ],
    };
    const changed = await call(who, "PUT", `${WEBHOOKS}/${hook.id}`, { filterConditions: tree });
    expect(changed.body.webhook.filterConditions).toEqual([tree]);
    expect((await send(hook, { b: 1 })).body.filtered).toBe(false);
    expect((await send(hook, { c: 1 })).body.filtered).toBe(true);
    await call(who, "PUT", `${WEBHOOKS}/${hook.id}`, { workflowId, filterConditions: null, transformPayload: null });
    const moved = await call(who, "PUT", `${WEBHOOKS}/${hook.id}`, { workflowId: null });
    expect(moved.body.validation).toMatchObject([{ field: "workflowId" }]);
    expect((await send(hook, { c: 1 })).body.filtered).toBe(false);
  });

  it("makes the event of the transform's result; a transform that fails is said to sender and owner", async () => {
    const target = await publishWorkflow(
      who,
      listening([{ field: "event.data.total", operator: "equals", value: 14 }] as never),
    );
    const hook = await make({
      workflowId: undefined,
      transformPayload: { language: "jsonata", expression: '{"total": $sum(items.(price * n))}' },
    });
    const sent = await send(hook, {
      items: [
        { price: 2, n: 2 },
        { price: 5, n: 2 },
      ],
    });
    expect(sent.body.workflowsTriggered).toEqual([target]);
    await runOf(sent.body.executionIds[0]);
    const failing = await send(hook, { items: [{ price: "two", n: 2 }] });
    expect(failing.status).toBe(422);
    expect(JSON.stringify(failing.body)).not.toContain("$sum");
    const { body } = await until(
      () => call(who, "GET", `${WEBHOOKS}/${hook.id}`),
      ({ body }) => body.webhook.statistics.refused === 1,
    );
    expect(body.webhook.statistics.lastRefusal.reason).toBe("transform_failed");
    await call(who, "PATCH", `${WEBHOOKS}/${hook.id}`, {
      transformPayload: { language: "jsonata", expression: "($f := function($x){$f($x)}; $f(1))" },
    });
    expect((await send(hook, { items: [] })).status).toBe(422);
    await call(who, "POST", `/api/v1/workflows/${target}/archive`, {});
  });

  it("without a workflow goes to all that subscribe, and says whom, as that changes", async () => {
    const owner = await makeOrganization();
    const hook = await make({ workflowId: undefined }, owner);
    expect((await send(hook, { total: 1 })).body.workflowsTriggered).toEqual([]);
    const all = await publishWorkflow(owner, listening());
    const large = await publishWorkflow(
      owner,
      listening([{ field: "event.data.total", operator: "greater", value: 100 }] as never),
    );
    expect((await send(hook, { total: 1 })).body.workflowsTriggered).toEqual([all]);
    const both = await send(hook, { total: 101 });
    expect(both.body.workflowsTriggered.toSorted()).toEqual([all, large].toSorted());
    for (const id of both.body.executionIds)
      await until(
        () => call(owner, "GET", `/api/v1/workflows/executions/${id}`),
        ({ status, body }) => status === 200 && body.data.status === "completed",
      );
    await call(owner, "DELETE", `/api/v1/workflows/${all}`);
    expect((await send(hook, { total: 1 })).body.workflowsTriggered).toEqual([]);
  });
});

describe("a test of an endpoint", () => {
  it("says which workflows would start, and starts none", async () => {
    const owner = await makeOrganization();
    const own = await publishWorkflow(owner, hooked());
    const other = await publishWorkflow(
      owner,
      listening([{ field: "event.headers.x-kind", operator: "equals", value: "paid" }] as never),
    );
    const hook = await make(
      {
        workflowId: own,
        filterConditions: [{ field: "n", operator: "exists" }],
        transformPayload: { language: "jsonata", expression: '{"total": n * 2}' },
      },
      owner,
    );
    const attempt = (body: object) => call(owner, "POST", `${WEBHOOKS}/${hook.id}/test`, body);
    const good = await attempt({ payload: { n: 2 }, headers: { "X-Kind": "paid" } });
    expect(good.status, JSON.stringify(good.body)).toBe(200);
    expect(good.body).toMatchObject({ success: true, processedPayload: { total: 4 } });
    schema.testedWebhook.parse(good.body);
    expect(good.body.triggeredWorkflows.toSorted()).toEqual([own, other].toSorted());
    expect((await attempt({ payload: { n: 2 } })).body.triggeredWorkflows).toEqual([own]);
    const filtered = await attempt({ payload: { m: 2 } });
    expect(filtered.body).toMatchObject({ success: false, triggeredWorkflows: [] });
    expect(filtered.body.logs.at(-1)).toMatchObject({ step: "filter", level: "warning" });
    const failing = await attempt({ payload: { n: "two" } });
    expect(failing.body.logs.at(-1)).toMatchObject({ step: "transform", level: "error" });
    await call(owner, "PATCH", `${WEBHOOKS}/${hook.id}`, { enabled: false });
    expect((await attempt({ payload: { n: 2 } })).body).toMatchObject({ success: false, triggeredWorkflows: [] });
    expect((await attempt({ payload: [] })).status).toBe(400);
    const { results } = await db.prepare("SELECT 1 FROM executions WHERE org_id = ?1").bind(owner.organizationId).all();
    expect(results).toEqual([]);
    expect((await call(owner, "GET", `${WEBHOOKS}/${hook.id}`)).body.webhook.statistics.received).toBe(0);
  });
});
