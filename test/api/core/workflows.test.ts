// Workflows: create, list, get, update, archive, publish, validate, permissions; shapes by the document's schemas, and what bad input gets.
import { beforeAll, describe, expect, it } from "vitest";
import * as schema from "../../../src/api/core/schema.ts";
import { db, join } from "../../fixtures/identity.ts";
import {
  call,
  createWorkflow,
  errorOf,
  graph,
  ISO,
  makeOrganization,
  publishWorkflow,
  type Tenant,
  UUID,
  WORKFLOWS,
} from "./kit.ts";

let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});

const get = async (id: string) => (await call(owner, "GET", `${WORKFLOWS}/${id}`)).body.data;

describe("create", () => {
  it("answers as documented, and gives everything back as it came", async () => {
    const sent = { name: "My Workflow", description: "What — it does", entity_id: 123, community_id: 456, ...graph };
    const { status, body } = await call(owner, "POST", WORKFLOWS, {
      ...sent,
      license_key: "ignored-without-release-mode",
    });
    expect(status).toBe(201);
    expect(schema.createdWorkflow.parse(body)).toEqual({
      success: true,
      message: "Workflow created successfully",
      data: {
        workflow_id: expect.stringMatching(UUID),
        name: sent.name,
        status: "draft",
        created_at: expect.stringMatching(ISO),
      },
    });
    const { body: read } = await call(owner, "GET", `${WORKFLOWS}/${body.data.workflow_id}?community_id=456`);
    expect(schema.workflowDetails.parse(read).data).toEqual({
      ...sent,
      workflow_id: body.data.workflow_id,
      status: "draft",
      settings: {},
      created_by: owner.userId,
      created_at: body.data.created_at,
      updated_at: body.data.created_at,
      published_at: null,
    });
  });

  it("takes the document's curl example: no nodes, no connections", async () => {
    const body = {
      name: "Test Workflow",
      description: "A test workflow",
      entity_id: 123,
      community_id: 456,
      nodes: {},
      connections: [],
    };
    expect((await call(owner, "POST", WORKFLOWS, body)).status).toBe(201);
  });

  it("takes null for what need not be there, and what it gave out itself", async () => {
    const nothing = { description: null, community_id: null, license_key: null };
    const id = await createWorkflow(owner, { name: "n".repeat(255), ...nothing });
    const { data } = (await call(owner, "GET", `${WORKFLOWS}/${id}`)).body;
    expect(data).toMatchObject({ description: "", community_id: null });
    const { name, description, community_id, nodes, connections, global_variables, settings } = data;
    const again = { name, description, community_id, nodes, connections, global_variables, settings };
    expect((await call(owner, "PUT", `${WORKFLOWS}/${id}`, again)).status).toBe(200);
    expect((await call(owner, "POST", `${WORKFLOWS}/${id}/publish`, { community_id: null })).status).toBe(200);
  });

  it("names connections that have no name, and fills in the usual ports", async () => {
    const connections = [
      { from_node_id: "start", to_node_id: "shape" },
      { connection_id: "conn1", from_node_id: "shape", to_node_id: "end" },
    ];
    const { connections: given } = await get(await createWorkflow(owner, { connections }));
    expect(given).toEqual([
      {
        connection_id: "conn2",
        from_node_id: "start",
        from_port_name: "output",
        to_node_id: "shape",
        to_port_name: "input",
      },
      {
        connection_id: "conn1",
        from_node_id: "shape",
        from_port_name: "output",
        to_node_id: "end",
        to_port_name: "input",
      },
    ]);
  });

  const nodesOf = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`n${i}`, { node_type: "a" }]));
  it.each<[string, unknown, string]>([
    ["no name", { entity_id: 1 }, "name"],
    ["a blank name", { name: " ", entity_id: 1 }, "name"],
    ["a NUL in the name", { name: "a\u0000b", entity_id: 1 }, "name"],
    ["half a character in the name", { name: "a\ud800", entity_id: 1 }, "name"],
    ["no entity_id", { name: "x" }, "entity_id"],
    ["entity_id as text", { name: "x", entity_id: "1" }, "entity_id"],
    ["entity_id as a fraction", { name: "x", entity_id: 1.5 }, "entity_id"],
    ["nodes as a list", { name: "x", entity_id: 1, nodes: [] }, "nodes"],
    ["a node without a type", { name: "x", entity_id: 1, nodes: { n1: { config: {} } } }, "nodes.n1.node_type"],
    [
      "a position without y",
      { name: "x", entity_id: 1, nodes: { n1: { node_type: "a", position: { x: 1 } } } },
      "nodes.n1.position.y",
    ],
    ["config as a list", { name: "x", entity_id: 1, nodes: { n1: { node_type: "a", config: [] } } }, "nodes.n1.config"],
    [
      "a connection to nowhere",
      { name: "x", entity_id: 1, connections: [{ from_node_id: "a" }] },
      "connections.0.to_node_id",
    ],
    ["a status", { name: "x", entity_id: 1, status: "active" }, "status"],
    ["an owner", { name: "x", entity_id: 1, created_by: "me" }, "created_by"],
    ["an organisation", { name: "x", entity_id: 1, org_id: "other" }, "org_id"],
    ["5,001 nodes", { name: "x", entity_id: 1, nodes: nodesOf(5001) }, "nodes"],
    [
      "20,001 connections",
      { name: "x", entity_id: 1, connections: Array(20_001).fill({ from_node_id: "a", to_node_id: "b" }) },
      "connections",
    ],
  ])("refuses %s and names the field", async (_, body, field) => {
    const answer = await call(owner, "POST", WORKFLOWS, body);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual(errorOf("BAD_REQUEST", expect.objectContaining({ field, errors: expect.any(Array) })));
  });

  it.each<[string, string, number, string]>([
    ["broken JSON", '{"name":', 400, "INVALID_JSON"],
    [
      "a __proto__ in a config",
      '{"name":"x","entity_id":1,"nodes":{"n":{"node_type":"a","config":{"__proto__":{"a":1}}}}}',
      400,
      "INVALID_JSON",
    ],
    [
      "depth 10,000",
      `{"name":"x","entity_id":1,"global_variables":${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}}`,
      400,
      "INVALID_JSON",
    ],
    ["10 MB", `{"name":"${"x".repeat(10_000_000)}"}`, 413, "PAYLOAD_TOO_LARGE"],
    ["a list", "[]", 400, "BAD_REQUEST"],
  ])("refuses a body of %s", async (_, body, status, code) => {
    const answer = await call(owner, "POST", WORKFLOWS, body);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  it("is for who is known, and for editors", async () => {
    const body = { name: "x", entity_id: 1 };
    const unknown = await call(null, "POST", WORKFLOWS, body);
    expect([unknown.status, unknown.body]).toEqual([401, errorOf("UNAUTHORIZED")]);
    const viewer = await join(owner.organizationId, "a-viewer", "viewer");
    expect((await call(viewer, "POST", WORKFLOWS, body)).status).toBe(403);
  });
});

