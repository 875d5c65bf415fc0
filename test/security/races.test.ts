// SECURITY "Audit" and FAULTS: two callers at once. What one was told has become of a thing stays so, and one change leaves one row.
import { expect, it } from "vitest";
import { MAX_WEBHOOKS } from "../../src/domain/workflow/limits.ts";
import { call, createWorkflow, WORKFLOWS } from "../api/core/kit.ts";
import { testApp } from "../fixtures/app.ts";
import { db, makeOrganization, testPorts } from "../fixtures/identity.ts";

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
