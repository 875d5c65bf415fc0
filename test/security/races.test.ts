// SECURITY "Audit" and FAULTS: two callers at once. What one was told has become of a thing stays so, and one change leaves one row.
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { MAX_WEBHOOKS } from "../../src/domain/workflow/limits.ts";
import { makePorts } from "../../src/objects/ports.ts";
import { call, createWorkflow, fetchWorker, WORKFLOWS } from "../api/core/kit.ts";
import { testApp } from "../fixtures/app.ts";
import { db, makeOrganization, type Tenant, testEnv, testPorts } from "../fixtures/identity.ts";

it("a workflow that is archived while it is being published stays archived, and listens for nothing", async () => {
  const owner = await makeOrganization();
  const id = await createWorkflow(owner, {
    nodes: { go: { node_type: "trigger_command", config: { command_name: "go" } } },
    connections: [],
  });
  // The delete comes through between what publishing has read and what it writes.
  const late = new Proxy(db, {
    get: (target, name) =>
      name === "batch"
        ? async (statements: D1PreparedStatement[]) => {
            expect((await call(owner, "DELETE", `${WORKFLOWS}/${id}`)).status).toBe(200);
            return target.batch(statements);
          }
        : target[name as "prepare"].bind(target),
  });
  const egress = { refusalOf: () => undefined };
  const { fetch } = testApp({ ports: testPorts({ db: late, egress }) });
  const published = await fetch(`${WORKFLOWS}/${id}/publish`, { method: "POST", headers: owner.headers, body: "{}" });
  expect(published.status).toBe(400);
  expect((await call(owner, "GET", `${WORKFLOWS}/${id}`)).body.data).toMatchObject({ status: "archived" });
  const rows =
    "SELECT (SELECT count(*) FROM subscriptions WHERE workflow_id = ?1) + count(*) AS n FROM workflow_versions";
  expect(await db.prepare(`${rows} WHERE workflow_id = ?1`).bind(id).first("n")).toBe(0);
  const audit = await call(owner, "GET", `/api/v2/audit?target_id=${id}`);
  expect(audit.body.entries.map(({ action }: { action: string }) => action)).toEqual([
    "workflow.archived",
    "workflow.created",
  ]);
});

it("a key that many revoke at once was revoked once", async () => {
  const owner = await makeOrganization();
  const { id } = (await call(owner, "POST", "/api/v2/api-keys", { name: "k" })).body;
  const answers = await Promise.all(Array.from({ length: 10 }, () => call(owner, "DELETE", `/api/v2/api-keys/${id}`)));
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
  const audit = await call(owner, "GET", `/api/v2/audit?action=api_key.revoked&target_id=${id}`);
  expect(audit.body.entries).toHaveLength(1);
});

it("a workflow has no more webhooks than it may, however many are made at once", async () => {
  const owner = await makeOrganization();
  const id = await createWorkflow(owner);
  const rows = Array.from({ length: MAX_WEBHOOKS - 2 }, (_, n) =>
    db
      .prepare(
        "INSERT INTO webhooks (org_id, id, workflow_id, name, token, secret_sealed, created_at) VALUES (?1, ?2, ?3, ?2, ?2, '', 1)",
      )
      .bind(owner.organizationId, `${id}-${n}`, id),
  );
  await db.batch(rows);
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => call(owner, "POST", `${WORKFLOWS}/${id}/webhooks`, { name: "one more" })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 400, 400, 400]);
  expect((await call(owner, "GET", `${WORKFLOWS}/${id}/webhooks`)).body.meta.pagination.total).toBe(MAX_WEBHOOKS);
});

it("a run that many cancel at once was cancelled once", async () => {
  const owner = await makeOrganization();
  const id = await createWorkflow(owner, {
    nodes: {
      start: { node_type: "trigger_manual", config: {} },
      wait: { node_type: "action_delay", config: { duration: 1, unit: "hours" } },
    },
    connections: [
      {
        connection_id: "c",
        from_node_id: "start",
        from_port_name: "output",
        to_node_id: "wait",
        to_port_name: "input",
      },
    ],
  });
  const run = (await call(owner, "POST", `${WORKFLOWS}/${id}/execute`, {})).body.data.execution_id;
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => call(owner, "POST", `${WORKFLOWS}/executions/${run}/cancel`, {})),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  const audit = await call(owner, "GET", `/api/v2/audit?action=execution.cancelled&target_id=${run}`);
  expect(audit.body.entries).toHaveLength(1);
});

