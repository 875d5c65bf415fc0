import { describe, expect, it } from "vitest";
import type { Signal } from "../../src/engine/contract.ts";
import type { JsonObject } from "../../src/lib/json.ts";
import { enter, faultsOf, NOW, resume } from "./kit.ts";

const data = {
  event: { data: { n: 5, yes: "true", nothing: null, object: { a: 1 }, braces: "{{variables.secret}}", line: "a\nb" } },
  contact: { email: "ada@example.com", attributes: { city: "Kyiv" } },
  variables: { secret: "s" },
  order: { total: 3 },
};
const input = (type: string, config: JsonObject): JsonObject => {
  const outcome = enter(type, config, { data });
  if (outcome.kind !== "perform") throw new Error(JSON.stringify(outcome));
  return outcome.input;
};

describe("a rendered value", () => {
  it("becomes the text that a field wants", () => {
    expect(input("action_chat_message", { message: "{{event.data.n}}" })).toEqual({ text: "5" });
    expect(
      input("action_chat_message", {
        message: "hi",
        template_id: "HX1",
        template_language: "de",
        template_variables: { "1": "{{event.data.n}}", "2": "b" },
      }),
    ).toEqual({ text: "hi", template: { id: "HX1", language: "de", variables: { "1": "5", "2": "b" } } });
    expect(input("action_add_note", { note: "{{event.data.object}}" })).toEqual({ note: '{"a":1}' });
  });

  it("becomes the number or truth that a field wants", () => {
    expect(
      input("action_email", { to: "{{contact.email}}", subject: "s", body: "b", is_html: "{{event.data.yes}}" }),
    ).toEqual({
      to: "ada@example.com",
      subject: "s",
      body: "b",
      is_html: true,
    });
    expect(enter("action_delay", { duration: "{{event.data.n}}", unit: "seconds" }, { data })).toMatchObject({
      until: NOW + 5_000,
    });
  });

  it("keeps its type inside JSON", () => {
    const body = {
      n: "{{event.data.n}}",
      text: "n={{event.data.n}}",
      none: "{{event.data.missing}}",
      deep: ["{{event.data.object}}"],
    };
    expect(input("action_webhook", { url: "https://example.com", method: "POST", body })).toMatchObject({
      body: { n: 5, text: "n=5", none: null, deep: [{ a: 1 }] },
    });
    expect(input("action_update_contact", { attributes: "{{event.data.object}}" })).toEqual({ attributes: { a: 1 } });
  });

  it("is absent where nothing is allowed, and a failure that names the field where it is not", () => {
    expect(input("action_chat_message", { message: "hi", to: "{{event.data.nothing}}" })).toEqual({ text: "hi" });
    expect(enter("action_chat_message", { message: "{{event.data.nothing}}" }, { data })).toEqual({
      kind: "fail",
      error: { code: "INVALID_CONFIG", message: "message: The template found nothing.", retryable: false },
    });
  });

  it("is never rendered again", () => {
    expect(input("action_chat_message", { message: "{{event.data.braces}}" })).toEqual({
      text: "{{variables.secret}}",
    });
  });

  it.each([
    ["action_webhook", { url: "{{event.data.line}}", method: "GET" }, /^url: An absolute/],
    [
      "action_webhook",
      { url: "https://x.example", method: "GET", headers: { "X-A": "{{event.data.line}}" } },
      /^headers\.X-A: /,
    ],
    ["action_email", { to: "{{event.data.n}}", subject: "s", body: "b" }, /^to: One e-mail address/],
    ["action_email", { to: "a@b.example", subject: "{{event.data.line}}", body: "b" }, /^subject: It has one line/],
    ["action_set_conversation_status", { status: "{{event.data.n}}" }, /^status: Use one of open, pending, closed/],
    ["action_update_contact", { attributes: "{{event.data.n}}" }, /^attributes: An object/],
    ["action_delay", { duration: "{{event.data.line}}", unit: "hours" }, /^duration: A number/],
    ["action_delay", { duration: 1, unit: "{{event.data.line}}" }, /^unit: /],
  ])("of %s that does not fit %o is a failure", (type, config, message) => {
    expect(enter(type, config as never, { data })).toMatchObject({
      kind: "fail",
      error: { code: "INVALID_CONFIG", message: expect.stringMatching(message) },
    });
  });
});

it("action_webhook says at save what is wrong", () => {
  const url = "https://example.com";
  expect(faultsOf("action_webhook", { url: "ftp://example.com", method: "GET" })).toEqual([
    expect.stringMatching(/^url: /),
  ]);
  expect(faultsOf("action_webhook", { url: "https://a:b@example.com", method: "GET" })).toEqual([
    "url: Credentials belong into a header, not into the URL.",
  ]);
  expect(faultsOf("action_webhook", { url, method: "GET", body: {} })).toEqual(["body: A GET request has no body."]);
  expect(faultsOf("action_webhook", { url, method: "POST", headers: { "a b": 1, c: [] } })).toEqual([
    "headers.a b: This is no header name.",
    "headers.c: A text is needed.",
  ]);
  const poisoned = JSON.parse('{"url":"https://example.com","method":"POST","headers":{"__proto__":"x"}}');
  expect(faultsOf("action_webhook", poisoned)).toEqual(["headers.__proto__: This key is not allowed."]);
});

