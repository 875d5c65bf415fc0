// Details, journal, replay, what-if, backtest and retry of executions whichever API made the workflow or told the event: one engine, one journal.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { backtest } from "../../../src/api/enhanced/executions/backtest-schema.ts";
import * as schema from "../../../src/api/enhanced/executions/schema.ts";
import { forked } from "../../../src/api/enhanced/executions/what-if-schema.ts";
import { signatureOf } from "../../../src/channels/twilio/signature.ts";
import { newId } from "../../../src/lib/ids.ts";
import { call, fetchWorker, publishWorkflow, type Tenant, until } from "../core/kit.ts";
import { makeUser, publishedFlow } from "../flow/kit.ts";
import { activate, BASE as MARKETING } from "../marketing/kit.ts";

let owner: Tenant;
/** By authoring API: a workflow that listens for what somebody says, or is executed by hand, and a run of it that has ended. */
const made: Record<string, { workflowId: string; executionId: string; text: string }> = {};

const ask = async (method: string, path: string, body?: unknown) => {
  const answer = await call(owner, method, path, body);
  expect(answer.status, `${method} ${path} ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer.body;
};

const ended = async (executionId: string) =>
  (
    await until(
      () => call(owner, "GET", `/api/v2/executions/${executionId}`),
      ({ status, body }) => status === 200 && body.execution.completedAt !== null,
      30_000,
    )
  ).body;

const runOf = async (workflowId: string): Promise<string> => {
  const { body } = await until(
    () => call(owner, "GET", `/api/v2/workflows/${workflowId}/executions`),
    (answer) => answer.body.executions?.length > 0,
    30_000,
  );
  return body.executions[0].id;
};

const say = (text: string) => ({
  id: "say",
  type: "action_chat_message",
  data: { label: "Say", config: { message: text } },
});
const says = (content: string) =>
  ask("POST", `${MARKETING}/triggers/process_event/`, {
    ...{
      event_type: "MESSAGE_RECEIVED",
      user_id: "ann",
      data: { content },
      user: { first_name: "Ann", phone: "+15005550123" },
    },
  });

beforeAll(async () => {
  owner = await makeUser();
  const enhanced = await ask("POST", "/api/v2/workflows", {
    ...{ name: "E", settings: {}, status: "active", triggerType: "trigger_event" },
    triggerConfig: {
      event_type: "MESSAGE_RECEIVED",
      filters: [{ field: "event.data.content", operator: "icontains", value: "enhanced" }],
    },
    workflowData: { nodes: [say("Enhanced {{user.first_name}}")], edges: [] },
  });
  const marketing = await activate(owner, {
    trigger: {
      trigger_type: "MESSAGE_RECEIVED",
      filters: {
        operator: "and",
        conditions: [{ field: "event.data.content", operator: "icontains", value: "market" }],
      },
    },
    actions: [{ action_type: "send_message", configuration: { message: "Marketing {{user.first_name}}" }, order: 1 }],
  });
  const flowId = await publishedFlow(owner);
  const coreId = await publishWorkflow(owner, {
    nodes: {
      t: {
        node_type: "trigger_event",
        config: {
          event_type: "MESSAGE_RECEIVED",
          filters: [{ field: "event.data.content", operator: "icontains", value: "core" }],
        },
      },
      say: { node_type: "action_chat_message", config: { message: "Core {{user.first_name}}" } },
    },
    connections: [{ from_node_id: "t", to_node_id: "say" }],
  });
  for (const content of ["some enhanced text", "the market", "hello", "to the core"]) await says(content);
  const ids = { enhanced: enhanced.workflow.id, marketing: marketing.id, flow: flowId, core: coreId };
  const texts = {
    enhanced: "Enhanced Ann",
    marketing: "Marketing Ann",
    flow: "Hello! How can I help you?",
    core: "Core Ann",
  };
  for (const api of ["enhanced", "marketing", "flow", "core"] as const) {
    const executionId = await runOf(ids[api]);
    await ended(executionId);
    made[api] = { workflowId: ids[api], executionId, text: texts[api] };
  }
}, 60_000);

describe.each(["enhanced", "marketing", "flow", "core"])("an execution of the %s API", (api) => {
  it("is shown with its steps, timeline, logs and journal", async () => {
    const { workflowId, executionId } = made[api]!;
    const body = await ended(executionId);
    expect(schema.details.parse(body)).toEqual(body);
    expect(body.execution).toMatchObject({
      id: executionId,
      workflowId,
      status: "completed",
      triggerType: "MESSAGE_RECEIVED",
    });
    expect(body.steps.length).toBeGreaterThan(0);
    const journal = await ask("GET", `/api/v2/executions/${executionId}/journal`);
    expect(schema.journal.parse(journal)).toEqual(journal);
    expect(journal.entries[0]).toMatchObject({ seq: 1, type: "start" });
    expect(journal.pagination.total).toBe(body.debugInfo.seq);
  });

  it("is what its journal makes of it", async () => {
    const body = await ask("POST", `/api/v2/executions/${made[api]!.executionId}/replay`);
    expect(body).toMatchObject({ equal: true, differences: [] });
  });

  it("comes out as it did without other terms, and otherwise with them: nothing is sent", async () => {
    const { executionId, text } = made[api]!;
    const count = () => ask("GET", "/api/v2/messages").then(({ pagination }) => pagination.total);
    const before = await count();
    const fork = (body: object) => ask("POST", `/api/v2/executions/${executionId}/fork`, body);
    const same = await fork({ fromSeq: 0 });
    expect(forked.parse(same)).toEqual(same);
    expect(same, JSON.stringify(same.differences)).toMatchObject({ equal: true, unmapped: [], truncated: null });
    const other = await fork({ fromSeq: 0, overrides: { contact: { attributes: { first_name: "Zoe" } } } });
    const changed = other.differences.messages.map((one: { fork: { text: string } }) => one.fork.text);
    expect(changed).toEqual(api === "flow" ? [] : [text.replace("Ann", "Zoe")]);
    const draft = await fork({ fromSeq: 0, version: "draft" });
    expect(draft.fork.version).toBeNull();
    expect(await count()).toBe(before);
  });

  it("its workflow is tried on what people said", async () => {
    const { workflowId, text } = made[api]!;
    const body = await ask("POST", `/api/v2/workflows/${workflowId}/backtest`, {});
    expect(backtest.parse(body)).toEqual(body);
    expect(body.events).toMatchObject({ draftStarted: 1, publishedStarted: 1 });
    expect(body.recipients, JSON.stringify(body)).toMatchObject([
      { change: "same", draft: [{ text, outcome: "sent" }], published: [{ text, outcome: "sent" }] },
    ]);
  });
});

it("a webhook's calls and starts by hand are tried from where they began, whatever else the workflow listens for", async () => {
  const id = await publishWorkflow(owner, {
    nodes: {
      hook: { node_type: "trigger_webhook", config: {} },
      hear: {
        node_type: "trigger_event",
        config: {
          event_type: "WEBHOOK_RECEIVED",
          filters: [{ field: "event.data.loud", operator: "equals", value: true }],
        },
      },
      say: { node_type: "action_chat_message", config: { message: "Called by {{event.data.who}}" } },
      shout: { node_type: "action_chat_message", config: { message: "LOUD {{event.data.who}}" } },
    },
    connections: [
      { from_node_id: "hook", to_node_id: "say" },
      { from_node_id: "hear", to_node_id: "shout" },
    ],
  });
  const { data: hook } = await ask("POST", `/api/v1/workflows/${id}/webhooks`, { name: "H", require_signature: false });
  const { data: hand } = await ask("POST", `/api/v1/workflows/${id}/execute`, {
    community_id: 1,
    variables: { who: "hand" },
  });
  await ended(hand.execution_id);
  for (const body of [
    { who: "one", loud: true },
    { who: "two", loud: false },
  ]) {
    const sent = await fetchWorker(`/api/v1/workflows/webhooks/${hook.token}`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
    await ended(((await sent.json()) as { data: { execution_id: string } }).data.execution_id);
  }
  const told = await ask("POST", `/api/v2/workflows/${id}/backtest`, {});
  expect(told.events).toEqual({ tried: 3, draftStarted: 3, publishedStarted: 3 });
  const said = told.recipients.map(({ draft }: { draft: { text: string }[] }) => draft.map(({ text }) => text).sort());
  expect(said).toEqual([["Called by hand", "LOUD hand"], ["Called by one", "LOUD one"], ["Called by two"]]);
  expect(told.summary.changes).toEqual({ added: 0, lost: 0, changed: 0, same: 3 });
});

it("what-if refuses what there is not, and names the field", async () => {
  const { executionId } = made.core!;
  const refused = async (body: object) => {
    const answer = await call(owner, "POST", `/api/v2/executions/${executionId}/fork`, body);
    return [answer.status, answer.body.validation?.[0]?.field ?? answer.body.error.code];
  };
  expect(await refused({})).toEqual([400, "fromSeq"]);
  expect(await refused({ fromSeq: -1 })).toEqual([400, "fromSeq"]);
  expect(await refused({ fromSeq: 1.5 })).toEqual([400, "fromSeq"]);
  expect(await refused({ fromSeq: 99 })).toEqual([400, "fromSeq"]);
  expect(await refused({ fromSeq: 0, version: 99 })).toEqual([404, "NOT_FOUND"]);
  expect(await refused({ fromSeq: 0, version: made.enhanced!.workflowId })).toEqual([404, "NOT_FOUND"]);
  expect(await refused({ fromSeq: 0, overrides: { outputs: { nobody: 1 } } })).toEqual([
    400,
    "overrides.outputs.nobody",
  ]);
  expect(await refused({ fromSeq: 0, overrides: { outputs: { t: {} } } })).toEqual([400, "overrides.outputs.t"]);
  expect(await refused({ fromSeq: 0, overrides: { nonsense: 1 } })).toEqual([400, "overrides.nonsense"]);
  expect(await refused({ fromSeq: 0, overrides: { variables: [] } })).toEqual([400, "overrides.variables"]);
});

const SENDER = "+15551112222";

let channelId: string;
/** What the provider has taken, and what it refuses until it does not any more. */
const sent: { to: string; text: string }[] = [];
const refused = new Set<string>();

/** They write by SMS, as Twilio tells it. */
const write = async (from: string, text: string): Promise<void> => {
  const path = `/webhooks/inbound/${owner.organizationId}/${channelId}`;
  const form = { MessageSid: `SM${newId()}`, From: from, To: SENDER, Body: text };
  const { status } = await fetchWorker(path, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-twilio-signature": await signatureOf("t", `https://signalbox.test${path}`, Object.entries(form)),
    },
    body: new URLSearchParams(form).toString(),
  });
  expect(status).toBe(200);
};

