// Outgoing webhooks: what leaves, how it is signed and repeated, and what is kept of it. The receiver is a script behind fetch; objects are real.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import * as schema from "../../../src/api/enhanced/deliveries/schema.ts";
import { DomainError } from "../../../src/domain/errors.ts";
import { makePorts } from "../../../src/objects/ports.ts";
import { sweeperStub } from "../../../src/objects/rpc.ts";
import { testApp } from "../../fixtures/app.ts";
import { db, join, type Tenant, testEnv } from "../../fixtures/identity.ts";
import { eventually } from "../../objects/kit.ts";
import { call, makeOrganization, until } from "../core/kit.ts";

const WEBHOOKS = "/api/v2/webhooks";
const TARGET = "https://receiver.example.com/hooks/4f9c2d7be0a94f1c8d7e?token=topsecret&kind=order";
const CANARY = "canary-5f0c1d";

type Received = { url: string; method: string; headers: Headers; body: string };
let received: Received[];
/** What the receiver answers, one after the other; the last one again and again. */
let script: (() => Response | Promise<Response>)[];

let who: Tenant;
beforeAll(async () => {
  who = await makeOrganization();
});
beforeEach(() => {
  received = [];
  script = [() => Response.json({ ok: true })];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    received.push({
      url: request.url,
      method: request.method,
      headers: request.headers,
      body: await request.text(),
    });
    return (script.length > 1 ? script.shift()! : script[0]!)();
  });
});
afterEach(() => vi.restoreAllMocks());

const send = (body: object, of = who) => call(of, "POST", `${WEBHOOKS}/send`, { url: TARGET, method: "POST", ...body });
const secretOf = async (of = who) => (await call(of, "GET", `${WEBHOOKS}/signing-secret`)).body;
const stubOf = (id: string, of = who) =>
  testEnv.DELIVERY.get(testEnv.DELIVERY.idFromName(`${of.organizationId}/${id}`));

