// What becomes of a workflow: published, archived, validated, shared; shapes by the document's schemas, and what bad input gets.
import { beforeAll, describe, expect, it } from "vitest";
import * as schema from "../../../src/api/core/schema.ts";
import { db, join } from "../../fixtures/identity.ts";
import {
  call,
  createWorkflow,
  errorOf,
  ISO,
  makeOrganization,
  publishWorkflow,
  type Tenant,
  WORKFLOWS,
} from "./kit.ts";

let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});

const get = async (id: string) => (await call(owner, "GET", `${WORKFLOWS}/${id}`)).body.data;

const rows = async (sql: string, ...values: unknown[]) =>
  (
    await db
      .prepare(sql)
      .bind(...values)
      .all()
  ).results;

describe("publish", () => {
  const listening = {
    nodes: {
      cmd: { node_type: "trigger_command", config: { command_name: "!Test" } },
      tag: {
        node_type: "trigger_event",
        config: {
          event_type: "TAG_ADDED",
          filters: { operator: "and", conditions: [{ field: "event.data.tag", operator: "equals", value: "vip" }] },
        },
      },
      cron: { node_type: "trigger_schedule", config: { cron: "0 9 * * *", timezone: "Europe/Berlin" } },
      end: { node_type: "flow_end", config: {} },
    },
    connections: ["cmd", "tag", "cron"].map((from) => ({ from_node_id: from, to_node_id: "end" })),
  };
  const subscriptionsOf = (id: string) =>
    rows(
      "SELECT event_type, match_key, node_ids, trigger_type FROM subscriptions WHERE workflow_id = ?1 ORDER BY n",
      id,
    );

  const listensWith = (value: unknown, more: object = {}) => ({
    nodes: Object.fromEntries(
      ["a", "b", "c"].map((id) => [
        id,
        {
          node_type: "trigger_event",
          config: { event_type: "paid", filters: [{ field: "variables.limit", operator: "not_equals", value }] },
        },
      ]),
    ),
    connections: [],
    ...more,
  });

  it("keeps of the variables what the filters read, however large the others are", async () => {
    const global_variables = { limit: 5, large: "x".repeat(900_000) };
    const id = await publishWorkflow(owner, listensWith(7, { global_variables }));
    const kept = await rows("SELECT variables FROM subscriptions WHERE workflow_id = ?1", id);
    expect(kept).toEqual(Array.from({ length: 3 }, () => ({ variables: '{"limit":5}' })));
  });

  it("refuses more filters than every event could bring along, of one workflow and of all", async () => {
    const large = await createWorkflow(owner, listensWith("x".repeat(130_000)));
    const refused = await call(owner, "POST", `${WORKFLOWS}/${large}/publish`, {});
    expect([refused.status, refused.body.error.details.field]).toEqual([400, "nodes"]);
    expect(refused.body.error.message).toContain("250000 bytes");
    expect((await get(large)).status).toBe("draft");

    const crowded = await makeOrganization();
    const other = await publishWorkflow(crowded, listensWith(1));
    const set = (bytes: number) =>
      db
        .prepare("UPDATE subscriptions SET filters = ?2 WHERE workflow_id = ?1")
        .bind(other, JSON.stringify("x".repeat(bytes)))
        .run();
    await set(1_000_000);
    const id = await createWorkflow(crowded, listensWith("x".repeat(60_000)));
    expect((await call(crowded, "POST", `${WORKFLOWS}/${id}/publish`, {})).status).toBe(200);
    await db
      .prepare(
        `INSERT INTO subscriptions (org_id, event_type, workflow_id, version_id, node_ids, filters)
         SELECT org_id, event_type, workflow_id, version_id, node_ids, filters FROM subscriptions WHERE workflow_id = ?1`,
      )
      .bind(other)
      .run();
    const more = await createWorkflow(crowded, listensWith(2));
    const full = await call(crowded, "POST", `${WORKFLOWS}/${more}/publish`, {});
    expect([full.status, full.body.error.message]).toEqual([400, expect.stringContaining("5000000 bytes")]);
  });

  it("makes a version and everything that listens for it", async () => {
    const id = await createWorkflow(owner, listening);
    const { status, body } = await call(owner, "POST", `${WORKFLOWS}/${id}/publish`, { community_id: 456 });
    expect(status).toBe(200);
    expect(schema.publishedWorkflow.parse(body)).toEqual({
      success: true,
      message: "Workflow published successfully",
      data: { workflow_id: id, status: "active", published_at: expect.stringMatching(ISO), version: 1 },
    });
    expect(await subscriptionsOf(id)).toEqual([
      { event_type: "MESSAGE_RECEIVED", match_key: "!test", node_ids: '["cmd"]', trigger_type: "trigger_command" },
      { event_type: "TAG_ADDED", match_key: null, node_ids: '["tag"]', trigger_type: "trigger_event" },
    ]);
    const [schedule] = await rows("SELECT node_id, cron, timezone, next_at FROM schedules WHERE workflow_id = ?1", id);
    expect(schedule).toMatchObject({ node_id: "cron", cron: "0 9 * * *", timezone: "Europe/Berlin" });
    expect((schedule as { next_at: number }).next_at).toBeGreaterThan(Date.now());
  });

  it("is idempotent, and a new version only when the draft has changed", async () => {
    const id = await createWorkflow(owner, listening);
    const publish = async () => (await call(owner, "POST", `${WORKFLOWS}/${id}/publish`)).body.data;
    const first = await publish();
    expect(await publish()).toEqual(first);
    await call(owner, "PUT", `${WORKFLOWS}/${id}`, {
      nodes: { cmd: listening.nodes.cmd, end: listening.nodes.end },
      connections: [{ from_node_id: "cmd", to_node_id: "end" }],
    });
    expect(await subscriptionsOf(id)).toHaveLength(2);
    expect((await publish()).version).toBe(2);
    expect(await subscriptionsOf(id)).toHaveLength(1);
    expect(await rows("SELECT id FROM schedules WHERE workflow_id = ?1", id)).toEqual([]);
  });

  it("refuses a workflow with errors, naming each by its path", async () => {
    const id = await createWorkflow(owner, {
      nodes: {
        cron: { node_type: "trigger_schedule", config: { cron: "99 * * * *" } },
        what: { node_type: "no_such_node", config: {} },
        tpl: { node_type: "data_variable", config: { name: "x", value: "{{ a" } },
      },
      connections: [
        { from_node_id: "cron", to_node_id: "tpl" },
        { from_node_id: "cron", to_node_id: "ghost" },
      ],
    });
    const { status, body } = await call(owner, "POST", `${WORKFLOWS}/${id}/publish`, {});
    expect(status).toBe(400);
    expect(body.error.code).toBe("BAD_REQUEST");
    const fields = body.error.details.errors.map((error: { field: string }) => error.field);
    expect(fields).toEqual(
      expect.arrayContaining(["nodes.cron.config.cron", "nodes.what.node_type", "connections.1.to_node_id"]),
    );
    expect(fields.some((field: string) => field.startsWith("nodes.tpl.config"))).toBe(true);
    expect((await get(id)).status).toBe("draft");
    expect(await subscriptionsOf(id)).toEqual([]);
  });

  it("leaves the running version alone while the draft is edited", async () => {
    const id = await publishWorkflow(owner);
    await call(owner, "PUT", `${WORKFLOWS}/${id}`, { nodes: {}, connections: [] });
    const executed = await call(owner, "POST", `${WORKFLOWS}/${id}/execute`, {
      variables: { name: "Ann", n: 1 },
      wait: true,
    });
    expect(executed.body.data.execution_path).toEqual(["start", "shape", "end"]);
  });
});

