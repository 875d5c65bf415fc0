// Workflows over HTTP, made of triggers and actions: the document's examples, each state, what each change runs as.
import { beforeAll, describe, expect, it } from "vitest";
import { updatePart } from "../../../src/domain/marketing/parts.ts";
import { refreshLeftBehind } from "../../../src/domain/marketing/refresh-workflow.ts";
import { makePorts } from "../../../src/objects/ports.ts";
import { db, testEnv } from "../../fixtures/identity.ts";
import { call as callAny, fetchWorker } from "../core/kit.ts";
import {
  BASE,
  CAMPAIGN,
  call,
  DISCOUNT_ACTION,
  DISCOUNT_TRIGGER,
  make,
  makeOrganization,
  type Tenant,
  until,
} from "./kit.ts";

let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});

/** What runs: the published version's nodes by id, and its settings. */
const published = async (workflowId: string) => {
  const row = await db
    .prepare(
      `SELECT v.number, v.definition FROM workflows w JOIN workflow_versions v ON v.org_id = w.org_id AND v.id = w.published_version_id
       WHERE w.org_id = ?1 AND w.id = ?2`,
    )
    .bind(owner.organizationId, workflowId)
    .first<{ number: number; definition: string }>();
  return row && { number: row.number, ...JSON.parse(row.definition) };
};

describe("the document's setup", () => {
  it("makes a workflow that listens, as its commands stand and with its action", async () => {
    const trigger = await make(owner, "/triggers/", DISCOUNT_TRIGGER);
    const action = await make(owner, "/actions/", DISCOUNT_ACTION);
    const workflow = await make(owner, "/workflows/", CAMPAIGN);
    const joined = await call(owner, "POST", `/workflows/${workflow}/add_trigger/`, {
      trigger_id: trigger,
      priority: 100,
    });
    expect(joined).toMatchObject({
      status: 201,
      body: { id: trigger, trigger_name: "Discount Request", priority: 100, is_active: true },
    });
    const added = await call(owner, "POST", `/workflows/${workflow}/add_action/`, { action_id: action });
    expect(added).toMatchObject({ status: 201, body: { id: action, order: 1, is_required: true, condition_id: null } });
    const activated = await call(owner, "POST", `/workflows/${workflow}/activate/`);
    expect(activated).toMatchObject({
      status: 200,
      body: {
        ...CAMPAIGN,
        id: workflow,
        status: "ACTIVE",
        created_by: `user-${owner.userId}`,
        max_executions: 0,
        delay_between_executions: 0,
        start_date: null,
        end_date: null,
        actions: [
          { id: action, action_name: "Send Discount Code", action_type: "send_message", order: 1, is_required: true },
        ],
        triggers: [{ id: trigger, trigger_name: "Discount Request", priority: 100, is_active: true }],
        recent_executions: [],
      },
    });
    const { nodes, settings } = await published(workflow);
    expect(nodes[`a_${action}`]).toMatchObject({ type: "action_chat_message", config: DISCOUNT_ACTION.configuration });
    expect(nodes[`t_${trigger}`].config).toMatchObject({ event_type: "MESSAGE_RECEIVED" });
    expect(settings).toEqual({ priorities: { [`t_${trigger}`]: 100 } });
    const list = await call(owner, "GET", "/workflows/?status=ACTIVE&page=1&page_size=10");
    expect(list.body).toMatchObject({
      count: 1,
      next: null,
      previous: null,
      results: [{ id: workflow, status: "ACTIVE", actions_count: 1, triggers_count: 1, executions_count: 0 }],
    });
  });
});