const gets = (to: string, text: string) =>
  until(
    async () => ({
      status: 200,
      headers: new Headers(),
      body: sent.filter((one) => one.to === to).map((one) => one.text),
    }),
    ({ body }) => body.includes(text),
    30_000,
  );

const hears = (value: string) => ({
  event_type: "MESSAGE_RECEIVED",
  filters: [{ field: "event.data.content", operator: "icontains", value }],
});
const enhanced = async (triggerConfig: object, config: object): Promise<string> => {
  const { workflow } = await ask("POST", "/api/v2/workflows", {
    ...{ name: "E", settings: {}, status: "active", triggerType: "trigger_event", triggerConfig },
    workflowData: { nodes: [{ id: "say", type: "action_chat_message", data: { label: "Say", config } }], edges: [] },
  });
  return workflow.id;
};
const newcomer = (value: string) => ({
  event_type: "USER_CREATED",
  filters: [{ field: "event.data.identity.value", operator: "equals", value }],
});
const reply = (data: string) => [{ flowReplyType: "Text", data, caption: "", mimeType: "" }];

type Case = {
  from: string;
  /** What is sent at last, and refused first. */
  text: string;
  make: () => Promise<string>;
  /** Until the run comes to what is refused. */
  begin: (from: string) => Promise<void>;
};

