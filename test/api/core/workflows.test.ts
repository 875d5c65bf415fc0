// Workflows: create, list, get, update, and what their conditions may say; shapes by the document's schemas, and what bad input gets.
import { beforeAll, describe, expect, it } from "vitest";
import * as schema from "../../../src/api/core/schema.ts";
import { join } from "../../fixtures/identity.ts";
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

  it("takes null for a description, and keeps one that is not named", async () => {
    const id = await createWorkflow(owner, { description: "before" });
    await call(owner, "PUT", `${WORKFLOWS}/${id}`, { name: "x" });
    expect((await get(id)).description).toBe("before");
    expect((await call(owner, "PUT", `${WORKFLOWS}/${id}`, { description: null })).status).toBe(200);
    expect((await get(id)).description).toBe("");
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

  it("of an awaited event may not read a template's field, which would be rendered before there is an event", async () => {
    const filters = [{ field: "{{variables.which}}", operator: "equals", value: "{{variables.wanted}}" }];
    const nodes = nodesWith("action_wait_for_event", { event_type: "paid", filters });
    const { status, body } = await call(owner, "POST", WORKFLOWS, { name: "x", entity_id: 1, nodes, connections: [] });
    expect([status, body.error?.details.field]).toEqual([400, "nodes.n1.config.filters.0.field"]);
    const path = nodesWith("action_wait_for_event", {
      event_type: "paid",
      filters: [{ ...filters[0], field: "event.data.id" }],
    });
    expect((await call(owner, "POST", WORKFLOWS, { name: "x", entity_id: 1, nodes: path })).status).toBe(201);
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
