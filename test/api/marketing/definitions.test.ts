// Triggers, actions, conditions and event types over HTTP: the document's bodies, the full set of routes, what is refused by its place, and trying
// out without effect.
import { beforeAll, describe, expect, it } from "vitest";
import { makePorts } from "../../../src/objects/ports.ts";
import { testApp } from "../../fixtures/app.ts";
import { db, join, testEnv } from "../../fixtures/identity.ts";
import {
  BASE,
  CAMPAIGN,
  call,
  DISCOUNT_ACTION,
  DISCOUNT_TRIGGER,
  make,
  makeOrganization,
  type Tenant,
  until,
} from "./kit.ts";

let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});

const { schedules, webhooks, code, checkCode } = makePorts(testEnv);
const { fetch } = testApp({ ports: { schedules, webhooks, code, checkCode } });
const remove = async (path: string) =>
  (await fetch(`${BASE}${path}`, { method: "DELETE", headers: owner.headers })).status;

const REQUIRED = ["This field is required."];
const CHOICE = ["Select a valid choice."];
const PERSIAN = "خوش آمدید {{user.first_name}}! چطور می‌تونم کمکتون کنم؟";
const note = (text: string, over: object = {}) => ({
  name: text,
  action_type: "add_note",
  configuration: { note: text },
  ...over,
});

/** The document's ten types, with the configurations that it shows or CONTRACT does. */
const ACTIONS = {
  send_message: { message: PERSIAN },
  send_email: { subject: "Welcome {{user.first_name}}!", body: "Thanks", recipient: "{{user.email}}", is_html: false },
  add_tag: { tag_name: "interested" },
  remove_tag: { tag_name: "interested" },
  update_user: { updates: { plan: "premium" } },
  add_note: { note: "{{event.data.content}}" },
  webhook: {
    url: "https://your-system.com/webhook",
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: "Bearer your-token" },
    payload: { user_id: "{{user.id}}", event_type: "{{event.type}}", timestamp: "{{event.timestamp}}" },
  },
  wait: { duration: 10, unit: "minutes" },
  set_conversation_status: { status: "closed" },
  custom_code: { code: "result = len(context['user'])", language: "python" },
};

