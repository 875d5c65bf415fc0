// One action tried by itself: rendered, judged, mocked; requests leave where that is asked for, messages never.
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { ApiContext } from "../../../src/api/shared/api.ts";
import { inTurn } from "../../../src/api/shared/in-turn.ts";
import { actionDefinitions } from "../../../src/domain/action/definitions.ts";
import { makePorts } from "../../../src/objects/ports.ts";
import { testApp } from "../../fixtures/app.ts";
import { db, join, makeOrganization, type Tenant, testEnv } from "../../fixtures/identity.ts";

let who: Tenant;
const asked: { url: string; headers: unknown; body: unknown }[] = [];
const { code, checkCode, secrets, executions, inbox, webhooks, schedules } = makePorts(testEnv);
const http = {
  request: async (request: { url: string; headers?: unknown; body?: unknown }) => {
    asked.push(request as never);
    const text = JSON.stringify({ echo: request.headers });
    return { ok: true, status: 201, headers: new Headers(), body: new TextEncoder().encode(text), truncated: false };
  },
};
const app = testApp({
  ports: { code, checkCode, secrets, executions, inbox, webhooks, schedules, http: http as never },
});
beforeAll(async () => {
  who = await makeOrganization();
});

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at field by field
const post = async (path: string, body: unknown): Promise<{ status: number; body: any }> => {
  app.limiter.clear();
  const answer = await app.fetch(path, {
    method: "POST",
    headers: { ...who.headers, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
};
const test = (type: string, config: object, inputData: object = {}, more: object = {}) =>
  post(`/api/v2/actions/test/${type}`, { config, inputData, ...more });

const GOOD: Record<string, object> = {
  condition_if: { conditions: [{ field: "event.data.n", operator: "equals", value: 1 }] },
  condition_switch: { field: "event.data.n", cases: [{ value: 1, port: "one" }] },
  condition_filter: { items: [1], conditions: [{ field: "item", operator: "exists" }] },
  condition_choice: { choices: [{ id: "a", title: "A", port: "a" }] },
  action_chat_message: { message: "Hello {{ name }}" },
  action_send_media: { media_url: "https://example.com/a.png" },
  action_question: { message: "Well?" },
  action_webhook: { url: "https://example.com/", method: "POST", body: { n: "{{n}}" } },
  action_email: { to: "a@example.com", subject: "s", body: "b" },
  action_add_tag: { tag_name: "t" },
  action_remove_tag: { tag_name: "t" },
  action_update_contact: { attributes: { a: 1 } },
  action_add_note: { note: "n" },
  action_set_conversation_status: { status: "closed" },
  action_code: { language: "javascript", code: "result = 1 + context.n" },
  action_delay: { duration: 3, unit: "days" },
  action_wait_for_event: { event_type: "X" },
  action_subworkflow: { workflow_id: "w" },
  data_variable: { name: "x", value: "{{n}}" },
  data_transform: { mappings: { m: "{{variables.n}}" } },
  flow_end: {},
};
const ALONE = new Set(["loop_foreach", "loop_while", "loop_break", "flow_parallel", "flow_merge"]);

describe("POST /actions/test/{actionType}", () => {
  it.each(
    actionDefinitions()
      .map(({ type }) => type)
      .filter((type) => !ALONE.has(type)),
  )("tries %s, and its output is as its definition says", async (type) => {
    const { status, body } = await test(type, GOOD[type]!, {
      n: 1,
      name: "Ann",
      contact: { id: "c1", phone: "+12025550100" },
    });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body, JSON.stringify(body)).toMatchObject({ success: true, error: null, actionType: type });
    const { outputSchema } = actionDefinitions().find((one) => one.type === type)!;
    expect(z.fromJSONSchema(outputSchema as z.core.JSONSchema.JSONSchema).safeParse(body.output).error).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it("renders templates with what it is given, apart or at once", async () => {
    const config = { name: "x", value: "{{event.data.a}}-{{variables.b}}" };
    const apart = await test("data_variable", config, { event: { data: { a: 1 } }, variables: { b: 2 } });
    expect(apart.body.output).toEqual({ name: "x", value: "1-2" });
    expect((await test("variable", config, { a: 3, b: 4 })).body.output.value).toBe("3-4");
  });

  it("says what it did not do, and how long it would have waited", async () => {
    const message = await test("action_email", GOOD.action_email!);
    expect(message.body.performance.mocked).toBe(true);
    expect(JSON.stringify(message.body.logs)).toMatch(/Mocked/);
    const delay = await test("action_delay", GOOD.action_delay!);
    expect(delay.body.performance.skippedWaitMs).toBeGreaterThan(3 * 86_400_000 - 1_000);
  });

  it("names what is wrong in a config, and knows no other type", async () => {
    const { status, body } = await test("action_webhook", { url: "nothing", method: "SHOUT" });
    expect([status, body.validation.map(({ field }: { field: string }) => field).sort()]).toEqual([
      400,
      ["config.method", "config.url"],
    ]);
    const unknown = await test("action_nothing", {});
    expect([unknown.status, unknown.body.error.message]).toEqual([404, expect.stringContaining("actions/definitions")]);
    expect((await test("trigger_manual", {})).status).toBe(404);
    expect((await post("/api/v2/actions/test/action_code", {})).body.validation[0].field).toBe("config");
    expect((await test("loop_break", {})).status).toBe(422);
  });

  it("sends requests for real when it is asked to, with the secrets that they name, and shows none", async () => {
    const made = await post("/api/v2/workflows", { name: "w", workflowData: { nodes: [], edges: [] } });
    await post(`/api/v2/workflows/${made.body.workflow.id}/variables`, {
      name: "api_key_for_tests",
      dataType: "string",
      scope: "global",
      isSecret: true,
      defaultValue: "canary-of-tests",
    });
    const config = {
      url: "https://example.com/",
      method: "GET",
      headers: {
        "x-mine": "Bearer {{api_key_for_tests}}",
        "x-basic": 'Basic {{ "user:" | append: api_key_for_tests | base64_encode }}',
      },
    };
    const { body } = await test("action_webhook", config, {}, { mockMode: false });
    expect(body).toMatchObject({ success: true, output: { status: 201 }, performance: { mocked: false } });
    expect(asked).toHaveLength(1);
    expect(JSON.stringify(asked)).toContain("Bearer canary-of-tests");
    const basic = btoa("user:canary-of-tests");
    expect(JSON.stringify(asked)).toContain(`Basic ${basic}`);
    expect(JSON.stringify(body)).toContain("Basic [redacted]");
    expect(JSON.stringify(body)).not.toMatch(new RegExp(`canary-of-tests|sb_secret_|sb_later_|${basic}`));
    asked.length = 0;
    const mail = await test("action_email", GOOD.action_email!, {}, { mockMode: false });
    expect([mail.body.success, mail.body.performance.mocked, asked.length]).toEqual([true, true, 0]);
  });

  it("sends for real what they make up for nobody who may not edit", async () => {
    const operator = await join(who.organizationId, `op-${who.userId}`, "operator");
    const { key } = (await post("/api/v2/api-keys", { name: "k", scopes: ["execute"] })).body;
    const keyed = { ...who.headers, authorization: `Bearer ${key}` };
    for (const headers of [operator.headers, keyed]) {
      const send = async (mockMode: boolean) => {
        const answer = await app.fetch("/api/v2/actions/test/action_webhook", {
          method: "POST",
          headers,
          body: JSON.stringify({ config: GOOD.action_webhook, mockMode }),
        });
        return answer.status;
      };
      expect([await send(true), await send(false)]).toEqual([200, 403]);
    }
    expect(asked).toEqual([]);
  });

  it.each([
    ["/api/v2/actions/test/{actionType}", { config: {} }],
    ["/api/v2/workflows/{id}/test", { testData: {} }],
    ["/api/v2/webhooks/{endpointId}/test", { payload: {} }],
    ["/api/v1/workflows/{workflow_id}/test", {}],
    ["/api/v1/workflow/api/actions/{id}/test", { context: {} }],
  ])("and %s are an organisation's 60 times a minute, whoever of it asks", async (path, body) => {
    app.limiter.clear();
    const { organizationId, headers } = who;
    const call = async (to: string, sent: object) => {
      const init = { method: "POST", headers, body: JSON.stringify(sent) };
      return (await app.fetch(to.replace(/\{\w+\}/, "nothing"), init)).status;
    };
    for (let n = 0; n < 59; n++) await app.limiter.take(`operation:post ${path}:${organizationId}`, 60, 60_000);
    expect(await call(path, body)).toBe(404);
    expect(await call(path, body)).toBe(429);
    if (path !== "/api/v2/workflows/{id}/test") return;
    // What validates with data runs it as well.
    expect(await call("/api/v2/workflows/{id}/validate", { testData: {} })).toBe(429);
    expect(await call("/api/v2/workflows/{id}/validate", {})).toBe(404);
  });

  it("goes one after the other for an organisation, and beside another's", async () => {
    const other = await makeOrganization();
    const order: string[] = [];
    const send = async (tenant: Tenant, name: string) => {
      const init = {
        method: "POST",
        headers: tenant.headers,
        body: JSON.stringify({ config: GOOD.action_webhook, mockMode: false }),
      };
      expect((await slow.fetch(`/api/v2/actions/test/action_webhook?${name}`, init)).status).toBe(200);
    };
    let inside = 0;
    const slow = testApp({
      ports: {
        ...{ code, checkCode, secrets, executions, inbox, webhooks, schedules },
        http: {
          request: async (request: never) => {
            order.push(`in ${++inside}`);
            await new Promise((done) => setTimeout(done, 60));
            inside--;
            return http.request(request);
          },
        } as never,
      },
    });
    await Promise.all([send(who, "a"), send(who, "b"), send(who, "c")]);
    expect(order).toEqual(["in 1", "in 1", "in 1"]);
    order.length = 0;
    await Promise.all([send(who, "a"), send(other, "b")]);
    expect(order).toEqual(["in 1", "in 2"]);
    asked.length = 0;
  });

  it("takes the right to execute, and leaves its row", async () => {
    const row = await db
      .prepare("SELECT count(*) AS n FROM audit WHERE org_id = ?1 AND action = 'action.tested'")
      .bind(who.organizationId)
      .first<{ n: number }>();
    expect(row!.n).toBeGreaterThan(5);
  });
});

describe("a turn", () => {
  it("is kept alive to its end when whoever asked hangs up, so that the next one comes", async () => {
    const kept: Promise<unknown>[] = [];
    const c = {
      var: { context: { principal: { organizationId: "hangs-up" } } },
      req: { raw: new Request("https://example.com") },
      executionCtx: { waitUntil: (work: Promise<unknown>) => kept.push(work) },
    } as unknown as ApiContext;
    const failing = inTurn(c, () => Promise.reject(new Error("it failed")));
    await expect(failing).rejects.toThrow("it failed");
    expect(kept).toHaveLength(1);
    await expect(kept[0]).resolves.toBeUndefined();
    expect(await inTurn(c, async () => "done")).toBe("done");
  });
});
