import { describe, expect, it } from "vitest";
import { actions } from "../../src/actions/index.ts";
import { MAX_WORKFLOW_DEPTH } from "../../src/actions/workflow-start.ts";
import type { Attempted, ChildRun, ContactChange, MessageReceipt, StepRef } from "../../src/domain/action-ports.ts";
import type { JsonObject } from "../../src/lib/json.ts";
import { reconcile, run } from "./kit.ts";

const inputs: Record<string, JsonObject> = {
  "code.run": { language: "python", code: "result = 1", context: { input: null } },
  "contact.note": { note: "hi" },
  "contact.tag": { tag_name: "vip" },
  "contact.untag": { tag_name: "vip" },
  "contact.update": { attributes: { city: "Kyiv", old: null } },
  "conversation.set_status": { status: "closed" },
  "email.send": { to: "ada@example.com", subject: "Hi", body: "Hi", is_html: false },
  "http.request": { url: "https://example.com/x?token=canary", method: "POST", headers: {}, body: null },
  "message.send": { text: "Hi", to: "+14155550100", channel: "sms" },
  "workflow.start": { workflow_id: "w2", variables: { a: 1 }, wait: true },
};

const refused = { outcome: "refused", code: "NO", message: "no", retryable: true, retryAfterMs: 5 } as const;
const unknown = { outcome: "unknown", reason: "cut off" } as const;
const receipt: MessageReceipt = {
  messageId: "m1",
  providerId: "SM1",
  channel: "sms",
  to: "+14155550100",
  status: "queued",
};
const change: ContactChange = { contact: { id: "c1", tags: ["vip"] }, changed: true };

it("has an input for every action here", () => expect([...actions.keys()].sort()).toEqual(Object.keys(inputs)));

it("a mocked request shows the body that its author rendered", () => {
  const request = { url: "https://example.com/x", method: "POST", headers: {} };
  const logOf = (body: unknown) => actions.get("http.request")!.mock({ ...request, body } as never).log;
  expect(logOf({ name: "Ada" })).toBe('Mocked: would send POST to example.com: {"name":"Ada"}');
  expect(logOf("a=1")).toBe("Mocked: would send POST to example.com: a=1");
  expect(logOf("x".repeat(9_000)).length).toBeLessThan(600);
});

describe.each([...actions])("%s", (name, action) => {
  it("is mocked in a dry run, and says so", () => {
    const { output, log } = action.mock(inputs[name]!);
    expect(output).toMatchObject({ mocked: true });
    expect(log).toMatch(/^Mocked: would /);
    expect(log).not.toContain("canary");
  });

  it("refuses a journaled input that it cannot read, without asking the world", async () => {
    const result = await action.run(undefined as never, {
      ...({ signal: new AbortController().signal } as never as Parameters<typeof action.run>[1]),
      input: { ...inputs[name], surplus: 1 },
    });
    expect(result).toMatchObject({ outcome: "failed", error: { code: "INVALID_INPUT" } });
  });
});

describe("time", () => {
  const hanging = { email: { send: () => new Promise<never>(() => {}) } };

  it("ends an attempt whose port never answers, as unknown", async () => {
    const result = await run("email.send", hanging, inputs["email.send"]!, { signal: AbortSignal.timeout(5) });
    expect(result).toEqual({ outcome: "unknown", reason: "no answer within the time for it" });
  });

  it("lets an attempt without time not begin", async () => {
    const result = await run("email.send", {}, inputs["email.send"]!, { signal: AbortSignal.abort() });
    expect(result).toMatchObject({ outcome: "failed", error: { code: "TIMEOUT", retryable: true } });
  });
});