describe("an action", () => {
  it.each(Object.entries(ACTIONS))("%s is made, and given back as it was sent", async (action_type, configuration) => {
    const made = await call(owner, "POST", "/actions/", { name: action_type, action_type, configuration });
    expect(made).toMatchObject({
      status: 201,
      body: { name: action_type, action_type, configuration, order: 0, delay: 0, is_active: true },
    });
    expect((await call(owner, "GET", `/actions/${made.body.id}/`)).body).toEqual(made.body);
  });

  it.each([
    [
      "nothing",
      {},
      {
        name: ["This field is required."],
        action_type: ["This field is required."],
        configuration: ["This field is required."],
      },
    ],
    [
      "an unknown type",
      { name: "a", action_type: "dance", configuration: {} },
      { action_type: ["Select a valid choice."] },
    ],
    [
      "a field that is missing",
      { name: "a", action_type: "send_message", configuration: {} },
      { "configuration.message": ["This field is required."] },
    ],
    [
      "a field that nobody knows",
      note("n", { configuration: { note: "n", on_error: "continue" } }),
      { "configuration.on_error": ["Unknown field."] },
    ],
    [
      "an address inside",
      { name: "a", action_type: "webhook", configuration: { url: "http://127.0.0.1/x" } },
      { "configuration.url": [expect.any(String)] },
    ],
    ["a broken template", note("{{ user."), { "configuration.note": [expect.any(String)] }],
    [
      "code that cannot run",
      { name: "a", action_type: "custom_code", configuration: { code: "result = (" } },
      { "configuration.code": [expect.stringContaining("SyntaxError")] },
    ],
  ])("with %s is refused by its place", async (_, body, errors) => {
    expect(await call(owner, "POST", "/actions/", body)).toMatchObject({ status: 400, body: errors });
  });

  it("describes its types and their fields", async () => {
    const types = await call(owner, "GET", "/actions/action_types/");
    expect(types.body.map(({ value }: { value: string }) => value)).toEqual(Object.keys(ACTIONS));
    expect(types.body[0]).toEqual({ value: "send_message", label: "Send Message" });
    for (const { value } of types.body) {
      const { body } = await call(owner, "GET", `/actions/parameter_templates/?action_type=${value}`);
      expect(body.parameters.length, value).toBeGreaterThan(0);
      // What it shows as an example can be made.
      await make(owner, "/actions/", { name: value, action_type: value, configuration: body.example });
    }
    const unknown = await call(owner, "GET", "/actions/parameter_templates/?action_type=dance");
    expect(unknown).toMatchObject({ status: 400, body: { action_type: [expect.any(String)] } });
  });

  it("is listed by type, which is one that there is", async () => {
    const who = await makeOrganization();
    await make(who, "/actions/", DISCOUNT_ACTION);
    await make(who, "/actions/", note("n", { is_active: false }));
    const list = async (query: string) => (await call(who, "GET", `/actions/${query}`)).body;
    expect(await list("?action_type=send_message&is_active=true")).toMatchObject({ count: 1 });
    expect(await list("?action_type=add_note&is_active=true")).toMatchObject({ count: 0 });
    expect(await list("?action_type=dance")).toEqual({ action_type: CHOICE });
  });

  it("is tried out rendered, in the document's words", async () => {
    const context = {
      user: { id: "customer-123", first_name: "John", email: "john@example.com" },
      event: { type: "MESSAGE_RECEIVED" },
    };
    const tried = async (action_type: keyof typeof ACTIONS) => {
      const id = await make(owner, "/actions/", { name: "t", action_type, configuration: ACTIONS[action_type] });
      return (await call(owner, "POST", `/actions/${id}/test/`, { context })).body;
    };
    expect(await tried("send_message")).toMatchObject({
      success: true,
      message: "خوش آمدید John! چطور می‌تونم کمکتون کنم؟",
      recipient: "customer-123",
    });
    expect(await tried("send_email")).toMatchObject({ subject: "Welcome John!", recipient: "john@example.com" });
    const html = { ...ACTIONS.send_email, body: "<p>{{user.first_name}} {{user.bio | raw}}", is_html: true };
    const id = await make(owner, "/actions/", { name: "h", action_type: "send_email", configuration: html });
    const about = { user: { first_name: "<a>", bio: "<i>x</i>", email: "john@example.com" } };
    expect((await call(owner, "POST", `/actions/${id}/test/`, { context: about })).body).toMatchObject({
      rendered: { body: "<p>&lt;a&gt; <i>x</i>", subject: "Welcome <a>!" },
    });
    expect(await tried("webhook")).toMatchObject({
      rendered: { payload: { user_id: "customer-123", event_type: "MESSAGE_RECEIVED" } },
    });
    expect(await tried("custom_code")).toMatchObject({ success: true, result: 3 });
    const rows = await db
      .prepare("SELECT count(*) AS n FROM messages WHERE org_id = ?1")
      .bind(owner.organizationId)
      .first("n");
    expect(rows).toBe(0);
  });
});