describe("an active workflow", () => {
  it("goes on with its next version when it, a trigger, an action or a condition changes", async () => {
    const trigger = await make(owner, "/triggers/", DISCOUNT_TRIGGER);
    const action = await make(owner, "/actions/", { ...DISCOUNT_ACTION, delay: 5 });
    const condition = await make(owner, "/conditions/", { name: "Anybody" });
    const id = await make(owner, "/workflows/", { ...CAMPAIGN, status: "ACTIVE" });
    const numbers = [(await published(id))!.number];
    const versionAfter = async (method: string, path: string, body: unknown) => {
      const { status, body: answer } = await call(owner, method, path, body);
      expect(status, JSON.stringify(answer)).toBeLessThan(300);
      const version = (await published(id))!;
      numbers.push(version.number);
      return version;
    };
    await versionAfter("POST", `/workflows/${id}/add_trigger/`, { trigger_id: trigger });
    const joined = { action_id: action, is_required: false, condition_id: condition };
    const whole = await versionAfter("POST", `/workflows/${id}/add_action/`, joined);
    expect(Object.keys(whole.nodes)).toEqual(expect.arrayContaining([`a_${action}_delay`, `a_${action}_if`]));
    expect(whole.nodes[`a_${action}`].config.on_error).toBe("continue");
    const said = await versionAfter("PATCH", `/actions/${action}/`, { configuration: { message: "Hello" } });
    expect(said.nodes[`a_${action}`].config.message).toBe("Hello");
    const heard = await versionAfter("PATCH", `/triggers/${trigger}/`, { trigger_type: "TAG_ADDED", filters: {} });
    expect(heard.nodes[`t_${trigger}`].config).toEqual({ event_type: "TAG_ADDED" });
    const tree = [{ field: "user.tags", operator: "contains", value: "vip" }];
    const asked = await versionAfter("PATCH", `/conditions/${condition}/`, { conditions: tree });
    expect(asked.nodes[`a_${action}_if`].config.conditions.conditions).toEqual(tree);
    const limited = await versionAfter("PATCH", `/workflows/${id}/`, {
      max_executions: 1,
      delay_between_executions: 3600,
    });
    expect(limited.settings.perContact).toEqual({ maxExecutions: 1, delayMs: 3_600_000 });
    expect(await versionAfter("POST", `/triggers/${trigger}/deactivate/`, undefined)).not.toHaveProperty([
      "nodes",
      `t_${trigger}`,
    ]);
    expect(await versionAfter("POST", `/workflows/${id}/remove_action/`, { action_id: action })).not.toHaveProperty([
      "nodes",
      `a_${action}`,
    ]);
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // The same once more is no change.
    await call(owner, "POST", `/workflows/${id}/activate/`);
    await call(owner, "POST", `/triggers/${trigger}/deactivate/`);
    expect((await published(id))!.number).toBe(9);
  });

  it("comes to its next version all the same when whoever changed its part died in between", async () => {
    const ids = await Promise.all(
      ["one", "two"].map((name) => make(owner, "/workflows/", { ...CAMPAIGN, name, status: "ACTIVE" })),
    );
    const action_id = await make(owner, "/actions/", DISCOUNT_ACTION);
    for (const id of ids) await call(owner, "POST", `/workflows/${id}/add_action/`, { action_id });
    const messages = () =>
      Promise.all(ids.map(async (id) => (await published(id)).nodes[`a_${action_id}`].config.message));
    const ports = makePorts(testEnv);
    let batches = 0;
    const dying = new Proxy(ports.db, {
      get: (target, name) => {
        const value = Reflect.get(target, name);
        if (name !== "batch") return typeof value === "function" ? value.bind(target) : value;
        // The part's own change, the first workflow's, and then it dies.
        return (statements: D1PreparedStatement[]) =>
          ++batches <= 2 ? target.batch(statements) : Promise.reject(new Error("died"));
      },
    });
    const { organizationId } = owner;
    const principal = { kind: "user", userId: "u", username: "u", organizationId, role: "editor" } as const;
    const context = { ports: { ...ports, db: dying }, principal, requestId: "r" };
    const body = { configuration: { message: "New" } };
    await expect(updatePart(context, "action", action_id, { body })).rejects.toThrow("died");
    expect((await messages()).sort()).toEqual(["Here is your discount code: SAVE20", "New"]);
    expect(await refreshLeftBehind(ports)).toBe(false);
    expect((await messages()).sort()).toEqual(["Here is your discount code: SAVE20", "New"]);
    await refreshLeftBehind({ ...ports, now: () => Date.now() + 60_000 });
    expect(await messages()).toEqual(["New", "New"]);
    const left = "SELECT count(*) AS n FROM stale_workflows WHERE org_id = ?1";
    expect(await db.prepare(left).bind(organizationId).first("n")).toBe(0);
  });

  it("goes on as it was where it could not run with a part's change, and says so", async () => {
    const id = await make(owner, "/workflows/", { ...CAMPAIGN, name: "Left behind", status: "ACTIVE" });
    const webhook = {
      name: "W",
      action_type: "webhook",
      configuration: { url: "https://example.com/", method: "POST" },
    };
    const caller = await make(owner, "/actions/", webhook);
    const action_id = await make(owner, "/actions/", DISCOUNT_ACTION);
    for (const one of [caller, action_id])
      await call(owner, "POST", `/workflows/${id}/add_action/`, { action_id: one });
    const { number } = (await published(id))!;
    // As when the operator no longer allows the address that it calls.
    await db
      .prepare(
        "UPDATE marketing_parts SET body = json_set(body, '$.configuration.url', 'http://10.0.0.1/') WHERE id = ?1",
      )
      .bind(caller)
      .run();
    const letters = async () => {
      const headers = { "x-organization-id": owner.organizationId };
      const path = "/api/v2/dead-letters?queue=workflows";
      return (await callAny(owner, "GET", path, undefined, headers)).body.deadLetters;
    };
    const replay = (letter: { id: string }) => callAny(owner, "POST", `/api/v2/dead-letters/${letter.id}/replay`, {});

    const changed = await call(owner, "PATCH", `/actions/${action_id}/`, { configuration: { message: "New" } });
    const why = expect.stringMatching(
      /^'Left behind' goes on as it was: .*configuration|^'Left behind' goes on as it was: .*url/,
    );
    expect(changed).toMatchObject({ status: 200, body: { warnings: [{ field: "workflows", message: why }] } });
    expect((await published(id))!.number).toBe(number);
    const [letter] = await letters();
    expect(letter).toMatchObject({ subject_id: id, attempts: 1, error: expect.stringContaining("1 error") });

    // Broken off before it was tried, and found by the sweeper: the same, once.
    const mark = "INSERT INTO stale_workflows (org_id, id, token, changed_by, created_at) VALUES (?1, ?2, 't', 'u', 1)";
    await db.prepare(mark).bind(owner.organizationId, id).run();
    const ports = makePorts(testEnv);
    await refreshLeftBehind(ports);
    const left = "SELECT count(*) AS n FROM stale_workflows WHERE org_id = ?1";
    expect(await db.prepare(left).bind(owner.organizationId).first("n")).toBe(0);
    expect(await letters()).toMatchObject([{ id: letter.id, attempts: 2, replayed_at: null }]);

    expect((await replay(letter)).status).toBe(422);
    const { configuration } = webhook;
    const mended = await call(owner, "PATCH", `/actions/${caller}/`, { configuration });
    expect([mended.status, mended.body.warnings]).toEqual([200, undefined]);
    expect((await published(id))!.nodes[`a_${action_id}`].config.message).toBe("New");
    expect((await replay(letter)).status).toBe(200);
  });

  it("runs as its parts are now when it comes out of the archive", async () => {
    const id = await make(owner, "/workflows/", CAMPAIGN);
    const action_id = await make(owner, "/actions/", DISCOUNT_ACTION);
    await call(owner, "POST", `/workflows/${id}/add_action/`, { action_id });
    await call(owner, "POST", `/workflows/${id}/archive/`);
    await call(owner, "PATCH", `/actions/${action_id}/`, { configuration: { message: "New" } });
    expect((await call(owner, "POST", `/workflows/${id}/reset/`)).body.status).toBe("DRAFT");
    const { body } = await call(owner, "POST", `/workflows/${id}/execute/`, {});
    const version =
      "SELECT v.definition FROM executions x JOIN workflow_versions v ON v.id = x.version_id WHERE x.id = ?1";
    const definition = await db.prepare(version).bind(body.execution_id).first<string>("definition");
    expect(JSON.parse(definition!).nodes[`a_${action_id}`].config.message).toBe("New");
  });

  it("listens while it is active, in every word for that", async () => {
    const trigger_id = await make(owner, "/triggers/", DISCOUNT_TRIGGER);
    const id = await make(owner, "/workflows/", CAMPAIGN);
    const specific_conditions = {
      operator: "and",
      conditions: [{ field: "user.tags", operator: "contains", value: "premium" }],
    };
    await make(owner, `/workflows/${id}/add_trigger/`, { trigger_id, priority: 7, specific_conditions });
    const listening = async () => {
      const { results } = await db
        .prepare("SELECT priority, filters FROM subscriptions WHERE org_id = ?1 AND workflow_id = ?2")
        .bind(owner.organizationId, id)
        .all<{ priority: number; filters: string }>();
      return results;
    };
    const moved = async (method: string, path: string, body?: unknown) => {
      const { status, body: answer } = await call(owner, method, `/workflows/${id}/${path}`, body);
      return `${status} ${answer.status} ${(await listening()).length}`;
    };
    expect(await moved("POST", "pause/")).toMatch(/^400 /);
    expect(await moved("PATCH", "", { status: "ACTIVE" })).toBe("200 ACTIVE 1");
    const [{ priority, filters }] = (await listening()) as [{ priority: number; filters: string }];
    expect(priority).toBe(7);
    expect(JSON.parse(filters)).toEqual({
      operator: "and",
      conditions: [DISCOUNT_TRIGGER.filters, specific_conditions],
    });
    expect(await moved("POST", "pause/")).toBe("200 PAUSED 0");
    expect(await moved("POST", "activate/")).toBe("200 ACTIVE 1");
    expect(await moved("POST", "archive/")).toBe("200 ARCHIVED 0");
    expect(await moved("POST", "activate/")).toMatch(/^400 /);
    expect(await moved("POST", "reset/")).toBe("200 DRAFT 0");
    expect(await moved("PATCH", "", { status: "ASLEEP" })).toMatch(/^400 /);
  });
});