describe("sending", () => {
  it("sends once, signed, and answers what the receiver said", async () => {
    const { status, body } = await send({ payload: { order: 7 }, headers: { "X-Kind": "order" } });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toMatchObject({
      success: true,
      responseStatus: 200,
      responseBody: { ok: true },
      status: "delivered",
      attempts: [{ attempt: 1, responseStatus: 200, error: null }],
      nextAttemptAt: null,
      timing: { attempts: 1, durationMs: expect.any(Number), requestMs: expect.any(Number) },
    });
    expect(received).toHaveLength(1);
    schema.sent.parse(body);
    const [{ url, method, headers, body: sent }] = received as [Received];
    expect([url, method, sent]).toEqual([TARGET, "POST", '{"order":7}']);
    expect(headers.get("x-kind")).toBe("order");
    expect(headers.get("content-type")).toBe("application/json");
    expect(headers.get("idempotency-key")).toBe(body.messageId);
    expect(headers.get("webhook-id")).toBe(body.messageId);
    const { secretKey } = await secretOf();
    expect(new Webhook(secretKey).verify(sent, Object.fromEntries(headers))).toEqual({ order: 7 });
  });

  it("puts the payload of a GET into the query", async () => {
    const { status, body } = await send({ method: "GET", payload: { q: "a b&c", n: 5, list: [1, { x: null }] } });
    expect(status, JSON.stringify(body)).toBe(200);
    const [{ url, method, headers, body: sent }] = received as [Received];
    expect([method, sent]).toEqual(["GET", ""]);
    const { searchParams } = new URL(url);
    expect([...searchParams]).toEqual([
      ...new URL(TARGET).searchParams,
      ["q", "a b&c"],
      ["n", "5"],
      ["list", '[1,{"x":null}]'],
    ]);
    const { secretKey } = await secretOf();
    expect(() => new Webhook(secretKey).verify("", Object.fromEntries(headers))).not.toThrow();
  });

  it("repeats what may be repeated under the same key, and answers the last", async () => {
    script = [
      () => new Response("busy", { status: 503 }),
      () => Promise.reject(new TypeError("connection reset")),
      () => new Response("done", { status: 201 }),
    ];
    const { body } = await send({ payload: {}, retryConfig: { maxAttempts: 5, backoffMs: 20, multiplier: 2 } });
    expect(body).toMatchObject({ success: true, responseStatus: 201, responseBody: "done" });
    expect(body.attempts.map((one: { responseStatus: number | null }) => one.responseStatus)).toEqual([503, null, 201]);
    expect(new Set(received.map(({ headers }) => headers.get("idempotency-key"))).size).toBe(1);
    const [first, second] = body.attempts;
    expect(Date.parse(second.startedAt) - Date.parse(first.startedAt)).toBeGreaterThanOrEqual(20);
  });

  it("gives up where a repetition is no use, or at the last attempt", async () => {
    script = [() => Response.json({ error: "no" }, { status: 422 })];
    const refused = await send({ payload: {}, retryConfig: { maxAttempts: 5, backoffMs: 1 } });
    expect(refused.body).toMatchObject({
      success: false,
      responseStatus: 422,
      responseBody: { error: "no" },
      status: "failed",
    });
    expect(received).toHaveLength(1);
    script = [() => new Response(null, { status: 500 })];
    const failing = await send({ payload: {}, retryConfig: { maxAttempts: 3, backoffMs: 1 } });
    expect(failing.body).toMatchObject({
      success: false,
      responseStatus: 500,
      responseBody: null,
      timing: { attempts: 3 },
    });
    script = [() => Promise.reject(new TypeError("no such host"))];
    expect((await send({})).body).toMatchObject({ success: false, responseStatus: 0, status: "failed" });
  });

  it("is cut off after its time", async () => {
    script = [() => new Promise<Response>(() => {})];
    const { body } = await send({ payload: {}, timeout: 50 });
    expect(body).toMatchObject({ success: false, responseStatus: 0, attempts: [{ error: { code: "TIMEOUT" } }] });
  });

  it.each([
    [{ url: "http://169.254.169.254/latest" }, "url"],
    [{ url: "https://127.0.0.1/" }, "url"],
    [{ url: "https://[::ffff:10.0.0.1]/" }, "url"],
    [{ url: "file:///etc/passwd" }, "url"],
    [{ url: "https://user:pass@example.com/" }, "url"],
    [{ url: 5 }, "url"],
    [{ method: "PATCH" }, "method"],
    [{ method: "GET", payload: { a: "x".repeat(8_000) } }, "payload"],
    [{ payload: "text" }, "payload"],
    [{ headers: { "bad name": "x" } }, "headers.bad name"],
    [{ headers: { ok: "a\r\nInjected: yes" } }, "headers.ok"],
    [{ headers: { "Webhook-Signature": "v1,mine" } }, "headers.Webhook-Signature"],
    [{ timeout: 30_001 }, "timeout"],
    [{ retryConfig: { maxAttempts: 11, backoffMs: 1 } }, "retryConfig.maxAttempts"],
    [{ retryConfig: { maxAttempts: 2 } }, "retryConfig.backoffMs"],
  ])("names what is wrong with %j, and sends nothing", async (over, field) => {
    const { status, body } = await send(over);
    expect(status, JSON.stringify(body)).toBe(400);
    expect(body.validation.map((one: { field: string }) => one.field)).toContain(field);
    expect(received).toEqual([]);
  });

  it("was not sent when its object was out of reach, and is when it is asked for again with its key", async () => {
    const real = makePorts(testEnv).deliveries;
    const outages: ((...order: Parameters<typeof real.send>) => Promise<never>)[] = [
      async () => {
        throw new DomainError("unavailable", "out of reach");
      },
      async (...order) => {
        await real.send(...order);
        throw new DomainError("unavailable", "its answer got lost");
      },
    ];
    const deliveries = {
      ...real,
      send: (...order: Parameters<typeof real.send>) => (outages.shift() ?? real.send)(...order),
    };
    const lone = await makeOrganization();
    const { fetch: request } = testApp({ ports: { deliveries } });
    const ask = async () => {
      const answer = await request(`${WEBHOOKS}/send`, {
        method: "POST",
        headers: { ...lone.headers, "content-type": "application/json", "Idempotency-Key": "one" },
        body: JSON.stringify({ url: TARGET, method: "POST", payload: {} }),
      });
      // biome-ignore lint/suspicious/noExplicitAny: looked at field by field
      return { status: answer.status, body: (await answer.json()) as any };
    };
    expect((await ask()).status).toBe(503);
    expect(received).toHaveLength(0);
    expect((await ask()).status).toBe(503);
    expect(received).toHaveLength(1);
    const last = await ask();
    expect(last, JSON.stringify(last.body)).toMatchObject({ status: 409 });
    const { body } = await call(lone, "GET", `${WEBHOOKS}/deliveries`);
    expect(last.body.error.message).toContain(`delivery.sent ${body.deliveries[0].id}`);
    expect(received).toHaveLength(1);
    expect(body.pagination.total).toBe(1);
  });

  it("follows redirects to nobody who may not be called", async () => {
    script = [() => new Response(null, { status: 307, headers: { location: "http://10.0.0.1/" } })];
    const { body } = await send({ payload: {} });
    expect(body).toMatchObject({ success: false, attempts: [{ error: { code: "EGRESS_REFUSED" } }] });
    expect(received).toHaveLength(1);
  });

  it("is for operators, and a viewer reads the log", async () => {
    const viewer = await join(who.organizationId, crypto.randomUUID(), "viewer");
    expect((await send({}, viewer)).status).toBe(403);
    expect((await call(viewer, "GET", `${WEBHOOKS}/deliveries`)).status).toBe(200);
    expect((await call(viewer, "GET", `${WEBHOOKS}/signing-secret`)).status).toBe(403);
  });
});