describe("a trigger", () => {
  it("is tried out on the document's context, and says which condition failed", async () => {
    const id = await make(owner, "/triggers/", DISCOUNT_TRIGGER);
    const test = (content: string) =>
      call(owner, "POST", `/triggers/${id}/test/`, {
        context: { event: { data: { content } }, user: { tags: ["premium"] } },
      });
    expect(await test("I need a coupon code")).toMatchObject({ status: 200, body: { matched: true, failed: null } });
    expect(await test("Hello")).toMatchObject({
      status: 200,
      body: {
        matched: false,
        failed: { path: "conditions.0", field: "event.data.content", operator: "icontains", actual: "Hello" },
      },
    });
  });

  it("matches the document's Persian", async () => {
    const value = "کد تخفیف";
    const filters = { operator: "or", conditions: [{ field: "event.data.content", operator: "icontains", value }] };
    const id = await make(owner, "/triggers/", {
      name: "Coupon Request Trigger",
      trigger_type: "MESSAGE_RECEIVED",
      filters,
    });
    const context = { event: { data: { content: "سلام، کد تخفیف دارید؟" } } };
    expect((await call(owner, "POST", `/triggers/${id}/test/`, { context })).body.matched).toBe(true);
  });

  it("names the place in a tree, and what there is to choose", async () => {
    const bad = { field: "user.email", operator: "resembles", value: "x" };
    const nested = {
      operator: "and",
      conditions: [
        { field: "user.tags", operator: "contains", value: "vip" },
        { operator: "or", conditions: [bad] },
      ],
    };
    const answer = await call(owner, "POST", "/triggers/", {
      name: "t",
      trigger_type: "NEVER_HEARD_OF",
      filters: nested,
    });
    expect(answer.status).toBe(400);
    expect(answer.body.trigger_type).toEqual(["Select a valid choice."]);
    expect(Object.keys(answer.body)).toContain("filters.conditions.1.conditions.0.operator");
    const condition = await call(owner, "POST", "/conditions/", { name: "c", ...nested });
    expect(Object.keys(condition.body)).toEqual(["conditions.1.conditions.0.operator"]);
    const root = { operator: "and", conditions: [{ field: "weather.today", operator: "exists" }] };
    expect((await call(owner, "POST", "/conditions/", { name: "c", ...root })).body).toHaveProperty([
      "conditions.0.field",
    ]);
  });

  it("is listed by type, state and text, a page at a time with absolute URLs", async () => {
    const who = await makeOrganization();
    for (const name of ["Alpha discount", "Beta", "Gamma discount"])
      await make(who, "/triggers/", { name, trigger_type: "TAG_ADDED", is_active: name !== "Beta" });
    const list = (query: string) => call(who, "GET", `/triggers/${query}`);
    expect((await list("?trigger_type=TAG_ADDED&is_active=true")).body.count).toBe(2);
    expect((await list("?trigger_type=TAG_REMOVED")).body.count).toBe(0);
    expect((await list("?search=DISCOUNT")).body.results.map(({ name }: { name: string }) => name)).toEqual([
      "Gamma discount",
      "Alpha discount",
    ]);
    const { body } = await list("?page=2&page_size=1");
    expect(body).toMatchObject({
      count: 3,
      next: `https://signalbox.test${BASE}/triggers/?page=3&page_size=1`,
      previous: `https://signalbox.test${BASE}/triggers/?page=1&page_size=1`,
      results: [{ name: "Beta" }],
    });
    expect((await list("?page_size=1000")).status).toBe(200);
    expect((await list("?is_active=perhaps")).body).toEqual({ is_active: ["Must be true or false."] });
  });

  it("is changed, put to sleep, and deleted", async () => {
    const id = await make(owner, "/triggers/", DISCOUNT_TRIGGER);
    expect((await call(owner, "PATCH", `/triggers/${id}/`, { description: "d" })).body).toMatchObject({
      ...DISCOUNT_TRIGGER,
      description: "d",
    });
    expect((await call(owner, "PUT", `/triggers/${id}/`, { description: "e" })).body).toEqual({
      name: ["This field is required."],
      trigger_type: ["This field is required."],
    });
    expect((await call(owner, "POST", `/triggers/${id}/deactivate/`)).body.is_active).toBe(false);
    expect((await call(owner, "POST", `/triggers/${id}/activate/`)).body.is_active).toBe(true);
    expect(await remove(`/triggers/${id}/`)).toBe(204);
    expect(await call(owner, "GET", `/triggers/${id}/`)).toMatchObject({
      status: 404,
      body: { error: "Trigger not found", detail: "No Trigger matches the given query." },
    });
  });
});

