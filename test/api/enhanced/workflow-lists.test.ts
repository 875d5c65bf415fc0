// Lists of workflows, and workflows that other APIs made.
import { beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../../src/lib/ids.ts";
import { testApp } from "../../fixtures/app.ts";
import { countedD1 } from "../../fixtures/counted-d1.ts";
import { db, join, makeOrganization, type Tenant } from "../../fixtures/identity.ts";
import { caller, greeting, welcome } from "./workflow-kit.ts";

let owner: Tenant;
const call = caller(() => owner);
const ids: Record<string, string> = {};

const ran = (workflowId: string, createdAt: number, status = "completed") =>
  db
    .prepare(
      `INSERT INTO executions (org_id, id, workflow_id, version_id, status, seq, trigger_type, created_at, updated_at)
       VALUES (?1, ?2, ?3, 'v', ?4, 1, 'MANUAL_TRIGGER', ?5, ?5)`,
    )
    .bind(owner.organizationId, newId(createdAt), workflowId, status, createdAt);

beforeAll(async () => {
  owner = await makeOrganization("8101");
  owner.headers["x-user-id"] = "8101";
  const make = async (name: string, more: object = {}) => {
    const { body } = await call("POST", "", welcome({ name, ...more }));
    ids[name] = body.workflow.id;
  };
  await make("banana split", { tags: ["fruit", "cold"], category: "Sweet", description: "with cream" });
  await make("Apple pie", { tags: ["fruit"], category: "Sweet", status: "active" });
  await make("Chips", { tags: ["salty", "sweet,sour"], category: "Savoury" });
  await make("Old bread", { tags: ["dry"], category: "Stale" });
  await call("DELETE", `/${ids["Old bread"]}`);
  await db.batch([
    ran(ids["Apple pie"]!, 2_000),
    ran(ids["Apple pie"]!, 3_000, "failed"),
    ran(ids["Apple pie"]!, 1_000),
    ran(ids.Chips!, 9_000, "waiting"),
  ]);
});

const names = async (query: string) => {
  const { status, body } = await call("GET", query);
  expect(status, JSON.stringify(body)).toBe(200);
  return body.workflows.map(({ name }: { name: string }) => name);
};

describe("a list", () => {
  it("has rows with how each fares, a total, and what can be filtered by", async () => {
    const { body } = await call("GET", "?sortBy=name");
    expect(body.pagination).toEqual({ total: 3, page: 1, limit: 20, totalPages: 1 });
    expect(body.workflows[0]).toMatchObject({
      id: ids["Apple pie"],
      name: "Apple pie",
      status: "active",
      version: 1,
      authoring: "enhanced",
      usageCount: 3,
      activeExecutions: 0,
      successRate: 66.67,
      lastRunAt: new Date(3_000).toISOString(),
    });
    expect(body.workflows[0].workflowData).toBeUndefined();
    expect(body.filters).toEqual({
      categories: ["Savoury", "Stale", "Sweet"],
      tags: ["cold", "dry", "fruit", "salty", "sweet,sour"],
      statuses: ["active", "archived", "draft"],
    });
  });

  it.each([
    ["?sortBy=name", ["Apple pie", "banana split", "Chips"]],
    ["?sortBy=name&sortOrder=desc", ["Chips", "banana split", "Apple pie"]],
    ["", ["Chips", "Apple pie", "banana split"]],
    ["?sortBy=created_at&sortOrder=asc", ["banana split", "Apple pie", "Chips"]],
    ["?sortBy=last_run_at", ["Chips", "Apple pie", "banana split"]],
    ["?sortBy=last_run_at&sortOrder=asc", ["Apple pie", "Chips", "banana split"]],
    ["?sortBy=usage_count", ["Apple pie", "Chips", "banana split"]],
    ["?status=active", ["Apple pie"]],
    ["?status=archived", ["Old bread"]],
    ["?category=Sweet&sortBy=name", ["Apple pie", "banana split"]],
    ["?tags=fruit&sortBy=name", ["Apple pie", "banana split"]],
    ["?tags=fruit&tags=cold", ["banana split"]],
    ["?tags[]=fruit&tags[]=cold", ["banana split"]],
    ["?tags=fruit,cold", ["banana split"]],
    ["?tags[]=sweet,sour", ["Chips"]],
    ["?tags=none", []],
    ["?search=nana", ["banana split"]],
    ["?search=cream", ["banana split"]],
    ["?search=CHIP", ["Chips"]],
    ["?search=pi&status=active", ["Apple pie"]],
    ["?sortBy=name&page=2&limit=2", ["Chips"]],
  ])("%s", async (query, expected) => {
    expect(await names(query)).toEqual(expected);
    const { body } = await call("GET", query);
    expect(body.pagination.total).toBe(query.includes("page=2") ? 3 : expected.length);
  });

  it.each([
    ["?sortBy=size", "sortBy"],
    ["?sortOrder=up", "sortOrder"],
    ["?status=DRAFT", "status"],
    ["?page=0", "page"],
    ["?limit=x", "limit"],
  ])("refuses %s", async (query, field) => {
    const { status, body } = await call("GET", query);
    expect([status, body.validation[0].field]).toEqual([400, field]);
    expect(body.validation[0].code).toEqual(expect.any(String));
  });

  it("counts for somebody without a workflow's permission what they can see", async () => {
    const viewer = await join(owner.organizationId, "hidden-from", "viewer");
    await db
      .prepare(
        "INSERT INTO workflow_permissions (org_id, workflow_id, user_id, can_view, can_edit, can_delete, can_execute) VALUES (?1, ?2, ?3, 0, 0, 0, 0)",
      )
      .bind(owner.organizationId, ids.Chips, viewer.userId)
      .run();
    const { body } = await call("GET", "", undefined, viewer);
    expect([body.pagination.total, body.workflows.length]).toEqual([2, 2]);
    // Nor do they learn of its tags and category.
    expect(body.filters).toMatchObject({ categories: ["Stale", "Sweet"], tags: ["cold", "dry", "fruit"] });
    const none = await call("GET", "?tags=salty", undefined, viewer);
    expect([none.body.pagination.total, none.body.workflows]).toEqual([0, []]);
  });

  it("counts by counters, and never reads executions", async () => {
    const labels = () =>
      db
        .prepare(
          "SELECT status, kind, value, n FROM workflow_labels WHERE org_id = ?1 AND value IN ('Sweet', 'fruit', '') ORDER BY 1, 2, 3",
        )
        .bind(owner.organizationId)
        .all();
    const before = (await labels()).results;
    expect(before).toEqual([
      { status: "active", kind: "all", value: "", n: 1 },
      { status: "active", kind: "category", value: "Sweet", n: 1 },
      { status: "active", kind: "tag", value: "fruit", n: 1 },
      { status: "archived", kind: "all", value: "", n: 1 },
      { status: "draft", kind: "all", value: "", n: 2 },
      { status: "draft", kind: "category", value: "Sweet", n: 1 },
      { status: "draft", kind: "tag", value: "fruit", n: 1 },
    ]);
    await call("PUT", `/${ids["Apple pie"]}`, { tags: ["fruit", "warm"], category: "Savoury" });
    await call("PUT", `/${ids["Apple pie"]}`, { tags: ["fruit"], category: "Sweet" });
    expect((await labels()).results).toEqual(before);
    await db.prepare("DELETE FROM executions WHERE org_id = ?1 AND created_at = 3000").bind(owner.organizationId).run();
    const { body } = await call("GET", "?search=Apple");
    expect(body.workflows[0]).toMatchObject({
      usageCount: 3,
      lastRunAt: new Date(3_000).toISOString(),
      successRate: 100,
    });
  });
});

describe("a list of three hundred large workflows", () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await makeOrganization();
    const padding = JSON.stringify({ nodes: {}, edges: [], variables: { text: "x".repeat(20_000) } });
    await db
      .prepare(
        `WITH RECURSIVE k(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM k WHERE i < 299)
         INSERT INTO workflows (org_id, id, name, authoring, status, category, tags, definition, created_by, created_at, updated_at)
         SELECT ?1, 'w' || i, 'Workflow ' || i, 'enhanced', 'draft', 'c' || (i % 3), '["t' || (i % 5) || '"]', ?2, 'test', i, i FROM k`,
      )
      .bind(tenant.organizationId, padding)
      .run();
  });
  const run = (n: number) =>
    db
      .prepare(
        `WITH RECURSIVE k(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM k WHERE i < ?2 - 1)
         INSERT INTO executions (org_id, id, workflow_id, version_id, status, seq, trigger_type, created_at, updated_at)
         SELECT ?1, hex(randomblob(16)), 'w' || (i % 300), 'v', 'completed', 1, 'TEST', i, i FROM k`,
      )
      .bind(tenant.organizationId, n)
      .run();
  const rowsOf = async (query: string): Promise<number> => {
    const { database, counted } = countedD1();
    const app = testApp({ ports: { db: database } });
    const answer = await app.fetch(`/api/v2/workflows${query}`, { headers: tenant.headers });
    expect(answer.status).toBe(200);
    const { pagination } = (await answer.json()) as { pagination: { total: number } };
    expect(pagination.total).toBeGreaterThan(50);
    return counted.rows;
  };
  const QUERIES = ["", "?sortBy=name", "?tags=t1", "?category=c1", "?sortBy=usage_count", "?sortBy=last_run_at"];

  it("reads the same however often they ran", async () => {
    await run(300);
    const few = await Promise.all(QUERIES.map(rowsOf));
    await run(5_000);
    const many = await Promise.all(QUERIES.map(rowsOf));
    expect(many).toEqual(few);
    // A page by its order reads about as many rows as it shows; one by use, a few of each workflow.
    expect(many.slice(0, 2).every((rows) => rows < 200)).toBe(true);
    expect(Math.max(...many)).toBeLessThan(2_000);
  });
});

