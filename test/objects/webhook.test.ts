// A webhook's object: what it judges, what it keeps, and what it costs.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { createHmac } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { WebhookRequest, WebhookSettings, WebhookVerdict } from "../../src/domain/ports.ts";
import { secretField, tokenHashOf } from "../../src/domain/webhook/settings.ts";
import { newId, randomToken } from "../../src/lib/ids.ts";
import { makePorts } from "../../src/objects/ports.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";
import { eventually, makeWorkflow, type TestWorkflow, trivial } from "./kit.ts";

const SECRET = "a-secret-of-the-sender";
const ports = makePorts(testEnv);
let workflow: TestWorkflow;
let draft: TestWorkflow;

beforeAll(async () => {
  const { organizationId } = await makeOrganization();
  workflow = await makeWorkflow(organizationId, trivial("trigger_webhook"));
  draft = await makeWorkflow(organizationId, trivial("trigger_webhook"), "draft");
});

const makeWebhook = async (settings: Partial<Record<string, unknown>> = {}, of = workflow) => {
  const id = newId();
  const token = randomToken();
  const sealed = await ports.secrets.encrypt(of.organizationId, secretField(id), SECRET);
  const row = {
    require_signature: 0,
    signature_scheme: "signalbox",
    ip_allowlist: "[]",
    rate_limit_max: 60,
    rate_limit_window: 60,
    enabled: 1,
    ...settings,
  };
  await db
    .prepare(
      `INSERT INTO webhooks (org_id, id, workflow_id, name, token, secret_sealed, enabled, require_signature, signature_scheme,
         ip_allowlist, rate_limit_max, rate_limit_window, created_at) VALUES (?1, ?2, ?3, 'w', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1)`,
    )
    .bind(
      of.organizationId,
      id,
      of.workflowId,
      token,
      sealed,
      row.enabled,
      row.require_signature,
      row.signature_scheme,
      row.ip_allowlist,
      row.rate_limit_max,
      row.rate_limit_window,
    )
    .run();
  return { id, token };
};

const requestOf = (body: unknown, more: Partial<WebhookRequest> = {}): WebhookRequest => ({
  bodyBytes: new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body)),
  headers: {},
  clientAddress: "192.0.2.1",
  now: Date.now(),
  ...more,
});

const stubOf = async (token: string) => testEnv.WEBHOOK.get(testEnv.WEBHOOK.idFromName(await tokenHashOf(token)));

const accepted = (verdict: WebhookVerdict) => {
  if (verdict.kind !== "accepted") throw new Error(JSON.stringify(verdict));
  return verdict;
};

const countOf = async (id: string) =>
  db
    .prepare("SELECT trigger_count AS n, last_triggered_at AS at FROM webhooks WHERE id = ?1")
    .bind(id)
    .first<{ n: number; at: number | null }>();