const cases: Record<string, Case> = {
  core: {
    ...{ from: "+14155559001", text: "Core: hello" },
    make: () =>
      publishWorkflow(owner, {
        nodes: {
          t: { node_type: "trigger_event", config: hears("to the core") },
          say: { node_type: "action_chat_message", config: { message: "Core: hello" } },
        },
        connections: [{ from_node_id: "t", to_node_id: "say" }],
      }),
    begin: (from) => write(from, "to the core"),
  },
  marketing: {
    ...{ from: "+14155559002", text: "Marketing: SAVE20" },
    make: async () => {
      const { id } = await activate(owner, {
        trigger: {
          trigger_type: "MESSAGE_RECEIVED",
          filters: { operator: "and", conditions: hears("the market").filters },
        },
        actions: [{ action_type: "send_message", configuration: { message: "Marketing: SAVE20" }, order: 1 }],
      });
      return id;
    },
    begin: (from) => write(from, "the market"),
  },
  enhanced: {
    ...{ from: "+14155559003", text: "Enhanced: hello" },
    make: () => enhanced(hears("some enhanced"), { message: "Enhanced: hello" }),
    begin: (from) => write(from, "some enhanced"),
  },
  stream: {
    ...{ from: "+14155559004", text: "Stream: welcome" },
    make: () => enhanced(newcomer("+14155559004"), { message: "Stream: welcome", channel: "sms" }),
    begin: async (from) => {
      await ask("POST", "/api/v1/users", { phone_e164: from, consent_state: "OPT_IN", attributes: { name: "Ann" } });
    },
  },
  flow: {
    ...{ from: "+14155559005", text: "Flow: 12 it is" },
    make: () =>
      publishedFlow(owner, {
        name: "Asking",
        flowNodes: [
          { id: "start", type: "trigger_keyword", isStartNode: true, triggerKeywords: ["book"] },
          { id: "ask", type: "question", flowReplies: reply("How many?"), userInputVariable: "@many" },
          { id: "done", type: "message", flowReplies: reply("Flow: @many it is") },
        ],
        flowEdges: [
          { id: "1", sourceNodeId: "start", targetNodeId: "ask" },
          { id: "2", sourceNodeId: "ask", targetNodeId: "done" },
        ],
      }),
    begin: async (from) => {
      await write(from, "book");
      await gets(from, "How many?");
      await write(from, "12");
    },
  },
};