describe("the log", () => {
  it("has each attempt, and none of the credentials", async () => {
    script = [() => new Response(null, { status: 500 }), () => Response.json({ ok: true })];
    const { body } = await send({
      payload: { card: CANARY },
      headers: { Authorization: `Bearer ${CANARY}`, "X-Partner": CANARY, "Content-Type": "application/json" },
      retryConfig: { maxAttempts: 2, backoffMs: 1 },
    });
    const { body: read } = await until(
      () => call(who, "GET", `${WEBHOOKS}/deliveries/${body.deliveryId}`),
      ({ status, body }) => status === 200 && body.delivery.status === "delivered",
    );
    expect(read.delivery).toMatchObject({
      url: "https://receiver.example.com/hooks/***?token=***&kind=***",
      method: "POST",
      headers: { authorization: "***", "x-partner": "***", "content-type": "application/json" },
      attempts: [{ responseStatus: 500 }, { responseStatus: 200, responseBody: '{"ok":true}' }],
      attemptCount: 2,
      success: true,
    });
    const { body: list } = await call(who, "GET", `${WEBHOOKS}/deliveries?status=delivered`);
    expect(list.deliveries[0].id).toBe(body.deliveryId);
    schema.deliveryList.parse(list);
    schema.oneDelivery.parse(read);
    expect((await call(who, "GET", `${WEBHOOKS}/deliveries?status=lost`)).status).toBe(400);
    const kept = await runInDurableObject(stubOf(body.deliveryId), (_, state) =>
      JSON.stringify([...state.storage.kv.list()]),
    );
    const rows = JSON.stringify((await db.prepare("SELECT * FROM deliveries").all()).results);
    const audit = JSON.stringify((await db.prepare("SELECT * FROM audit").all()).results);
    for (const text of [JSON.stringify(read), kept, rows, audit]) {
      expect(text).not.toContain(CANARY);
      expect(text).not.toContain("topsecret");
    }
  });

  it("lets the same be sent once more, under the same message id", async () => {
    script = [() => new Response(null, { status: 400 })];
    const { body: first } = await send({ payload: { n: 1 }, headers: { "X-Key": CANARY } });
    script = [() => new Response("ok")];
    const { status, body } = await call(who, "POST", `${WEBHOOKS}/deliveries/${first.deliveryId}/replay`, {});
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toMatchObject({ success: true, messageId: first.messageId });
    expect(body.deliveryId).not.toBe(first.deliveryId);
    expect(received.map((one) => [one.body, one.headers.get("x-key"), one.headers.get("webhook-id")])).toEqual(
      Array(2).fill(['{"n":1}', CANARY, first.messageId]),
    );
    const { body: read } = await call(who, "GET", `${WEBHOOKS}/deliveries/${body.deliveryId}`);
    expect(read.delivery.replayOf).toBe(first.deliveryId);
  });

  it("is an organisation's own", async () => {
    const { body } = await send({ payload: {} });
    const stranger = await makeOrganization();
    for (const [method, path] of [
      ["GET", ""],
      ["POST", "/replay"],
    ] as const)
      expect((await call(stranger, method, `${WEBHOOKS}/deliveries/${body.deliveryId}${path}`)).status).toBe(404);
    expect((await call(stranger, "GET", `${WEBHOOKS}/deliveries`)).body.deliveries).toEqual([]);
    expect((await secretOf(stranger)).secretKey).not.toBe((await secretOf()).secretKey);
  });
});