it("an action's result is the node's output, with its logs", () => {
  const result: Signal = { kind: "result", output: { a: 1 }, logs: ["done"] };
  expect(resume("action_add_tag", { tag_name: "x" }, result)).toEqual({
    kind: "next",
    port: "output",
    output: { a: 1 },
    logs: ["done"],
  });
});

describe("action_code", () => {
  it("copies what its text names and nothing else", () => {
    const code = "result = context['order']['total'] + context['event']['data']['n']";
    expect(input("action_code", { language: "python", code })).toEqual({
      language: "python",
      code,
      context: { input: null, order: { total: 3 }, event: data.event },
    });
  });

  it("leaves braces in the code alone", () => {
    const code = "result = f'{{{context}}}' # {{ nope | bad }}";
    expect(input("action_code", { language: "python", code }).code).toBe(code);
  });
});

describe("action_delay", () => {
  it("waits until its time, then says how long", () => {
    const config = { duration: 2, unit: "hours" };
    expect(enter("action_delay", config)).toEqual({
      kind: "wait",
      until: NOW + 7_200_000,
      memo: { waited_ms: 7_200_000 },
    });
    expect(resume("action_delay", config, { kind: "time" }, { memo: { waited_ms: 7_200_000 } })).toMatchObject({
      port: "output",
      output: { waited_ms: 7_200_000 },
    });
    expect(enter("action_delay", { duration: 0, unit: "hours" })).toMatchObject({ kind: "next" });
  });
});

describe("action_wait_for_event", () => {
  const filters = [{ field: "event.data.id", operator: "equals", value: "{{event.data.n}}" }];
  const config = { event_type: "order.paid", filters, timeout: 1, unit: "minutes" };

  it("waits with the filters as they are now", () => {
    expect(enter("action_wait_for_event", config, { data })).toEqual({
      kind: "wait",
      until: NOW + 60_000,
      memo: { waited_ms: 60_000 },
      event: {
        eventType: "order.paid",
        filters: { operator: "and", conditions: [{ field: "event.data.id", operator: "equals", value: 5 }] },
      },
    });
    expect(enter("action_wait_for_event", { event_type: "x" }, { data })).toEqual({
      kind: "wait",
      event: { eventType: "x" },
    });
  });

  it("fails when a filter renders to what its operator cannot take", () => {
    const broken = [{ field: "event.data.id", operator: "before", value: "{{event.data.object}}" }];
    expect(enter("action_wait_for_event", { event_type: "x", filters: broken }, { data })).toMatchObject({
      error: { code: "INVALID_CONFIG", message: expect.stringMatching(/^filters\.conditions\.0\.value: /) },
    });
  });

  it("goes by received with the event, by timeout with the time", () => {
    const event = { id: "e", type: "order.paid", source: "api", data: { id: 5 }, occurredAt: 0 };
    expect(resume("action_wait_for_event", config, { kind: "event", event }, { data })).toEqual({
      kind: "next",
      port: "received",
      output: { id: "e", type: "order.paid", source: "api", data: { id: 5 }, occurred_at: "1970-01-01T00:00:00.000Z" },
    });
    expect(resume("action_wait_for_event", config, { kind: "time" }, { data, memo: { waited_ms: 60_000 } })).toEqual({
      kind: "next",
      port: "timeout",
      output: { waited_ms: 60_000 },
    });
  });
});

it("action_subworkflow waits unless told not to", () => {
  expect(input("action_subworkflow", { workflow_id: "w" })).toEqual({ workflow_id: "w", variables: {}, wait: true });
  expect(input("action_subworkflow", { workflow_id: "w", variables: { a: "{{event.data.n}}" }, wait: false })).toEqual({
    workflow_id: "w",
    variables: { a: 5 },
    wait: false,
  });
});

it("data_variable and data_transform keep types", () => {
  expect(enter("data_variable", { name: "total", value: "{{event.data.n}}" }, { data })).toEqual({
    kind: "next",
    port: "output",
    output: { name: "total", value: 5 },
    set: { total: 5 },
  });
  expect(
    enter("data_transform", { mappings: { a: "{{event.data.object}}", b: "x{{event.data.n}}" } }, { data }),
  ).toMatchObject({
    output: { a: { a: 1 }, b: "x5" },
  });
  expect(faultsOf("data_variable", { name: "constructor", value: 1 })).toEqual(["name: This name is not allowed."]);
});

it("trigger_command tells its arguments", () => {
  const said = { event: { data: { content: "!Test foo Bar" } } };
  expect(enter("trigger_command", { command_name: "!test" }, { data: said })).toMatchObject({
    output: { content: "!Test foo Bar", command: "!test", args: "foo Bar" },
  });
  expect(
    enter("trigger_command", { command_name: "!test" }, { data: { event: { data: { by: "hand" } } } }),
  ).toMatchObject({
    output: { by: "hand" },
  });
});