describe("webhook", () => {
  it("accepts, starts the run that it named, and counts it once", async () => {
    const { id, token } = await makeWebhook();
    const verdict = accepted(await ports.webhooks.receive(token, requestOf({ hello: 1 })));
    expect(verdict).toMatchObject({
      webhookId: id,
      workflowId: workflow.workflowId,
      duplicate: false,
      rateLimit: { limit: 60, remaining: 59 },
    });
    const row = await eventually(() =>
      db.prepare("SELECT id FROM executions WHERE id = ?1 AND status = 'completed'").bind(verdict.executionId).first(),
    );
    expect(row).toBeTruthy();
    const event = await db
      .prepare("SELECT data, source, type FROM events WHERE id = ?1")
      .bind(verdict.eventId)
      .first<{ data: string }>();
    expect(event).toMatchObject({ source: `webhook:${id}`, type: "WEBHOOK_RECEIVED" });
    expect(JSON.parse(event!.data)).toEqual({ hello: 1 });
    expect(await countOf(id)).toEqual({ n: 1, at: verdict.acceptedAt });
  });

  it("tells what an endpoint has counted also when it dies before it has told, without another call", async () => {
    const { id, token } = await makeWebhook();
    await db.prepare("UPDATE webhooks SET door = 'enhanced' WHERE id = ?1").bind(id).run();
    accepted(await ports.webhooks.receive(token, requestOf({ n: 1 })));
    const stub = await stubOf(token);
    await runInDurableObject(stub, (_, state) => state.abort("killed")).catch(() => undefined);
    await runDurableObjectAlarm(await stubOf(token));
    const counts = await db.prepare("SELECT counts FROM webhooks WHERE id = ?1").bind(id).first<string>("counts");
    expect(JSON.parse(counts!)).toMatchObject({ received: 1, accepted: 1 });
  });

  it("answers what it has accepted as such, though it cannot say whom it starts", async () => {
    const { id, token } = await makeWebhook();
    await db.prepare("UPDATE webhooks SET door = 'enhanced' WHERE id = ?1").bind(id).run();
    accepted(await ports.webhooks.receive(token, requestOf({ n: 1 })));
    await runInDurableObject(await stubOf(token), (_, state) => {
      const kept = state.storage.kv.get<{ settings: { endpoint: object } }>("settings")!;
      // Kept by a release that knew them otherwise.
      const endpoint = { ...kept.settings.endpoint, listeners: [null] };
      state.storage.kv.put("settings", { ...kept, settings: { ...kept.settings, endpoint } });
    });
    await evictDurableObject(await stubOf(token));
    expect(accepted(await ports.webhooks.receive(token, requestOf({ n: 2 }))).started).toEqual([]);
  });

  it("judges the signature over the raw bytes, with the secret that only it opens", async () => {
    const { token } = await makeWebhook({ require_signature: 1 });
    const body = '{"a":  1}';
    const sign = (key: string) =>
      `sha256=${createHmac("sha256", key)
        .update(token + body)
        .digest("hex")}`;
    const send = (signature?: string) =>
      ports.webhooks.receive(
        token,
        requestOf(body, { headers: signature ? { "x-webhook-signature": signature } : {} }),
      );
    expect(await send()).toMatchObject({ kind: "refused", code: "signature_required" });
    expect(await send(sign("another secret"))).toMatchObject({ kind: "refused", code: "signature_invalid" });
    expect(await send(sign(SECRET))).toMatchObject({ kind: "accepted" });
    // The database's copy stays sealed in the object too.
    const kept = await runInDurableObject(await stubOf(token), (_, state) =>
      JSON.stringify([...state.storage.kv.list()]),
    );
    expect(kept).not.toContain(SECRET);
  });

  it("knows a sender's repeated delivery, answers with the ids of the first, and starts nothing", async () => {
    const { id, token } = await makeWebhook();
    const send = () => ports.webhooks.receive(token, requestOf({ n: 1 }, { headers: { "idempotency-key": "d-1" } }));
    const first = accepted(await send());
    const repeated = await Promise.all(Array.from({ length: 10 }, send));
    for (const verdict of repeated.map(accepted)) {
      expect(verdict).toMatchObject({
        duplicate: true,
        executionId: first.executionId,
        eventId: first.eventId,
        acceptedAt: first.acceptedAt,
      });
    }
    await eventually(async () => (await countOf(id))?.n === 1);
    await evictDurableObject(await stubOf(token));
    expect(accepted(await send())).toMatchObject({ duplicate: true, eventId: first.eventId });
  });

  it("keeps its window when it is evicted, and a refused call takes no place in it", async () => {
    const { token } = await makeWebhook({ rate_limit_max: 3 });
    const send = (address = "192.0.2.1") => ports.webhooks.receive(token, requestOf({}, { clientAddress: address }));
    expect(accepted(await send()).rateLimit.remaining).toBe(2);
    expect(accepted(await send()).rateLimit.remaining).toBe(1);
    await evictDurableObject(await stubOf(token));
    expect(await ports.webhooks.receive(token, requestOf("{"))).toMatchObject({
      kind: "refused",
      code: "malformed_json",
    });
    expect(accepted(await send()).rateLimit.remaining).toBe(0);
    const refused = await send();
    expect(refused).toMatchObject({ kind: "refused", code: "rate_limited", rateLimit: { limit: 3, remaining: 0 } });
    expect((refused as { rateLimit: { resetAt: number } }).rateLimit.resetAt).toBeGreaterThan(Date.now() / 1000);
  });

  it("takes one place a call, however many come at once", async () => {
    const { token } = await makeWebhook({ rate_limit_max: 5 });
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => ports.webhooks.receive(token, requestOf({}))));
    expect(verdicts.filter((verdict) => verdict.kind === "accepted").length).toBe(5);
  });

  it("asks the database once, for an unknown token too, and leaves nothing behind for that", async () => {
    const token = randomToken();
    expect(await ports.webhooks.receive(token, requestOf({}))).toMatchObject({ kind: "refused", code: "not_found" });
    expect(await ports.webhooks.receive("short", requestOf({}))).toMatchObject({ kind: "refused", code: "not_found" });
    const kept = await runInDurableObject(await stubOf(token), async (_, state) => [
      state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name IN ('pending', 'seen')").toArray().length,
      [...state.storage.kv.list()].length,
      await state.storage.getAlarm(),
    ]);
    expect(kept).toEqual([0, 0, null]);
  });

  it("obeys settings that are pushed to it, and forgets them", async () => {
    const { id, token } = await makeWebhook();
    accepted(await ports.webhooks.receive(token, requestOf({})));
    const settings: WebhookSettings = {
      webhookId: id,
      organizationId: workflow.organizationId,
      workflowId: workflow.workflowId,
      nodeIds: ["t"],
      enabled: false,
      workflowActive: true,
      requireSignature: false,
      signatureScheme: "signalbox",
      tokenHash: await tokenHashOf(token),
      sealedSecret: "",
      ipAllowlist: [],
      rateLimitMax: 60,
      rateLimitWindowSeconds: 60,
    };
    await ports.webhooks.configure(settings);
    expect(await ports.webhooks.receive(token, requestOf({}))).toMatchObject({ code: "webhook_disabled" });
    await ports.webhooks.configure({ ...settings, enabled: true, ipAllowlist: ["198.51.100.0/24"] });
    expect(await ports.webhooks.receive(token, requestOf({}))).toMatchObject({ code: "ip_not_allowed" });
    expect(await ports.webhooks.receive(token, requestOf({}, { clientAddress: undefined }))).toMatchObject({
      code: "ip_not_allowed",
    });
    await db.prepare("DELETE FROM webhooks WHERE id = ?1").bind(id).run();
    await ports.webhooks.forget(settings.tokenHash);
    expect(await ports.webhooks.receive(token, requestOf({}))).toMatchObject({ code: "not_found" });
  });

  it("makes good a push that was lost, after its answer", async () => {
    const { id, token } = await makeWebhook();
    const later = Date.now() + 3_600_000;
    accepted(await ports.webhooks.receive(token, requestOf({})));
    await db.prepare("UPDATE webhooks SET enabled = 0 WHERE id = ?1").bind(id).run();
    accepted(await ports.webhooks.receive(token, requestOf({}, { now: later })));
    await eventually(async () => {
      const verdict = await ports.webhooks.receive(token, requestOf({}, { now: later }));
      return verdict.kind === "refused" && verdict.code === "webhook_disabled";
    });
  });

  it("refuses for a workflow that is not active", async () => {
    const { token } = await makeWebhook({}, draft);
    expect(await ports.webhooks.receive(token, requestOf({}))).toMatchObject({
      kind: "refused",
      code: "webhook_disabled",
    });
  });

  it("takes large bodies by reference", async () => {
    const { token } = await makeWebhook();
    const verdict = accepted(await ports.webhooks.receive(token, requestOf({ text: "x".repeat(500_000) })));
    const data = await eventually(() =>
      db
        .prepare("SELECT data FROM events WHERE id = ?1 AND outcome IS NOT NULL")
        .bind(verdict.eventId)
        .first<string>("data"),
    );
    expect(data.length).toBeGreaterThan(500_000);
  });

  it("counts the hops of a request that we sent ourselves", async () => {
    const { token } = await makeWebhook();
    const verdict = accepted(
      await ports.webhooks.receive(token, requestOf({}, { headers: { "x-signalbox-hop": "3" } })),
    );
    const depth = await eventually(() =>
      db.prepare("SELECT depth FROM events WHERE id = ?1").bind(verdict.eventId).first("depth"),
    );
    expect(depth).toBe(3);
  });
});