describe("list", () => {
  it("filters by entity, status and words, and pages", async () => {
    const who = await makeOrganization();
    for (const name of ["Alpha welcome", "Beta", "Gamma welcome"]) await createWorkflow(who, { name, entity_id: 7 });
    await publishWorkflow(who, { name: "Delta", entity_id: 7 });
    await createWorkflow(who, { name: "Elsewhere", entity_id: 8 });
    const list = (query: string) => call(who, "GET", `${WORKFLOWS}?${query}`);

    const all = await list("entity_id=7");
    expect(schema.workflowList.parse(all.body).data.map((row) => row.name)).toEqual([
      "Delta",
      "Gamma welcome",
      "Beta",
      "Alpha welcome",
    ]);
    expect(all.body.meta.pagination).toEqual({
      page: 1,
      per_page: 20,
      total: 4,
      total_pages: 1,
      has_next: false,
      has_prev: false,
    });

    const second = await list("entity_id=7&page=2&per_page=3");
    expect(second.body.data.map((row: { name: string }) => row.name)).toEqual(["Alpha welcome"]);
    expect(second.body.meta.pagination).toEqual({
      page: 2,
      per_page: 3,
      total: 4,
      total_pages: 2,
      has_next: false,
      has_prev: true,
    });

    const names = async (query: string) => (await list(query)).body.data.map((row: { name: string }) => row.name);
    expect(await names("entity_id=7&status=active")).toEqual(["Delta"]);
    expect(await names("entity_id=7&search=WELC")).toEqual(["Gamma welcome", "Alpha welcome"]);
    expect(await names("entity_id=7&search=be")).toEqual(["Beta"]);
    expect(await names(`entity_id=7&search=${encodeURIComponent('a"b OR *')}`)).toEqual([]);
    expect(await names("entity_id=9")).toEqual([]);
  });

  it.each([
    "Überraschung",
    "überr",
    "ÜB",
    "ü",
    "привет",
    "ПРИ",
    "Пр",
    "п",
    "日本",
    "日",
    "🎉",
    "%",
    "_",
    '"',
    "'",
    "*",
    " 100% ",
  ])("finds %s", async (search) => {
    const who = await makeOrganization();
    const id = await createWorkflow(who, { name: "Überraschung Привет 日本 🎉", description: "100% _\"it's* Ü" });
    await createWorkflow(who, { name: "Other", description: "another" });
    const { body } = await call(who, "GET", `${WORKFLOWS}?entity_id=1&search=${encodeURIComponent(search)}`);
    expect([body.data.map((row: { workflow_id: string }) => row.workflow_id), body.meta.pagination.total]).toEqual([
      [id],
      1,
    ]);
  });

  it.each([
    ["", "entity_id"],
    ["entity_id=x", "entity_id"],
    ["entity_id=1&status=live", "status"],
    ["entity_id=1&page=0", "page"],
    ["entity_id=1&per_page=ten", "per_page"],
    ["entity_id=1&community_id=x", "community_id"],
  ])("refuses ?%s and names %s", async (query, field) => {
    const { status, body } = await call(owner, "GET", `${WORKFLOWS}?${query}`);
    expect([status, body.error.code, body.error.details.field]).toEqual([400, "BAD_REQUEST", field]);
  });

  it("counts a page of more than 100 as 100", async () => {
    expect((await call(owner, "GET", `${WORKFLOWS}?entity_id=1&per_page=1000`)).body.meta.pagination.per_page).toBe(
      100,
    );
  });
});