describe("what the provider refuses", () => {
  beforeAll(async () => {
    owner = await makeUser();
    const { channel } = await ask("POST", "/api/v2/channels", {
      ...{ name: "Numbers", provider: "twilio", kind: "sms", sender: SENDER, rate: 1000 },
      settings: { accountSid: "AC9" },
      credentials: { authToken: "t" },
    });
    channelId = channel.id;
  });
  beforeEach(() => {
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const request = new Request(input as RequestInfo, init as RequestInit);
      if (request.method === "GET") return Response.json({ messages: [] });
      const form = new URLSearchParams(new TextDecoder().decode(await request.arrayBuffer()));
      const [to, text] = [form.get("To")!, form.get("Body")!];
      if (refused.has(text)) return Response.json({ code: 21211, message: "Not today" }, { status: 400 });
      sent.push({ to, text });
      return Response.json({ sid: `SM${newId()}`, status: "queued" }, { status: 201 });
    });
  });
  afterEach(() => vi.restoreAllMocks());

  describe.each(Object.entries(cases))("a run of the %s API that failed", (_, { from, text, make, begin }) => {
    let workflowId: string;
    let failed: string;
    beforeAll(async () => {
      workflowId = await make();
      refused.add(text);
    });

    it("is retried from the step that failed, and says once what was refused", async () => {
      await begin(from);
      failed = await runOf(workflowId);
      const { execution, steps } = await ended(failed);
      expect(execution, JSON.stringify(steps)).toMatchObject({ workflowId, status: "failed" });
      expect(sent.filter((one) => one.text === text)).toEqual([]);

      refused.delete(text);
      const before = sent.length;
      const { newJobId } = await ask("POST", `/api/v2/queue/jobs/${failed}/retry`, { fromStep: true });
      const again = await ended(newJobId);
      expect(again.execution, JSON.stringify(again.steps)).toMatchObject({ workflowId, status: "completed" });
      // Nobody is asked again what they have answered.
      expect(sent.slice(before)).toEqual([{ to: from, text }]);
      expect((await call(owner, "POST", `/api/v2/queue/jobs/${newJobId}/retry`, {})).status).toBe(409);

      for (const id of [failed, newJobId])
        expect(await ask("POST", `/api/v2/executions/${id}/replay`)).toMatchObject({ equal: true, differences: [] });
      const forked = await ask("POST", `/api/v2/executions/${newJobId}/fork`, { fromSeq: 0 });
      expect(forked, JSON.stringify(forked.differences)).toMatchObject({ equal: true });
      expect(sent.length).toBe(before + 1);
    });

    it("comes out otherwise in a fork in which it is taken, and its event is tried once, retry or not", async () => {
      const before = sent.length;
      const { execution } = await ended(failed);
      const overrides = { outputs: { [execution.error.nodeId]: { status: "sent" } } };
      const forked = await ask("POST", `/api/v2/executions/${failed}/fork`, { fromSeq: 0, overrides });
      expect(forked, JSON.stringify(forked)).toMatchObject({ equal: false, fork: { status: "completed" } });
      const { events, recipients } = await ask("POST", `/api/v2/workflows/${workflowId}/backtest`, {});
      expect(events).toMatchObject({ draftStarted: 1, publishedStarted: 1 });
      expect(recipients, JSON.stringify(recipients)).toMatchObject([{ change: "same" }]);
      expect(sent.length).toBe(before);
    });
  });
});

it("a run whose beginning and what it has recorded fill more than one row is retried from the start only", async () => {
  const call = { url: "http://10.0.0.1/", method: "POST", body: {} };
  const { workflow } = await ask("POST", "/api/v2/workflows", {
    ...{ name: "Large", settings: {}, status: "draft", triggerType: "trigger_manual", triggerConfig: {} },
    workflowData: {
      nodes: [{ id: "call", type: "action_webhook", position: { x: 0, y: 0 }, data: { label: "call", config: call } }],
      edges: [],
    },
  });
  // Three bytes a character, twice in the beginning and twice in what is taken over.
  const inputData = { a: "€".repeat(100_000), b: "€".repeat(100_000) };
  const { executionId } = await ask("POST", `/api/v2/workflows/${workflow.id}/execute`, { inputData });
  await ended(executionId);
  const path = `/api/v2/queue/jobs/${executionId}/retry`;
  const refused = await fetchWorker(path, {
    method: "POST",
    headers: { ...owner.headers, "content-type": "application/json" },
    body: JSON.stringify({ fromStep: true }),
  });
  expect([refused.status, await refused.text()]).toEqual([409, expect.stringContaining("too much")]);
  expect((await ended((await ask("POST", path, {})).newJobId)).execution.status).toBe("failed");
});