describe("two changes at once", () => {
  const { webhooks, queues } = makePorts(testEnv);
  /** A database into which `meanwhile` comes once, between what a request has read and what it writes. */
  const lateDb = (meanwhile: () => Promise<unknown>) => {
    let isFirst = true;
    return new Proxy(db, {
      get: (target, name) =>
        name === "batch"
          ? async (statements: D1PreparedStatement[]) => {
              if (isFirst) {
                isFirst = false;
                await meanwhile();
              }
              return target.batch(statements);
            }
          : target[name as "prepare"].bind(target),
    });
  };
  const ask = async (
    ports: Parameters<typeof testPorts>[0],
    who: Tenant,
    method: string,
    path: string,
    body: object,
  ) => {
    const answer = await testApp({ ports: { webhooks, queues, ...ports } }).fetch(`/api/v2${path}`, {
      method,
      headers: { ...who.headers, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(200);
    // biome-ignore lint/suspicious/noExplicitAny: answers are looked at field by field
    return (await answer.json()) as any;
  };
  const makeEndpoint = async (owner: Tenant) => (await call(owner, "POST", "/api/v2/webhooks", { name: "Shop" })).body;
  const statusOf = async (id: string, secret: string) => {
    const body = "{}";
    const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
    const headers = { "content-type": "application/json", "x-webhook-signature": signature };
    return (await fetchWorker(`/api/v2/webhooks/receive/${id}`, { method: "POST", headers, body })).status;
  };

  it("of an endpoint's secret: both that were shown are good", async () => {
    const owner = await makeOrganization();
    const { webhook } = await makeEndpoint(owner);
    const path = `/webhooks/${webhook.id}/rotate-secret`;
    let first = "";
    const late = lateDb(async () => {
      first = (await call(owner, "POST", `/api/v2${path}`, {})).body.secretKey;
    });
    const second = (await ask({ db: late }, owner, "POST", path, {})).secretKey;
    expect([await statusOf(webhook.id, first), await statusOf(webhook.id, second)]).toEqual([200, 200]);
  });

  it("of an endpoint's secret and of its settings: the old secret does not come back", async () => {
    const owner = await makeOrganization();
    const { webhook, secretKey } = await makeEndpoint(owner);
    let isFirst = true;
    const configure: typeof webhooks.configure = async (settings) => {
      if (isFirst) {
        isFirst = false;
        const path = `/api/v2/webhooks/${webhook.id}/rotate-secret`;
        expect((await call(owner, "POST", path, { overlapSeconds: 0 })).status).toBe(200);
      }
      return webhooks.configure(settings);
    };
    expect(await statusOf(webhook.id, secretKey)).toBe(200);
    await ask({ webhooks: { ...webhooks, configure } }, owner, "PUT", `/webhooks/${webhook.id}`, { name: "Store" });
    expect(await statusOf(webhook.id, secretKey)).toBe(401);
  });

  it("of which one, an endpoint's end, fails: it still receives", async () => {
    const owner = await makeOrganization();
    const { webhook, secretKey } = await makeEndpoint(owner);
    const late = lateDb(() => Promise.reject(new Error("the database is away")));
    const { fetch } = testApp({ ports: { webhooks, db: late } });
    const path = `/api/v2/webhooks/${webhook.id}`;
    expect((await fetch(path, { method: "DELETE", headers: owner.headers })).status).toBeGreaterThanOrEqual(500);
    expect(await statusOf(webhook.id, secretKey)).toBe(200);
  });

  it("of a template: each keeps what the other said", async () => {
    const owner = await makeOrganization();
    const node = { id: "end", type: "flow_end", position: { x: 0, y: 0 }, data: { label: "end", config: {} } };
    const drawing = { nodes: [node], edges: [] };
    const body = { name: "T", description: "d", category: "c", workflowData: drawing, requiredVariables: [], tags: [] };
    const { id } = (await call(owner, "POST", "/api/v2/templates", body)).body.template;
    const late = lateDb(() => call(owner, "PUT", `/api/v2/templates/${id}`, { description: "theirs" }));
    await ask({ db: late }, owner, "PUT", `/templates/${id}`, { name: "Ours" });
    const { template } = (await call(owner, "GET", `/api/v2/templates/${id}`)).body;
    expect(template).toMatchObject({ name: "Ours", description: "theirs" });
  });

  it("of a global variable: none keeps a secret that the other has taken away", async () => {
    const owner = await makeOrganization();
    const path = `/api/v2/workflows/${await createWorkflow(owner)}/variables`;
    const variable = { name: "key", dataType: "string", scope: "global", isSecret: true };
    const save = (more: object) => call(owner, "POST", path, { ...variable, ...more });
    expect((await save({ defaultValue: "first-secret" })).status).toBe(201);
    const late = lateDb(() => save({ isSecret: false, defaultValue: "open" }));
    const answer = await testApp({ ports: { db: late } }).fetch(path, {
      method: "POST",
      headers: { ...owner.headers, "content-type": "application/json" },
      body: JSON.stringify({ ...variable, description: "with the value that it has" }),
    });
    expect(answer.status).toBe(400);
    const row = await db
      .prepare("SELECT value, secret_id FROM global_variables WHERE org_id = ?1")
      .bind(owner.organizationId)
      .first();
    expect(row).toEqual({ value: '"open"', secret_id: null });
  });

  it("of the queue's limits: each keeps what the other said", async () => {
    const owner = await makeOrganization();
    const late = lateDb(() => call(owner, "PATCH", "/api/v2/queue/settings", { maxQueued: 7 }));
    const said = await ask({ db: late }, owner, "PATCH", "/queue/settings", { maxConcurrency: 3 });
    expect(said).toMatchObject({ maxConcurrency: 3, maxQueued: 7 });
    await ask({}, owner, "PATCH", "/queue/settings", { maxConcurrency: null, maxQueued: null });
    const kept = await db.prepare("SELECT queue FROM organizations WHERE id = ?1").bind(owner.organizationId).first();
    expect(kept).toEqual({ queue: null });
  });
});