describe("message.send", () => {
  const send = (answer: Attempted<MessageReceipt>, asked: unknown[] = []) => ({
    messages: {
      send: async (...args: unknown[]) => {
        asked.push(args);
        return answer;
      },
    },
  });

  it("orders one message under the step key, and tells its receipt", async () => {
    const asked: [StepRef, object][] = [];
    const result = await run("message.send", send({ outcome: "ok", value: receipt }, asked), inputs["message.send"]!);
    expect(result).toEqual({
      outcome: "ok",
      output: {
        message_id: "m1",
        provider_id: "SM1",
        channel: "sms",
        to: "+14155550100",
        text: "Hi",
        status: "queued",
      },
      service: "sms",
    });
    expect(asked).toHaveLength(1);
    expect(asked[0]![0]).toMatchObject({ key: "x1:n1:3", organizationId: "o1", eventDepth: 2 });
    expect(asked[0]![1]).toEqual({
      text: "Hi",
      to: "+14155550100",
      channel: "sms",
      contactId: "c1",
      conversationId: "v1",
    });
  });

  it("takes media, answers to choose from, and a template to fall back to", async () => {
    const asked: [StepRef, object][] = [];
    const interactive = { kind: "buttons", buttons: [{ id: "y", title: "Yes" }] };
    const input = {
      text: "Hi",
      media_urls: ["https://x.test/a.png"],
      interactive,
      template: { id: "HX1", language: "de" },
    };
    await run("message.send", send({ outcome: "ok", value: receipt }, asked), input);
    expect(asked[0]![1]).toEqual({
      text: "Hi",
      mediaUrls: ["https://x.test/a.png"],
      interactive,
      template: { contentSid: "HX1", language: "de", variables: {} },
      contactId: "c1",
      conversationId: "v1",
    });
    expect(await run("message.send", send(refused), { text: "" })).toMatchObject({ error: { code: "INVALID_INPUT" } });
  });

  it("tells that it was put off, and until when", async () => {
    const deferred = { outcome: "deferred", until: 5, reason: "quiet hours" } as const;
    expect(await run("message.send", send(deferred), inputs["message.send"]!)).toEqual(deferred);
  });

  it("tells a refusal with its code and when to come back", async () => {
    expect(await run("message.send", send(refused), inputs["message.send"]!)).toEqual({
      outcome: "failed",
      error: { code: "NO", message: "no", retryable: true, retryAfterMs: 5 },
    });
  });

  it("asks what became of an unknown one, and sends nothing", async () => {
    expect(await run("message.send", send(unknown), inputs["message.send"]!)).toEqual(unknown);
    for (const found of [{ outcome: "ok", value: receipt } as const, { outcome: "absent" } as const, unknown]) {
      const messages = { reconcile: async () => found };
      const result = await reconcile("message.send", { messages }, inputs["message.send"]!);
      expect(result.outcome).toBe(found.outcome);
    }
  });
});

describe("email.send", () => {
  it("sends", async () => {
    const value = { messageId: "m1", providerId: "e1", to: "ada@example.com" };
    const email = { send: async () => ({ outcome: "ok", value }) as const };
    expect(await run("email.send", { email }, inputs["email.send"]!)).toEqual({
      outcome: "ok",
      output: { message_id: "m1", provider_id: "e1", to: "ada@example.com" },
      service: "email",
    });
  });

  it("waits when its message is held back", async () => {
    const held = { outcome: "deferred", until: 7, reason: "It is quiet" } as const;
    expect(await run("email.send", { email: { send: async () => held } }, inputs["email.send"]!)).toEqual(held);
  });

  it("whose message had surely not left goes again", async () => {
    const email = { reconcile: async () => ({ outcome: "absent" }) as const };
    expect((await reconcile("email.send", { email }, inputs["email.send"]!)).outcome).toBe("absent");
  });

  it("cannot be asked: what is unknown is a failure, for good", async () => {
    const email = { reconcile: async () => ({ outcome: "unknown", reason: "?" }) as const };
    const result = await reconcile("email.send", { email }, inputs["email.send"]!);
    expect(result).toMatchObject({ outcome: "failed", error: { code: "UNKNOWN_OUTCOME" } });
    expect(result.outcome === "failed" && result.error.retryable).toBeFalsy();
  });
});

