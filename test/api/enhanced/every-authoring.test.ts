// Details, journal, replay, what-if and backtest of executions whichever API made the workflow: one engine, one journal.
import { beforeAll, describe, expect, it } from "vitest";
import { backtest } from "../../../src/api/enhanced/executions/backtest-schema.ts";
import * as schema from "../../../src/api/enhanced/executions/schema.ts";
import { forked } from "../../../src/api/enhanced/executions/what-if-schema.ts";
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