describe("a trigger with times of its own", () => {
  const TIMES = {
    name: "Mornings",
    trigger_type: "SCHEDULED",
    schedule: { cron: "0 9 * * MON-FRI", timezone: "Asia/Tehran" },
  };

  it("starts the workflows that have it, as long as they are active", async () => {
    const trigger_id = await make(owner, "/triggers/", TIMES);
    expect((await call(owner, "GET", `/triggers/${trigger_id}/`)).body).toMatchObject({ schedule: TIMES.schedule });
    const id = await make(owner, "/workflows/", CAMPAIGN);
    await call(owner, "POST", `/workflows/${id}/add_trigger/`, { trigger_id });
    const timesOf = async () =>
      (await db.prepare("SELECT cron, timezone FROM schedules WHERE workflow_id = ?1").bind(id).all()).results;
    expect(await timesOf()).toEqual([]);
    await call(owner, "POST", `/workflows/${id}/activate/`);
    expect(await timesOf()).toEqual([{ cron: "0 9 * * MON-FRI", timezone: "Asia/Tehran" }]);
    await call(owner, "PATCH", `/triggers/${trigger_id}/`, { schedule: { every_seconds: 1 } });
    const run = await until(
      () => call(owner, "GET", `/workflows/${id}/executions/`),
      ({ body }) => body.count > 0,
    );
    expect(run.body.results[0]).toMatchObject({ trigger_type: "SCHEDULED", user: null });
    expect((await call(owner, "POST", `/workflows/${id}/pause/`)).status).toBe(200);
  });

  it.each([
    [{ schedule: {} }, "schedule.cron"],
    [{ schedule: { cron: "whenever" } }, "schedule.cron"],
    [{ schedule: { cron: "0 9 * * *", timezone: "Mars/North" } }, "schedule.timezone"],
    [{ schedule: { cron: "0 9 * * *", often: 1 } }, "schedule.often"],
    [{ schedule: "daily" }, "schedule"],
    [{ trigger_type: "TAG_ADDED" }, "schedule"],
    [{ filters: [{ field: "user.tags", operator: "contains", value: "x" }] }, "filters"],
  ])("is refused by the field that is wrong: %j", async (change, field) => {
    const { status, body } = await call(owner, "POST", "/triggers/", { ...TIMES, ...change });
    expect([status, Object.keys(body)]).toEqual([400, [field]]);
  });

  it("takes no workflow's conditions away: it gets none while there are some, and they do not come to it", async () => {
    const trigger_id = await make(owner, "/triggers/", { name: "Heard", trigger_type: "SCHEDULED" });
    const [first, second] = await Promise.all(
      ["a", "b"].map((name) => make(owner, "/workflows/", { ...CAMPAIGN, name })),
    );
    const specific_conditions = [{ field: "user.tags", operator: "contains", value: "x" }];
    const join = (id: string, body: object) =>
      call(owner, "POST", `/workflows/${id}/add_trigger/`, { trigger_id, ...body });
    const giveTimes = (method: string) =>
      call(owner, method, `/triggers/${trigger_id}/`, { ...TIMES, is_active: true });
    expect((await join(first!, { specific_conditions })).status).toBe(201);
    for (const method of ["PATCH", "PUT"])
      expect(await giveTimes(method)).toMatchObject({
        status: 400,
        body: { schedule: [expect.stringContaining("specific_conditions")] },
      });
    expect((await call(owner, "GET", `/triggers/${trigger_id}/`)).body).toMatchObject({
      name: "Heard",
      schedule: null,
    });
    expect((await join(first!, { specific_conditions: null })).status).toBe(201);
    expect((await giveTimes("PATCH")).status).toBe(200);
    expect(await join(second!, { specific_conditions })).toMatchObject({
      status: 400,
      body: { specific_conditions: ["A trigger with times of its own has no conditions."] },
    });
    expect((await join(second!, { specific_conditions: {} })).status).toBe(201);
  });
});

describe("code of 50000 characters", () => {
  const codeOf = (length: number) => `result = True\n#${"x".repeat(length - 15)}`;

  it("runs, in an action and in a condition", async () => {
    const code = { name: "A", action_type: "custom_code", configuration: { code: codeOf(50_000) } };
    const action_id = await make(owner, "/actions/", code);
    const condition = { name: "C", use_custom_code: true, custom_code: codeOf(50_000) };
    const condition_id = await make(owner, "/conditions/", condition);
    const id = await make(owner, "/workflows/", { ...CAMPAIGN, status: "ACTIVE" });
    expect((await call(owner, "POST", `/workflows/${id}/add_action/`, { action_id, condition_id })).status).toBe(201);
  });

  it("is the longest that there is", async () => {
    const code = { name: "A", action_type: "custom_code", configuration: { code: codeOf(50_001) } };
    const condition = { name: "C", use_custom_code: true, custom_code: codeOf(50_001) };
    const actions = await call(owner, "POST", "/actions/", code);
    const conditions = await call(owner, "POST", "/conditions/", condition);
    expect([actions.status, Object.keys(actions.body)]).toEqual([400, ["configuration.code"]]);
    expect([conditions.status, Object.keys(conditions.body)]).toEqual([400, ["custom_code"]]);
  });
});

describe("a condition", () => {
  it("may be the document's code, and is warned of what will differ", async () => {
    const custom_code =
      "# Check complex business rules\nuser_score = context.get('user', {}).get('score', 0)\nmessage_length = len(context.get('event', {}).get('data', {}).get('content', ''))\n\n# Set result to True or False\nresult = user_score > 100 and message_length > 10";
    const made = await call(owner, "POST", "/conditions/", {
      name: "Custom Business Logic",
      use_custom_code: true,
      custom_code,
    });
    expect(made).toMatchObject({ status: 201, body: { use_custom_code: true, custom_code, language: "python" } });
    const bad = await call(owner, "POST", "/conditions/", { name: "c", use_custom_code: true, custom_code: "if x" });
    expect(bad).toMatchObject({ status: 400, body: { custom_code: [expect.stringContaining("SyntaxError")] } });
    const none = await call(owner, "POST", "/conditions/", { name: "c", use_custom_code: true });
    expect(none.body).toEqual({ custom_code: ["This field is required."] });
  });

  it("stays while an action needs it", async () => {
    const condition_id = await make(owner, "/conditions/", { name: "c" });
    const workflow = await make(owner, "/workflows/", CAMPAIGN);
    await make(owner, "/actions/", { ...note("n"), workflow, condition_id });
    expect(await remove(`/conditions/${condition_id}/`)).toBe(409);
    expect((await call(owner, "GET", `/workflows/${workflow}/actions/`)).body.results[0]).toMatchObject({
      condition_id,
      condition_name: "c",
    });
  });
});

