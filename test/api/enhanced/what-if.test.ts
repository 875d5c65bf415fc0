// What-if touches nothing: no request leaves, nobody is written to, no contact, event or execution changes, whatever the other version or the given
// outputs ask for. And what is secret stays secret.
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { makePorts } from "../../../src/objects/ports.ts";
import { testApp } from "../../fixtures/app.ts";
import { db, makeOrganization, type Tenant, testEnv } from "../../fixtures/identity.ts";
import { call, until } from "../core/kit.ts";

const { executions, code, channels } = makePorts(testEnv);
const { fetch: request } = testApp({ ports: { executions, code, channels } });

let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});
afterEach(() => vi.restoreAllMocks());

const node = (id: string, type: string, config: object = {}) => ({ id, type, data: { label: id, config } });
const chain = (...nodes: ReturnType<typeof node>[]) => ({
  nodes,
  edges: nodes.slice(1).map((to, index) => ({ id: `e${index}`, source: nodes[index]!.id, target: to.id })),
});

const ask = async (method: string, path: string, body?: unknown) => {
  const answer = await call(owner, method, path, body);
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body;
};
/** In this isolate, where requests that leave are seen. */
const fork = async (executionId: string, body: object) => {
  const answer = await request(`/api/v2/executions/${executionId}/fork`, {
    method: "POST",
    headers: { ...owner.headers, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const told = (await answer.json()) as Record<string, never>;
  expect(answer.status, JSON.stringify(told)).toBe(200);
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at field by field
  return told as any;
};

const EVERYTHING = [
  "messages",
  "events",
  "executions",
  "contacts",
  "notes",
  "conversations",
  "waiters",
  "identities",
  "untold_events",
];
const world = async () => {
  const rows = await Promise.all(
    EVERYTHING.map(async (table) => {
      const { results } = await db.prepare(`SELECT * FROM ${table} WHERE org_id = ?1`).bind(owner.organizationId).all();
      return [table, JSON.stringify(results)] as const;
    }),
  );
  return Object.fromEntries(rows);
};

const started = async (workflowId: string, variables: object): Promise<string> => {
  const { data } = await ask("POST", `/api/v1/workflows/${workflowId}/execute`, { community_id: 1, variables });
  await until(
    () => call(owner, "GET", `/api/v2/executions/${data.execution_id}`),
    ({ body }) => body.execution?.completedAt != null,
    30_000,
  );
  return data.execution_id;
};

const active = async (workflowData: object, more: object = {}): Promise<string> => {
  const trigger = { triggerType: "trigger_manual", triggerConfig: {} };
  const { workflow } = await ask("POST", "/api/v2/workflows", {
    ...{ name: "W", workflowData, ...trigger, settings: {}, status: "active" },
    ...more,
  });
  return workflow.id;
};

describe("a fork", () => {
  it("of a version that would call, write, tag and start everything does none of it", async () => {
    const quiet = chain(node("set", "data_variable", { name: "a", value: "{{name}}" }));
    const child = await active(quiet);
    const id = await active(quiet);
    const executionId = await started(id, { name: "Ann" });
    await ask("PUT", `/api/v2/workflows/${id}`, {
      workflowData: chain(
        node("set", "data_variable", { name: "a", value: "{{name}}" }),
        node("call", "action_webhook", { url: "https://example.com/hook", method: "POST", body: { name: "{{name}}" } }),
        node("say", "action_chat_message", { message: "Hi {{name}}", to: "+15005550199" }),
        node("mail", "action_email", { to: "ann@example.com", subject: "S", body: "B" }),
        node("tag", "action_add_tag", { tag_name: "vip", on_error: "continue" }),
        node("note", "action_add_note", { note: "n", on_error: "continue" }),
        node("child", "action_subworkflow", { workflow_id: child, wait: false, on_error: "continue" }),
      ),
    });
    const before = await world();
    const left = vi.spyOn(globalThis, "fetch");
    const told = await fork(executionId, { fromSeq: 0, version: 2 });
    expect(left).not.toHaveBeenCalled();
    expect(await world()).toEqual(before);
    expect(told.fork).toMatchObject({ version: 2, status: "completed" });
    expect(told.differences.messages).toMatchObject([
      { nodeId: "say", change: "added", fork: { text: "Hi Ann", to: "+15005550199" } },
      { nodeId: "mail", change: "added", fork: { channel: "email", to: "ann@example.com", subject: "S" } },
    ]);
    expect(told.differences.actions.map(({ action }: { action: string }) => action)).toEqual(
      expect.arrayContaining(["http.request", "contact.tag", "contact.note", "workflow.start"]),
    );
    expect(told.answers.mocked).toBeGreaterThanOrEqual(6);
    const { results } = await db
      .prepare("SELECT action FROM audit WHERE org_id = ?1 AND target_id = ?2")
      .bind(owner.organizationId, executionId)
      .all();
    expect(results).toContainEqual({ action: "execution.forked" });
  });

  it("runs users' code in its sandbox, and a loop that never ends is cut", async () => {
    const id = await active(chain(node("set", "data_variable", { name: "a", value: 1 })));
    const executionId = await started(id, { n: 1 });
    await ask("PUT", `/api/v2/workflows/${id}`, {
      workflowData: {
        nodes: [
          node("code", "action_code", { language: "javascript", code: "result = { double: context.variables.n * 2 }" }),
          node("loop", "loop_while", {
            conditions: [{ field: "variables.n", operator: "exists" }],
            max_iterations: 10_000,
          }),
          node("in", "data_variable", { name: "x", value: "{{nodes.code.output.result.double}}" }),
        ],
        edges: [
          { id: "1", source: "code", target: "loop" },
          { id: "2", source: "loop", target: "in", sourceHandle: "body" },
        ],
      },
    });
    const told = await fork(executionId, { fromSeq: 0, version: "draft", overrides: { variables: { n: 21 } } });
    expect(told.truncated).toMatch(/10000 visits/);
    expect(told.differences.variables).toContainEqual({ name: "x", original: null, fork: 42 });
  });

  it("cannot be made by who may not run the workflow, and keys that only read are refused", async () => {
    const id = await active(chain(node("set", "data_variable", { name: "a", value: 1 })));
    const executionId = await started(id, {});
    const keyed = async (...scopes: string[]) => {
      const { key } = await ask("POST", "/api/v2/api-keys", { name: "k", scopes });
      return { headers: { authorization: `Bearer ${key}`, "x-organization-id": owner.organizationId } };
    };
    const [reader, runner, both] = [await keyed("read"), await keyed("execute"), await keyed("execute", "read")];
    for (const [path, body] of [
      [`/api/v2/executions/${executionId}/fork`, { fromSeq: 0 }],
      [`/api/v2/executions/${executionId}/replay`, {}],
      [`/api/v2/workflows/${id}/backtest`, {}],
      [`/api/v2/executions/${executionId}/cancel`, {}],
    ] as const) {
      const { status, body: answer } = await call(reader, "POST", path, body);
      expect([path, status, answer.error.code]).toEqual([path, 403, "INSUFFICIENT_PERMISSIONS"]);
    }
    expect((await call(reader, "GET", `/api/v2/executions/${executionId}`)).status).toBe(200);
    // What they answer is what people wrote and were written: nothing for a key that may only run.
    for (const [path, body] of [
      [`/api/v2/executions/${executionId}/fork`, { fromSeq: 0 }],
      [`/api/v2/workflows/${id}/backtest`, {}],
    ] as const)
      expect([(await call(runner, "POST", path, body)).status, (await call(both, "POST", path, body)).status]).toEqual([
        403, 200,
      ]);
  });
});

it("a backtest asks nobody again: requests are answered as the executions of that time were", async () => {
  const type = `vip_${crypto.randomUUID().slice(0, 8)}`;
  const vip = { conditions: [{ field: "nodes.call.output.body.vip", operator: "equals", value: true }] };
  const data = {
    nodes: [
      node("call", "action_webhook", { url: "https://crm.example.com/", method: "POST", body: { id: "{{user.id}}" } }),
      node("vip", "condition_if", vip),
      node("gold", "action_chat_message", { message: "Gold, {{user.first_name}}", channel: "inapp" }),
      node("plain", "action_chat_message", { message: "Hello {{user.first_name}}", channel: "inapp" }),
    ],
    edges: [
      { id: "1", source: "call", target: "vip" },
      { id: "2", source: "vip", target: "gold", sourceHandle: "true" },
      { id: "3", source: "vip", target: "plain", sourceHandle: "false" },
    ],
  };
  const id = await active(data, { triggerType: "trigger_event", triggerConfig: { event_type: type } });
  await ask("POST", "/api/v1/workflow/api/event-types/", { name: type, code: type, available_fields: {} });
  const left = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const body = (await new Request(input as RequestInfo, init as RequestInit).json()) as { id: string };
    return Response.json({ vip: body.id === "ann" });
  });
  for (const [user_id, first_name] of [
    ["ann", "Ann"],
    ["bob", "Bob"],
  ])
    await ask("POST", "/api/v1/workflow/api/triggers/process_event/", {
      ...{ event_type: type, user_id, data: {}, user: { first_name } },
    });
  await until(
    () => call(owner, "GET", `/api/v2/workflows/${id}/executions?status=completed`),
    ({ body }) => body.pagination?.total === 2,
    30_000,
  );
  const calls = left.mock.calls.length;
  expect(calls).toBe(2);
  const answer = await request(`/api/v2/workflows/${id}/backtest`, {
    method: "POST",
    headers: { ...owner.headers, "content-type": "application/json" },
    body: "{}",
  });
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at field by field
  const told = (await answer.json()) as any;
  expect(left.mock.calls.length).toBe(calls);
  const texts = told.recipients.map(({ draft }: { draft: { text: string }[] }) => draft[0]?.text);
  expect(texts.sort(), JSON.stringify(told)).toEqual(["Gold, Ann", "Hello Bob"]);
  expect(told.notes.join()).toContain("4 requests were answered as the executions of that time were");
});

it("what is secret is shown in no answer: values of secret variables, credentials of requests", async () => {
  const id = await active(
    chain(
      node("set", "data_variable", { name: "copy", value: "key={{token}}" }),
      node("call", "action_webhook", {
        ...{ url: "https://example.invalid/?token=tok-query", method: "POST", on_error: "continue" },
        headers: { Authorization: "Bearer tok-header", "X-Plain": "kept" },
      }),
    ),
  );
  const version = await db
    .prepare("SELECT definition FROM workflows WHERE org_id = ?1 AND id = ?2")
    .bind(owner.organizationId, id)
    .first<string>("definition");
  // As the variables' part will say it: a version that calls `token` secret.
  const definition = { ...JSON.parse(version!), settings: { secrets: ["token"] } };
  const versionId = crypto.randomUUID();
  await db.batch([
    db
      .prepare(
        "INSERT INTO workflow_versions (org_id, id, workflow_id, number, definition, created_by, created_at) VALUES (?1, ?2, ?3, 99, ?4, 't', 1)",
      )
      .bind(owner.organizationId, versionId, id, JSON.stringify(definition)),
    db
      .prepare("UPDATE workflows SET published_version_id = ?3, definition = ?4 WHERE org_id = ?1 AND id = ?2")
      .bind(owner.organizationId, id, versionId, JSON.stringify(definition)),
  ]);
  vi.spyOn(globalThis, "fetch").mockImplementation(async () =>
    Response.json(
      { access_token: "tok-body", said: "very-secret-value" },
      { headers: { "set-cookie": "s=tok-cookie" } },
    ),
  );
  const executionId = await started(id, { token: "very-secret-value" });
  const answers = [
    await ask("GET", `/api/v2/executions/${executionId}`),
    await ask("GET", `/api/v2/executions/${executionId}/journal`),
    await ask("POST", `/api/v2/executions/${executionId}/replay`),
    await fork(executionId, { fromSeq: 0 }),
    await fork(executionId, { fromSeq: 0, overrides: { variables: { token: "another-secret" } } }),
    await ask("GET", `/api/v2/workflows/${id}/executions`),
  ];
  // The other APIs show the same run.
  const other = [await ask("GET", `/api/v1/workflows/executions/${executionId}`)];
  for (const answer of other) expect(JSON.stringify(answer)).not.toContain("very-secret-value");
  for (const answer of answers) {
    const text = JSON.stringify(answer);
    for (const secret of ["very-secret-value", "another-secret", "tok-header", "tok-query", "tok-body", "tok-cookie"])
      expect(text).not.toContain(secret);
  }
  expect(JSON.stringify(answers[0])).toContain('"said":"[redacted]"');
  expect(JSON.stringify(answers[1])).toContain('"X-Plain":"kept"');
  expect(answers[0].execution.inputData).toEqual({ token: "[redacted]" });
});