describe("a workflow", () => {
  it("is refused by the field that is wrong", async () => {
    const wrong = async (body: unknown) => (await call(owner, "POST", "/workflows/", body)).body;
    expect(await wrong({})).toEqual({ name: ["This field is required."] });
    expect(await wrong({ ...CAMPAIGN, status: "SOON" })).toEqual({ status: ["Select a valid choice."] });
    expect(
      await wrong({ ...CAMPAIGN, start_date: "2024-02-01T00:00:00Z", end_date: "2024-01-01T00:00:00Z" }),
    ).toHaveProperty("end_date");
    expect(await wrong({ ...CAMPAIGN, organization_id: "x" })).toEqual({ organization_id: ["Unknown field."] });
    const id = await make(owner, "/workflows/", CAMPAIGN);
    const specific_conditions = {
      operator: "and",
      conditions: [{ field: "user.tags", operator: "resembles", value: 1 }],
    };
    const trigger_id = await make(owner, "/triggers/", DISCOUNT_TRIGGER);
    const answer = await call(owner, "POST", `/workflows/${id}/add_trigger/`, { trigger_id, specific_conditions });
    expect(Object.keys(answer.body)).toEqual(["specific_conditions.conditions.0.operator"]);
    expect(await call(owner, "POST", `/workflows/${id}/add_trigger/`, { trigger_id: "none" })).toMatchObject({
      status: 404,
      body: { error: "Trigger not found" },
    });
    expect(await call(owner, "GET", "/workflows/none/")).toMatchObject({
      status: 404,
      body: { error: "Workflow not found", detail: "No Workflow matches the given query." },
    });
  });

  it("of another API is seen and not edited here", async () => {
    const node = { node_type: "trigger_manual", config: {} };
    const made = await callAny(owner, "POST", "/api/v1/workflows", {
      name: "Core's",
      entity_id: 1,
      nodes: { start: node },
    });
    const id = made.body.data.workflow_id;
    expect(await call(owner, "GET", `/workflows/${id}/`)).toMatchObject({
      status: 200,
      body: { triggers_count: 1, actions: [] },
    });
    expect((await call(owner, "PATCH", `/workflows/${id}/`, { name: "Ours" })).status).toBe(409);
    expect((await call(owner, "POST", `/workflows/${id}/activate/`)).status).toBe(409);
  });

  it("that never ran is gone when it is deleted", async () => {
    const id = await make(owner, "/workflows/", { ...CAMPAIGN, status: "ACTIVE" });
    const answer = await fetchWorker(`${BASE}/workflows/${id}/`, { method: "DELETE", headers: owner.headers });
    expect(answer.status).toBe(204);
    expect((await call(owner, "GET", `/workflows/${id}/`)).status).toBe(404);
  });

  it("that has run is archived when it is deleted", async () => {
    const id = await make(owner, "/workflows/", { ...CAMPAIGN, status: "ACTIVE" });
    const { body } = await call(owner, "POST", `/workflows/${id}/execute/`, {});
    await until(
      () => call(owner, "GET", `/workflow-executions/${body.execution_id}/`),
      (run) => run.body.status === "COMPLETED",
    );
    const remove = () => fetchWorker(`${BASE}/workflows/${id}/`, { method: "DELETE", headers: owner.headers });
    expect((await remove()).status).toBe(204);
    expect((await call(owner, "GET", `/workflows/${id}/`)).body).toMatchObject({
      status: "ARCHIVED",
      executions_count: 1,
      recent_executions: [{ id: body.execution_id }],
    });
    expect((await call(owner, "POST", `/workflows/${id}/execute/`, {})).status).toBe(400);
    expect((await remove()).status).toBe(204);
  });

  it("and its parts may be put as they were read; what is read only is ignored whatever it says", async () => {
    const trigger = await make(owner, "/triggers/", DISCOUNT_TRIGGER);
    const id = await make(owner, "/workflows/", { ...CAMPAIGN, status: "ACTIVE" });
    await call(owner, "POST", `/workflows/${id}/add_trigger/`, { trigger_id: trigger });
    const action = await make(owner, "/actions/", { ...DISCOUNT_ACTION, workflow: id });
    const condition = await make(owner, "/conditions/", { name: "C" });
    const eventType = await make(owner, "/event-types/", { name: "E", code: `E${Date.now()}` });
    for (const path of [
      `/workflows/${id}/`,
      `/triggers/${trigger}/`,
      `/actions/${action}/`,
      `/conditions/${condition}/`,
      `/event-types/${eventType}/`,
    ]) {
      const { body: read } = await call(owner, "GET", path);
      const put = await call(owner, "PUT", path, { ...read, id: "another", created_at: "1999-01-01T00:00:00Z" });
      expect(put, path).toMatchObject({ status: 200, body: { id: read.id, created_at: read.created_at } });
      expect({ ...put.body, updated_at: 0 }).toEqual({ ...read, updated_at: 0 });
      expect((await call(owner, "PATCH", path, { updated_at: 5, name: "Other" })).body.name).toBe("Other");
      expect((await call(owner, "PATCH", path, { owner: "me" })).body).toEqual({ owner: ["Unknown field."] });
      expect((await call(owner, "PATCH", path, { name: { toString: 1 } })).body).toEqual({
        name: [expect.any(String)],
      });
    }
  });

  it("is joined by many at once, and none is lost", async () => {
    const id = await make(owner, "/workflows/", { ...CAMPAIGN, status: "ACTIVE" });
    const actions = await Promise.all(
      [1, 2, 3].map((order) => make(owner, "/actions/", { ...DISCOUNT_ACTION, order })),
    );
    const answers = await Promise.all(
      actions.map((action_id) => call(owner, "POST", `/workflows/${id}/add_action/`, { action_id })),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    const { nodes } = (await published(id))!;
    for (const action of actions) expect(nodes).toHaveProperty(`a_${action}`);
    const listed = (await call(owner, "GET", `/workflows/${id}/actions/`)).body.results;
    expect(listed.map(({ order }: { order: number }) => order)).toEqual([1, 2, 3]);
  });
});

describe("a key that may write and not read", () => {
  it("is shown what it has changed: what is done is not answered with a refusal", async () => {
    const { status, body } = await callAny(owner, "POST", "/api/v2/api-keys", { name: "writer", scopes: ["write"] });
    expect(status).toBe(201);
    const writer: Tenant = { ...owner, headers: { ...owner.headers, authorization: `Bearer ${body.key}` } };
    const made = await call(writer, "POST", "/workflows/", { name: "Written blindly" });
    expect(made).toMatchObject({ status: 201, body: { name: "Written blindly" } });
    const path = `/workflows/${made.body.id}/`;
    expect(await call(writer, "PATCH", path, { name: "Again" })).toMatchObject({
      status: 200,
      body: { name: "Again" },
    });
    for (const word of ["activate", "pause", "archive", "reset"])
      expect((await call(writer, "POST", `${path}${word}/`)).status, word).toBe(200);
    expect((await call(writer, "GET", path)).status).toBe(403);
  });
});
