// The document's Persian, word for word: saved, given back, found, matched, rendered and shown as it was written, its half-spaces with it.
import { beforeAll, expect, it } from "vitest";
import { eventually } from "../../objects/kit.ts";
import { call, make, makeOrganization, type Tenant } from "./kit.ts";

/** "Create Trigger" */
const TRIGGER = {
  name: "Coupon Request Trigger",
  description: "Triggers when users ask for discounts",
  trigger_type: "MESSAGE_RECEIVED",
  filters: {
    operator: "or",
    conditions: [
      { field: "event.data.content", operator: "icontains", value: "کد تخفیف" },
      { field: "event.data.content", operator: "icontains", value: "coupon" },
    ],
  },
  is_active: true,
};

/** "Process Event" */
const EVENT = {
  event_type: "MESSAGE_RECEIVED",
  data: {
    message_id: "msg-123",
    content: "سلام، کد تخفیف دارید؟",
    timestamp: "2024-01-01T10:00:00Z",
  },
  user_id: "customer-123",
  conversation_id: "conv-456",
};

/** "Send Message Action" */
const ACTION = {
  name: "Send Welcome Message",
  description: "Send personalized welcome message",
  action_type: "send_message",
  configuration: {
    message: "خوش آمدید {{user.first_name}}! چطور می‌تونم کمکتون کنم؟",
  },
  order: 1,
  delay: 0,
  is_active: true,
};

const TEXTS = ["کد تخفیف", EVENT.data.content, ACTION.configuration.message];

let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});

it("is saved and given back as it was sent", async () => {
  for (const [path, body] of [
    ["/triggers/", TRIGGER],
    ["/actions/", ACTION],
  ] as const) {
    const made = await call(owner, "POST", path, body);
    expect(made).toMatchObject({ status: 201, body });
    expect((await call(owner, "GET", `${path}${made.body.id}/`)).body).toEqual(made.body);
    expect((await call(owner, "PUT", `${path}${made.body.id}/`, body)).body).toMatchObject(body);
  }
});

it.each(TEXTS)("is found by any part of it, in names and descriptions: %s", async (text) => {
  const who = await makeOrganization();
  const [first, last] = [text.slice(0, 4), text.slice(-5)];
  for (const [path, rest] of [
    ["/workflows/", {}],
    ["/triggers/", { trigger_type: "MESSAGE_RECEIVED" }],
    ["/actions/", { action_type: "add_tag", configuration: { tag_name: text } }],
    ["/conditions/", { conditions: [{ field: "event.data.content", operator: "icontains", value: TEXTS[1]! }] }],
  ] as const) {
    const named = await make(who, path, { name: text, ...rest });
    const described = await make(who, path, { name: "n", description: `« ${text} »`, ...rest });
    await make(who, path, { name: "other", ...rest });
    for (const search of [text, first, last]) {
      const { body } = await call(who, "GET", `${path}?search=${encodeURIComponent(search)}`);
      expect(body.results.map(({ id }: { id: string }) => id)).toEqual([described, named]);
      expect(body.count).toBe(2);
    }
    expect((await call(who, "GET", `${path}?search=${encodeURIComponent("گل")}`)).body.count).toBe(0);
    expect((await call(who, "GET", `${path}${named}/`)).body).toMatchObject({ name: text, ...rest });
  }
});

it("an event in Persian starts what waits for its words, and the answer is the document's with the name in it", async () => {
  const trigger_id = await make(owner, "/triggers/", TRIGGER);
  const workflow = await make(owner, "/workflows/", { name: "Discount Code Campaign", status: "ACTIVE" });
  await call(owner, "POST", `/workflows/${workflow}/add_trigger/`, { trigger_id, priority: 100 });
  const action_id = await make(owner, "/actions/", ACTION);
  await call(owner, "POST", `/workflows/${workflow}/add_action/`, { action_id });
  expect(
    (await call(owner, "POST", `/triggers/${trigger_id}/test/`, { context: { event: EVENT } })).body,
  ).toMatchObject({ matched: true });
  expect(
    (await call(owner, "POST", `/actions/${action_id}/test/`, { context: { user: { first_name: "زهرا" } } })).body,
  ).toMatchObject({ success: true, message: "خوش آمدید زهرا! چطور می‌تونم کمکتون کنم؟" });

  const told = await call(owner, "POST", "/triggers/process_event/", { ...EVENT, user: { first_name: "زهرا" } });
  expect(told.body).toEqual({
    success: true,
    event_log_id: expect.any(String),
    message: "Event queued for processing",
  });
  const log = await eventually(async () => {
    const { body } = await call(owner, "GET", `/trigger-event-logs/${told.body.event_log_id}/`);
    return body.processed ? body : null;
  });
  expect(log).toMatchObject({ event_data: EVENT.data, matched_workflows: [{ workflow_id: workflow }] });
  const logs = await eventually(async () => {
    const { body } = await call(owner, "GET", `/action-logs/?action=${action_id}`);
    return body.count > 0 ? body : null;
  });
  const runs = (await call(owner, "GET", `/workflow-executions/?workflow=${workflow}`)).body.results;
  expect(runs).toMatchObject([{ user: "customer-123", conversation_id: "conv-456", status: "COMPLETED" }]);
  expect(runs[0].updated_at >= runs[0].completed_at).toBe(true);
  expect(logs.results[0]).toMatchObject({
    success: true,
    result: { text: "خوش آمدید زهرا! چطور می‌تونم کمکتون کنم؟" },
  });
});

it("what did not match says so in the words of the filter", async () => {
  const trigger_id = await make(owner, "/triggers/", TRIGGER);
  const context = { event: { data: { content: "سلام" } } };
  expect((await call(owner, "POST", `/triggers/${trigger_id}/test/`, { context })).body).toMatchObject({
    matched: false,
    reason: 'event.data.content does not contain "کد تخفیف"',
    failed: { path: "conditions.0", expected: "کد تخفیف", actual: "سلام" },
  });
});