describe("the contact", () => {
  it.each([
    ["contact.tag", "addTag", "vip"],
    ["contact.untag", "removeTag", "vip"],
    ["contact.update", "update", { city: "Kyiv", old: null }],
  ])("is changed by %s, and templates see it from then on", async (name, method, value) => {
    const contacts = {
      [method]: async (step: StepRef, contactId: string, given: unknown) => {
        expect([step.key, contactId, given]).toEqual(["x1:n1:3", "c1", value]);
        return { outcome: "ok", value: change };
      },
    };
    expect(await run(name, { contacts }, inputs[name]!)).toEqual({
      outcome: "ok",
      output: { ...inputs[name], changed: true },
      contact: change.contact,
    });
  });

  it("gets a note", async () => {
    const contacts = { addNote: async () => ({ outcome: "ok", value: { noteId: "t1" } }) as const };
    expect(await run("contact.note", { contacts }, { note: "hi" })).toEqual({
      outcome: "ok",
      output: { note_id: "t1" },
    });
  });

  it.each(["contact.tag", "contact.untag", "contact.update", "contact.note"])("is needed by %s", async (name) => {
    const result = await run(name, {}, inputs[name]!, { contactId: undefined as never });
    expect(result).toMatchObject({ outcome: "failed", error: { code: "NO_CONTACT" } });
  });
});

it("conversation.set_status acts on the conversation, or the contact's, or fails", async () => {
  const conversations = {
    setStatus: async (_: StepRef, of: { conversationId?: string; contactId?: string }) => ({
      outcome: "ok" as const,
      value: { conversationId: of.conversationId ?? `of ${of.contactId}`, status: "closed" as const, changed: true },
    }),
  };
  const set = (more: object) => run("conversation.set_status", { conversations }, { status: "closed" }, more);
  expect(await set({})).toMatchObject({ output: { conversation_id: "v1", status: "closed", changed: true } });
  expect(await set({ conversationId: undefined })).toMatchObject({ output: { conversation_id: "of c1" } });
  expect(await set({ conversationId: undefined, contactId: undefined })).toMatchObject({
    error: { code: "NO_CONVERSATION" },
  });
});

describe("code.run", () => {
  const code = (outcome: object) => ({ code: { run: async () => outcome as never } });

  it("answers the result and what was printed", async () => {
    const ran = await run("code.run", code({ ok: true, result: [1], logs: ["hi"] }), inputs["code.run"]!);
    expect(ran).toEqual({ outcome: "ok", output: { result: [1] }, logs: ["hi"] });
  });

  it("tells what the sandbox said", async () => {
    const error = { code: "BUDGET_EXCEEDED", message: "too many steps" };
    const ran = await run("code.run", code({ ok: false, error, logs: [] }), inputs["code.run"]!);
    expect(ran).toEqual({ outcome: "failed", error, logs: [] });
    expect(actions.get("code.run")!.sideEffect).toBe(false);
  });
});

describe("workflow.start", () => {
  const child = (more: Partial<ChildRun>) => ({
    workflows: {
      startChild: async () =>
        ({
          outcome: "ok",
          value: { executionId: "x2", status: "running", output: null, error: null, ...more },
        }) as const,
    },
  });
  const waited = inputs["workflow.start"]!;

  it("does not wait unless asked", async () => {
    expect(await run("workflow.start", child({}), { ...waited, wait: false })).toEqual({
      outcome: "ok",
      output: { execution_id: "x2", status: "running" },
    });
  });

  it("waits for the end by being told, and reads an end that has come already", async () => {
    expect(await run("workflow.start", child({}), waited)).toEqual({ outcome: "pending" });
    expect(await run("workflow.start", child({ status: "waiting" }), waited)).toEqual({ outcome: "pending" });
    expect(await run("workflow.start", child({ status: "completed", output: { n: 1 } }), waited)).toEqual({
      outcome: "ok",
      output: { execution_id: "x2", status: "completed", output: { n: 1 } },
    });
  });

  it.each(["failed", "cancelled", "timed_out"] as const)("fails when the child ends as %s", async (status) => {
    const result = await run("workflow.start", child({ status, error: { code: "X", message: "boom" } }), waited);
    expect(result).toMatchObject({ error: { code: "SUBWORKFLOW_FAILED", message: expect.stringContaining("boom") } });
  });

  it("ends a chain of workflows that start each other", async () => {
    const result = await run("workflow.start", {}, waited, { eventDepth: MAX_WORKFLOW_DEPTH });
    expect(result).toMatchObject({ outcome: "failed", error: { code: "DEPTH_EXCEEDED" } });
  });

  it("tells a refusal", async () => {
    const workflows = { startChild: async () => refused };
    expect(await run("workflow.start", { workflows }, waited)).toMatchObject({ error: { code: "NO" } });
  });
});