describe("archive", () => {
  it("ends all listening and can be repeated", async () => {
    const id = await publishWorkflow(owner, {
      nodes: { cmd: { node_type: "trigger_command", config: { command_name: "!x" } } },
      connections: [],
    });
    for (let round = 0; round < 2; round++) {
      const { status, body } = await call(owner, "DELETE", `${WORKFLOWS}/${id}`);
      expect(status).toBe(200);
      expect(schema.archivedWorkflow.parse(body)).toMatchObject({
        message: "Workflow archived successfully",
        data: { workflow_id: id, status: "archived" },
      });
    }
    expect(await rows("SELECT n FROM subscriptions WHERE workflow_id = ?1", id)).toEqual([]);
    expect((await call(owner, "POST", `${WORKFLOWS}/${id}/publish`, {})).status).toBe(400);
    const executed = await call(owner, "POST", `${WORKFLOWS}/${id}/execute`, {});
    expect([executed.status, executed.body.error.code]).toEqual([400, "EXECUTION_ERROR"]);
  });
});

describe("validate", () => {
  it("warns in the document's own words", async () => {
    const id = await createWorkflow(owner, {
      nodes: {
        node1: { node_type: "trigger_command", config: { command_name: "!t" } },
        node5: { node_type: "action_chat_message", config: { message: "hi" } },
      },
      connections: [{ from_node_id: "node1", to_node_id: "node5" }],
    });
    const { status, body } = await call(owner, "POST", `${WORKFLOWS}/${id}/validate`);
    expect(status).toBe(200);
    const { findings, ...data } = schema.validation.parse(body).data;
    expect(data).toEqual({
      is_valid: true,
      errors: [],
      warnings: ["Node 'node5' has no outgoing connections"],
      node_validation_errors: {},
      error_count: 0,
      warning_count: 1,
    });
    expect(findings).toEqual([
      { severity: "warning", code: "dead_end", message: data.warnings[0], node_id: "node5", field: "nodes.node5" },
    ]);
  });

  it("lists the errors of each node", async () => {
    const id = await createWorkflow(owner, {
      nodes: { a: { node_type: "what" }, b: { node_type: "action_chat_message", config: {} } },
      connections: [],
    });
    const { is_valid, error_count, errors, node_validation_errors } = (
      await call(owner, "POST", `${WORKFLOWS}/${id}/validate`, {})
    ).body.data;
    expect(is_valid).toBe(false);
    expect(error_count).toBe(errors.length);
    expect(Object.keys(node_validation_errors)).toEqual(["a", "b"]);
    for (const message of errors) expect(message).toMatch(/'a'|'b'/);
  });
});