describe("an event type", () => {
  it("is built in or one's own; triggers wait for either", async () => {
    const who = await makeOrganization();
    const builtIn = (await call(who, "GET", "/event-types/?page_size=100")).body.results;
    expect(builtIn[0]).toMatchObject({ code: "MESSAGE_RECEIVED", name: "Message Received", category: "message" });
    expect(builtIn[0].available_fields).toEqual({
      message_id: "string",
      conversation_id: "string",
      user_id: "string",
      content: "string",
      source: "string",
      timestamp: "datetime",
    });
    const order = { name: "Order Paid", code: "ORDER_PAID", category: "shop", available_fields: { amount: "number" } };
    const id = await make(who, "/event-types/", order);
    expect((await call(who, "POST", "/event-types/", order)).body).toEqual({ code: [expect.any(String)] });
    expect((await call(who, "POST", "/event-types/", { ...order, code: "tag_added" })).body).toHaveProperty("code");
    expect((await call(who, "GET", "/event-types/?category=shop")).body).toMatchObject({ count: 1, results: [order] });
    const last = Math.ceil((builtIn.length + 1) / 5);
    expect((await call(who, "GET", `/event-types/?page_size=5&page=${last}`)).body.results.at(-1)).toMatchObject(order);
    const trigger = await make(who, "/triggers/", { name: "t", trigger_type: "ORDER_PAID" });
    const gone = async () =>
      (await fetch(`${BASE}/event-types/${id}`, { method: "DELETE", headers: who.headers })).status;
    expect(await gone()).toBe(409);
    await fetch(`${BASE}/triggers/${trigger}`, { method: "DELETE", headers: who.headers });
    expect(await gone()).toBe(204);
    expect((await call(who, "PATCH", `/event-types/${builtIn[0].id}`, { name: "x" })).status).toBe(409);
  });
});

describe("what is wrong with a body", () => {
  it.each([
    ["triggers", { trigger_type: "NOPE" }, { name: REQUIRED, trigger_type: CHOICE }],
    ["actions", { action_type: "NOPE", configuration: {} }, { name: REQUIRED, action_type: CHOICE }],
    ["actions", { name: 5, action_type: "wait", configuration: {} }, { name: ["Must be text."] }],
    ["triggers", { trigger_type: 5 }, { name: REQUIRED, trigger_type: ["Must be text."] }],
  ])("is told at once, in the document's words: %s %j", async (path, sent, body) => {
    const answer = await call(owner, "POST", `/${path}/`, sent);
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 400, body });
  });

  it("names the place in what something is tried out on", async () => {
    const trigger = await make(owner, "/triggers/", DISCOUNT_TRIGGER);
    const action = await make(owner, "/actions/", DISCOUNT_ACTION);
    for (const path of [`/triggers/${trigger}/test/`, `/actions/${action}/test/`]) {
      const tried = (context: unknown) => call(owner, "POST", path, { context });
      expect(await tried({ event: 5 })).toMatchObject({ status: 400, body: { "context.event": [expect.any(String)] } });
      expect((await tried({ event: { data: [] } })).body).toEqual({ "context.event.data": ["Must be an object."] });
      expect((await tried({ user: "John" })).body).toEqual({ "context.user": ["Must be an object."] });
      expect((await tried(null)).status).toBe(200);
    }
  });
});

describe("callers", () => {
  it("without credentials, or with bad ones, get the document's 401", async () => {
    for (const headers of [{}, { authorization: "Bearer nonsense" }]) {
      const answer = await call({ ...owner, headers: headers as Record<string, string> }, "GET", "/workflows/");
      expect(answer).toMatchObject({ status: 401, body: { detail: "Authentication credentials were not provided." } });
    }
  });

  it("who may only look change nothing", async () => {
    const viewer = await join(owner.organizationId, "viewer-of-marketing", "viewer");
    expect((await call(viewer, "GET", "/triggers/")).status).toBe(200);
    for (const [path, body] of [
      ["/triggers/", DISCOUNT_TRIGGER],
      ["/actions/", DISCOUNT_ACTION],
      ["/conditions/", { name: "c" }],
      ["/workflows/", CAMPAIGN],
    ] as const)
      expect((await call(viewer, "POST", path, body)).status).toBe(403);
  });
});
