// What `user` and `event` are to filters and templates: the contact with its attributes at top level, and the event.
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../src/engine/contract.ts";
import { eventLocals } from "../../src/engine/lookup.ts";
import { pathOf } from "../../src/lib/json.ts";
import { filterFields } from "../../src/triggers/filter-fields.ts";
import { matchEvent } from "../../src/triggers/match-event.ts";
import { SubscriptionIndex } from "../../src/triggers/subscription-index.ts";

const EVENT: RunEvent = {
  id: "e",
  type: "MESSAGE_RECEIVED",
  source: "api",
  data: { content: "سلام، کد تخفیف دارید؟", nested: { deep: 1 } },
  occurredAt: Date.UTC(2024, 0, 1, 10),
  conversationId: "conv-456",
  contact: {
    id: "0192-ours",
    external_id: "customer-123",
    name: "Ada",
    phone: "+14155550000",
    email: "ada@example.com",
    tags: ["premium"],
    attributes: { first_name: "Ada", score: 120, profile: { age: 36 }, tags: ["not these"], email: "nor@this" },
    timezone: "Asia/Tehran",
    consent_state: null,
    created_at: "2024-01-01T00:00:00.000Z",
  },
};

describe.each([
  ["user.id", "customer-123"],
  ["user.first_name", "Ada"],
  ["user.score", 120],
  ["user.profile.age", 36],
  ["user.tags", ["premium"]],
  ["user.email", "ada@example.com"],
  ["user.phone", "+14155550000"],
  ["user.attributes.score", 120],
  ["user.nothing", undefined],
  ["event.type", "MESSAGE_RECEIVED"],
  ["event.timestamp", "2024-01-01T10:00:00.000Z"],
  ["event.conversation_id", "conv-456"],
  ["event.data.nested.deep", 1],
])("%s", (field, value) => {
  it("is read by filters as by templates", () => {
    expect(filterFields(EVENT)(field)).toEqual(value);
    expect(pathOf(eventLocals(EVENT), field)).toEqual(value);
  });
});

it("is our own id of a user whom nobody else has an id of", () => {
  const { external_id: _, ...contact } = EVENT.contact!;
  expect(filterFields({ ...EVENT, contact: { ...contact, external_id: null } })("user.id")).toBe("0192-ours");
});

it("is judged by one evaluator, nested, in any script, with what the workflow starts with", () => {
  const subscription = (conditions: object[]) => ({
    ...{ eventType: "MESSAGE_RECEIVED", matchKey: null, workflowId: "w", nodeId: "t", triggerType: "trigger_event" },
    filters: { operator: "and" as const, conditions } as never,
    variables: { limit: 100 },
  });
  const match = (one: ReturnType<typeof subscription>) =>
    matchEvent(EVENT, new SubscriptionIndex([one]), { now: EVENT.occurredAt });
  const content = { field: "event.data.content", operator: "icontains", value: "کد تخفیف" };
  const premium = { field: "user.tags", operator: "contains", value: "premium" };
  const scored = { field: "user.score", operator: "greater", value: 100 };
  const limited = { field: "variables.limit", operator: "equals", value: 100 };
  const either = {
    operator: "or",
    conditions: [
      { field: "user.email", operator: "ends_with", value: "@company.com" },
      { field: "user.profile.age", operator: "greater", value: 25 },
    ],
  };
  const all = match(subscription([content, premium, scored, limited, either]));
  expect([...all.starts]).toEqual([["w", ["t"]]]);
  const young = { field: "user.profile.age", operator: "less", value: 30 };
  const { misses } = match(subscription([content, young]));
  expect(misses).toMatchObject([
    {
      workflowId: "w",
      failed: { path: "conditions.1", field: "user.profile.age", operator: "less", expected: 30, actual: 36 },
    },
  ]);
});