describe("what outlives its caller", () => {
  it("a retry is made by the alarm when its time has come, by whatever life of the object", async () => {
    script = [() => new Response(null, { status: 503 })];
    const { body: pending } = await send({ payload: { n: 2 }, retryConfig: { maxAttempts: 2, backoffMs: 3_600_000 } });
    expect(pending).toMatchObject({ success: false, status: "pending", responseStatus: 503 });
    const { deliveryId: id, nextAttemptAt } = pending;
    await until(
      () => call(who, "GET", `${WEBHOOKS}/deliveries?status=pending`),
      ({ body }) => body.deliveries[0]?.attemptCount === 1,
    );
    expect(Date.parse(nextAttemptAt)).toBeGreaterThan(Date.now() + 3_500_000);
    await runInDurableObject(stubOf(id), (_, state) => {
      const kept = state.storage.kv.get<{ delivery: object }>("delivery")!;
      state.storage.kv.put("delivery", { ...kept, delivery: { ...kept.delivery, nextAttemptAt: 1 } });
    });
    script = [() => new Response("ok")];
    await evictDurableObject(stubOf(id));
    await runDurableObjectAlarm(stubOf(id));
    const { body } = await call(who, "GET", `${WEBHOOKS}/deliveries/${id}`);
    expect(body.delivery).toMatchObject({ status: "delivered", attemptCount: 2 });
    expect(received[0]!.headers.get("idempotency-key")).toBe(received[1]!.headers.get("idempotency-key"));
  });

  it("a retry whose alarm got lost is made by the sweeper", async () => {
    script = [() => new Response(null, { status: 503 })];
    const { body } = await send({ payload: {}, retryConfig: { maxAttempts: 2, backoffMs: 3_600_000 } });
    const id = body.deliveryId;
    await until(
      () => call(who, "GET", `${WEBHOOKS}/deliveries/${id}`),
      (answer) => answer.body.delivery?.attemptCount === 1,
    );
    const due = Date.now() - 150_000;
    await runInDurableObject(stubOf(id), async (_, state) => {
      const kept = state.storage.kv.get<{ delivery: object }>("delivery")!;
      state.storage.kv.put("delivery", { ...kept, delivery: { ...kept.delivery, nextAttemptAt: due } });
      await state.storage.deleteAlarm();
    });
    await evictDurableObject(stubOf(id));
    await db.prepare("UPDATE deliveries SET next_attempt_at = ?2 WHERE id = ?1").bind(id, due).run();
    script = [() => new Response("ok")];
    await sweeperStub(testEnv).ensure();
    await runDurableObjectAlarm(testEnv.SWEEPER.get(testEnv.SWEEPER.idFromName("sweeper")));
    const after = await call(who, "GET", `${WEBHOOKS}/deliveries/${id}`);
    expect(after.body.delivery).toMatchObject({ status: "delivered", attemptCount: 2 });
  });

  it("an attempt that was on its way is of unknown outcome, and is made again under its key", async () => {
    const { body: sent } = await send({ payload: { n: 3 } });
    const begin = (attempts: object[], maxAttempts: number) =>
      runInDurableObject(stubOf(sent.deliveryId), (_, state) => {
        const kept = state.storage.kv.get<{ delivery: object }>("delivery")!;
        const open = { status: "pending", attempts, maxAttempts, nextAttemptAt: 1, completedAt: null };
        const begun = { attempt: attempts.length + 1, startedAt: Date.now() - 1_000 };
        state.storage.kv.put("delivery", { ...kept, delivery: { ...kept.delivery, ...open }, begun, isTold: true });
      });
    const stateOf = () =>
      runInDurableObject(
        stubOf(sent.deliveryId),
        (_, state) =>
          state.storage.kv.get<{ delivery: { status: string; attempts: { error: unknown }[] } }>("delivery")!.delivery,
      );
    await begin([], 2);
    await evictDurableObject(stubOf(sent.deliveryId));
    await runDurableObjectAlarm(stubOf(sent.deliveryId));
    expect((await stateOf()).attempts).toMatchObject([{ error: { code: "OUTCOME_UNKNOWN" } }]);
    await eventually(async () => {
      await runDurableObjectAlarm(stubOf(sent.deliveryId));
      return (await stateOf()).status === "delivered";
    });
    expect((await stateOf()).status).toBe("delivered");
    expect(received).toHaveLength(2);
    expect(received[1]!.headers.get("webhook-id")).toBe(sent.messageId);
    await begin([], 1);
    await evictDurableObject(stubOf(sent.deliveryId));
    await runDurableObjectAlarm(stubOf(sent.deliveryId));
    expect(await stateOf()).toMatchObject({ status: "failed", attempts: [{ error: { code: "OUTCOME_UNKNOWN" } }] });
  });

  it("goes by itself, with its row, when it is old", async () => {
    const { body } = await send({ payload: {} });
    await runInDurableObject(stubOf(body.deliveryId), (_, state) => {
      const kept = state.storage.kv.get<{ delivery: object }>("delivery")!;
      state.storage.kv.put("delivery", { ...kept, delivery: { ...kept.delivery, completedAt: 1 } });
    });
    await evictDurableObject(stubOf(body.deliveryId));
    await runDurableObjectAlarm(stubOf(body.deliveryId));
    expect((await call(who, "GET", `${WEBHOOKS}/deliveries/${body.deliveryId}`)).status).toBe(404);
    const left = await runInDurableObject(stubOf(body.deliveryId), (_, state) => [...state.storage.kv.list()]);
    expect(left).toEqual([]);
  });
});

describe("the signing secret", () => {
  it("is the same at each look, and while it is rotated both sign", async () => {
    const owner = await makeOrganization();
    const first = await secretOf(owner);
    expect(first.secretKey).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(await secretOf(owner)).toEqual(first);
    const { body: rotated } = await call(owner, "POST", `${WEBHOOKS}/signing-secret/rotate`, { overlapSeconds: 60 });
    expect(rotated).toMatchObject({ previousSecretKey: first.secretKey });
    await send({ payload: { n: 1 } }, owner);
    const [{ body, headers }] = received as [Received];
    for (const secret of [first.secretKey, rotated.secretKey])
      expect(new Webhook(secret).verify(body, Object.fromEntries(headers))).toEqual({ n: 1 });
    const { body: last } = await call(owner, "POST", `${WEBHOOKS}/signing-secret/rotate`, { overlapSeconds: 0 });
    expect(last.previousSecretKey).toBeNull();
    const rows = JSON.stringify((await db.prepare("SELECT * FROM signing_secrets").all()).results);
    expect(rows).not.toContain(last.secretKey.slice(6));
  });
});