describe("permissions", () => {
  it("are set by the owner and hold for the others", async () => {
    const id = await createWorkflow(owner);
    const path = `${WORKFLOWS}/${id}`;
    const member = await join(owner.organizationId, "a-member", "viewer");
    expect((await call(member, "GET", path)).status).toBe(200);
    const refused = await call(member, "PUT", path, { name: "mine" });
    expect([refused.status, refused.body]).toEqual([403, errorOf("PERMISSION_DENIED")]);
    expect((await call(member, "GET", `${path}/permissions`)).status).toBe(403);

    const grant = (over: object) => ({
      user_id: "a-member",
      can_view: true,
      can_edit: false,
      can_delete: false,
      can_execute: false,
      ...over,
    });
    const set = (over: object) => call(owner, "PUT", `${path}/permissions`, { permissions: [grant(over)] });
    expect(schema.permissions.parse((await set({ can_edit: true })).body).data.permissions).toEqual([
      grant({ can_edit: true }),
    ]);
    expect((await call(member, "PUT", path, { name: "mine" })).status).toBe(200);
    expect((await call(member, "DELETE", path)).status).toBe(403);
    expect((await call(member, "POST", `${path}/execute`, {})).status).toBe(403);

    await set({ can_view: false });
    expect((await call(member, "GET", path)).body.error.code).toBe("PERMISSION_DENIED");
    const listed = await call(member, "GET", `${WORKFLOWS}?entity_id=1&per_page=100`);
    expect(listed.body.data.map((row: { workflow_id: string }) => row.workflow_id)).not.toContain(id);
  });

  it("leave an audit row for each change and for what was refused", async () => {
    const id = await createWorkflow(owner);
    await call(owner, "PUT", `${WORKFLOWS}/${id}`, { name: "x" });
    await call(owner, "DELETE", `${WORKFLOWS}/${id}`);
    const audited = await rows(
      "SELECT action FROM audit WHERE org_id = ?1 AND target_id = ?2 ORDER BY id",
      owner.organizationId,
      id,
    );
    expect(audited.map((row) => row.action)).toEqual(["workflow.created", "workflow.updated", "workflow.archived"]);
  });
});

it("says the same of another organisation's workflow as of a missing one", async () => {
  const id = await createWorkflow(owner);
  const stranger = await makeOrganization();
  for (const missing of [id, crypto.randomUUID(), "not-a-uuid", "%00"]) {
    const { status, body } = await call(stranger, "GET", `${WORKFLOWS}/${missing}`);
    expect([status, body.error.code, body.error.message]).toEqual([404, "WORKFLOW_NOT_FOUND", "Workflow not found"]);
  }
});