describe("update", () => {
  it("changes what is sent and keeps the rest", async () => {
    const id = await createWorkflow(owner, { description: "before", settings: { timeout_seconds: 60 } });
    const before = await get(id);
    const { status, body } = await call(owner, "PUT", `${WORKFLOWS}/${id}`, { name: "After", community_id: 9 });
    expect(status).toBe(200);
    expect(schema.updatedWorkflow.parse(body)).toMatchObject({
      message: "Workflow updated successfully",
      data: { workflow_id: id },
    });
    expect(await get(id)).toEqual({ ...before, name: "After", community_id: 9, updated_at: body.data.updated_at });

    await call(owner, "PUT", `${WORKFLOWS}/${id}`, { connections: [] });
    const after = await get(id);
    expect(after.connections).toEqual([]);
    expect(after.nodes).toEqual(graph.nodes);
    expect(after.settings).toEqual({ timeout_seconds: 60 });
  });

  it.each(["status", "workflow_id", "created_by", "entity_id", "published_at"])("refuses %s", async (field) => {
    const id = await createWorkflow(owner);
    const { status, body } = await call(owner, "PUT", `${WORKFLOWS}/${id}`, { [field]: "x" });
    expect([status, body.error.details.field]).toEqual([400, field]);
  });

  it("refuses an archived workflow", async () => {
    const id = await createWorkflow(owner);
    await call(owner, "DELETE", `${WORKFLOWS}/${id}`);
    expect((await call(owner, "PUT", `${WORKFLOWS}/${id}`, { name: "x" })).status).toBe(400);
  });
});

describe("conditions", () => {
  const comparison = { field: "event.data.total", operator: "greater", value: 5 };
  const wrong = (over: object) => [{ operator: "or", conditions: [comparison, { ...comparison, ...over }] }];
  const nodesWith = (node_type: string, config: object) => ({ n1: { node_type, config } });

  it.each([
    ["operator", { operator: "like" }],
    ["field", { field: "evnt.data.total" }],
  ])("with an unknown %s are refused when saved, by their path", async (what, over) => {
    const cases = [
      [nodesWith("condition_if", { conditions: wrong(over) }), `nodes.n1.config.conditions.0.conditions.1.${what}`],
      [
        nodesWith("trigger_event", { event_type: "paid", filters: wrong(over)[0] }),
        `nodes.n1.config.filters.conditions.1.${what}`,
      ],
      [nodesWith("loop_while", { conditions: wrong(over) }), `nodes.n1.config.conditions.0.conditions.1.${what}`],
      [
        nodesWith("action_wait_for_event", { event_type: "paid", filters: wrong(over)[0] }),
        `nodes.n1.config.filters.conditions.1.${what}`,
      ],
    ] as const;
    for (const [nodes, field] of cases) {
      const body = { name: "x", entity_id: 1, nodes, connections: [] };
      const created = await call(owner, "POST", WORKFLOWS, body);
      expect([created.status, created.body.error?.code, created.body.error?.details.field]).toEqual([
        400,
        "BAD_REQUEST",
        field,
      ]);
      const id = await createWorkflow(owner);
      const updated = await call(owner, "PUT", `${WORKFLOWS}/${id}`, { nodes });
      expect([updated.status, updated.body.error?.details.field]).toEqual([400, field]);
      expect((await get(id)).nodes).toEqual(graph.nodes);
    }
  });

  it("that are only unfinished, or read what a loop gives, are saved with the draft", async () => {
    const nodes = {
      n1: { node_type: "condition_if", config: { conditions: [{ field: "event.data.total" }] } },
      n2: { node_type: "loop_foreach", config: { items: "{{ event.data.list }}", item_variable: "row" } },
      n3: { node_type: "condition_if", config: { conditions: [{ field: "row.total", operator: "exists" }] } },
      n4: { node_type: "no_such_node", config: { conditions: wrong({ operator: "like" }) } },
    };
    const { status } = await call(owner, "POST", WORKFLOWS, { name: "x", entity_id: 1, nodes, connections: [] });
    expect(status).toBe(201);
  });
});

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