describe("a workflow of another API", () => {
  const core = async (more: object = {}) => {
    const { body } = await call("POST", "/api/v1/workflows", {
      name: "Core",
      entity_id: 1,
      nodes: {
        go: { node_type: "trigger_event", config: { event_type: "x.y" } },
        end: { node_type: "flow_end", config: {} },
      },
      connections: [{ from_node_id: "go", from_port_name: "output", to_node_id: "end", to_port_name: "input" }],
      settings: { timeout_seconds: 30 },
      ...more,
    });
    return body.data.workflow_id as string;
  };

  it("is shown as a drawing, and its graph is edited where it was made", async () => {
    const id = await core();
    const { body } = await call("GET", `/${id}`);
    expect(body.workflow).toMatchObject({ authoring: "core", settings: { timeoutSeconds: 30 }, triggerType: null });
    expect(body.workflow.workflowData.nodes[0]).toMatchObject({
      id: "go",
      type: "trigger_event",
      position: { x: 0, y: 0 },
    });
    expect(body.workflow.workflowData.edges).toEqual([
      expect.objectContaining({ source: "go", target: "end", sourceHandle: "output" }),
    ]);
    for (const change of [
      { workflowData: greeting },
      { name: "x" },
      { settings: {} },
      { triggerConfig: {} },
      { status: "active" },
    ]) {
      const { status, body } = await call("PUT", `/${id}`, change);
      expect([status, body.error.code], JSON.stringify(change)).toEqual([409, "CONFLICT"]);
    }
    expect((await call("PUT", `/${id}`, { tags: ["theirs"], category: "Core" })).body.workflow.tags).toEqual([
      "theirs",
    ]);
    expect(await names("?tags=theirs")).toEqual(["Core"]);
    expect((await call("POST", `/${id}/validate`, {})).body).toMatchObject({ isValid: true });
    expect((await call("POST", `/${id}/test`, { testData: {} })).body.status).toBe("completed");
  });

  it("is paused, goes on with what was published, and is archived", async () => {
    const id = await core();
    await call("POST", `/api/v1/workflows/${id}/publish`, {});
    const subscribed = () =>
      db.prepare("SELECT count(*) AS n FROM subscriptions WHERE workflow_id = ?1").bind(id).first<number>("n");
    expect((await call("PUT", `/${id}`, { status: "paused" })).body.workflow.status).toBe("paused");
    expect(await subscribed()).toBe(0);
    await call("PUT", `/api/v1/workflows/${id}`, { nodes: {} });
    const resumed = await call("PUT", `/${id}`, { status: "active" });
    expect(resumed.body.workflow).toMatchObject({ status: "active", version: 1 });
    expect(await subscribed()).toBe(1);
    expect((await call("DELETE", `/${id}`)).body).toMatchObject({
      success: true,
      archivedWorkflow: { status: "archived" },
    });
    expect((await call("PUT", `/${id}`, { status: "active" })).status).toBe(422);
  });

  it("made by the marketing and the flow API is one of the list", async () => {
    const marketing = await call("POST", "/api/v1/workflow/api/workflows", { name: "From marketing" });
    const flow = await call("POST", "/flow/create", {
      name: "From flow",
      flowNodes: [
        { id: "t", type: "trigger_keyword", isStartNode: true, triggerKeywords: ["hello"] },
        { id: "m", type: "message", flowReplies: [{ flowReplyType: "Text", data: "Hi" }] },
      ],
      flowEdges: [{ id: "e", sourceNodeId: "t", targetNodeId: "m" }],
    });
    expect([marketing.status, flow.status], JSON.stringify(flow.body)).toEqual([201, 201]);
    expect(await names("?search=From&sortBy=name")).toEqual(["From flow", "From marketing"]);
    for (const [id, authoring] of [
      [marketing.body.id, "marketing"],
      [flow.body.id, "flow"],
    ]) {
      const { status, body } = await call("GET", `/${id}`);
      expect([status, body.workflow.authoring]).toEqual([200, authoring]);
      expect(body.workflow.workflowData.nodes.length).toBeGreaterThan(1);
      expect((await call("PUT", `/${id}`, { workflowData: greeting })).status).toBe(409);
    }
    await call("POST", `/api/v1/workflow/api/workflows/${marketing.body.id}/activate`, {});
    expect((await call("PUT", `/${marketing.body.id}`, { status: "paused" })).body.workflow.status).toBe("paused");
    expect((await call("PUT", `/${marketing.body.id}`, { status: "active" })).body.workflow.status).toBe("active");
  });
});
