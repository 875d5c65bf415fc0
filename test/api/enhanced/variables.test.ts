// Variables of the enhanced API: declared, judged, taken along by runs in their order, and secrets that stand nowhere but where they are needed.
import { beforeAll, describe, expect, it } from "vitest";
import { db, type Tenant } from "../../fixtures/identity.ts";
import { eventually } from "../../objects/kit.ts";
import { call, makeOrganization } from "../core/kit.ts";

const WORKFLOWS = "/api/v2/workflows";
const CANARY = "canary-s3cret/&value";

let who: Tenant;
beforeAll(async () => {
  who = await makeOrganization();
});

const node = (id: string, type: string, config: object = {}) => ({
  id,
  type,
  position: { x: 0, y: 0 },
  data: { label: id, config },
});
const chain = (...nodes: ReturnType<typeof node>[]) => ({
  nodes: [node("t", "trigger_manual"), ...nodes],
  edges: nodes.map(({ id }, index) => ({
    id: `e${index}`,
    source: index === 0 ? "t" : nodes[index - 1]!.id,
    target: id,
  })),
});
const make = async (workflowData: object, by = who): Promise<string> => {
  const { status, body } = await call(by, "POST", WORKFLOWS, { name: "V", workflowData, status: "active" });
  expect(status, JSON.stringify(body)).toBe(201);
  return body.workflow.id;
};
const save = async (id: string, variable: object, wanted = 201, by = who) => {
  const { status, body } = await call(by, "POST", `${WORKFLOWS}/${id}/variables`, {
    dataType: "string",
    scope: "workflow",
    ...variable,
  });
  expect(status, JSON.stringify(body)).toBe(wanted);
  return body;
};
const run = async (id: string, inputData: object = {}, by = who) => {
  const { status, body } = await call(by, "POST", `${WORKFLOWS}/${id}/execute`, { inputData });
  expect(status, JSON.stringify(body)).toBe(200);
  return eventually(async () => {
    const { body: details } = await call(by, "GET", `/api/v2/executions/${body.executionId}`);
    return ["completed", "failed"].includes(details.execution?.status) ? details : undefined;
  });
};
const outputOf = (details: { steps: { nodeId: string; output: unknown }[] }, nodeId: string) =>
  details.steps.find((step) => step.nodeId === nodeId)?.output;

describe("variables", () => {
  const shown = chain(node("show", "data_transform", { mappings: { a: "{{a}}", b: "{{b}}" } }));

  it("are taken by runs: what the caller gives over the workflow's, the workflow's over the organisation's", async () => {
    const org = await makeOrganization();
    const id = await make(shown, org);
    await save(id, { name: "a", scope: "global", defaultValue: "global a" }, 201, org);
    await save(id, { name: "b", scope: "global", defaultValue: "global b" }, 201, org);
    expect(outputOf(await run(id, {}, org), "show")).toEqual({ a: "global a", b: "global b" });
    const { conflicts } = await save(id, { name: "a", defaultValue: "own a" }, 201, org);
    expect(conflicts).toEqual([expect.objectContaining({ type: "overrides", scope: "global" })]);
    expect(outputOf(await run(id, {}, org), "show")).toEqual({ a: "own a", b: "global b" });
    expect(outputOf(await run(id, { a: "given" }, org), "show")).toEqual({ a: "given", b: "global b" });
    await call(org, "DELETE", `${WORKFLOWS}/${id}/variables/b?scope=global`);
    expect(outputOf(await run(id, {}, org), "show")).toEqual({ a: "own a", b: null });
  });

  it("reach runs that events start", async () => {
    const org = await makeOrganization();
    await call(org, "POST", "/api/v1/workflow/api/event-types", { name: "G", code: "GLOBALS", category: "custom" });
    const data = chain(node("show", "data_transform", { mappings: { a: "{{a}}" } }));
    data.nodes[0] = node("t", "trigger_event", { event_type: "GLOBALS" });
    const id = await make(data, org);
    await save(id, { name: "a", scope: "global", dataType: "number", defaultValue: 7 }, 201, org);
    await call(org, "POST", "/api/v1/workflow/api/triggers/process_event", { event_type: "GLOBALS", data: {} });
    const execution = await eventually(async () => {
      const { body } = await call(org, "GET", `${WORKFLOWS}/${id}/executions`);
      return body.executions[0]?.status === "completed" ? body.executions[0] : undefined;
    });
    const { body } = await call(org, "GET", `/api/v2/executions/${execution.id}`);
    expect(outputOf(body, "show")).toEqual({ a: 7 });
  });

  it("are typed and judged by their rules, and say which field is wrong", async () => {
    const id = await make(shown);
    const wrong = async (variable: object) => {
      const { validation } = await save(id, variable, 400);
      return validation.map(({ field }: { field: string }) => field);
    };
    expect(await wrong({ name: "n", dataType: "number", defaultValue: "x" })).toEqual(["defaultValue"]);
    expect(await wrong({ name: "event", defaultValue: "x" })).toEqual(["name"]);
    expect(await wrong({ name: "1x" })).toEqual(["name"]);
    expect(await wrong({ name: "d", dataType: "date", defaultValue: "2026-02-30" })).toEqual(["defaultValue"]);
    const rules = (dataType: string, type: string, value: unknown, defaultValue?: unknown) =>
      wrong({
        name: "r",
        dataType,
        validationRules: [{ type, value }],
        ...(defaultValue !== undefined && { defaultValue }),
      });
    expect(await rules("number", "max", 5, 6)).toEqual(["defaultValue"]);
    expect(await rules("string", "minLength", 3, "ab")).toEqual(["defaultValue"]);
    expect(await rules("string", "pattern", "^a+$", "b")).toEqual(["defaultValue"]);
    expect(await rules("string", "pattern", "(a")).toEqual(["validationRules.0.value"]);
    expect(await rules("string", "regex", "^a+$", "b")).toEqual(["defaultValue"]);
    expect(await rules("string", "enum", ["x", 1])).toEqual(["validationRules.0.value"]);
    expect(await rules("boolean", "min", 1)).toEqual(["validationRules.0.value"]);
    expect((await save(id, { name: "x", scope: "everywhere" }, 400)).validation[0].field).toBe("scope");
    expect((await save(id, { name: "x", dataType: "int" }, 400)).validation[0].field).toBe("dataType");
  });

  it("of an execution are asked of who starts it", async () => {
    const id = await make(shown);
    await save(id, {
      name: "a",
      dataType: "number",
      scope: "execution",
      validationRules: [{ type: "required" }, { type: "min", value: 1, message: "One at least" }],
    });
    const execute = (inputData?: object) => call(who, "POST", `${WORKFLOWS}/${id}/execute`, { inputData });
    for (const [given, message] of [
      [{}, "A value is required."],
      [{ a: "x" }, "Must be a number."],
      [{ a: 0 }, "One at least"],
    ] as const) {
      const { status, body } = await execute(given);
      expect([status, body.validation]).toEqual([400, [expect.objectContaining({ field: "inputData.a", message })]]);
    }
    expect((await execute({ a: 3 })).status).toBe(200);
    expect((await call(who, "POST", `${WORKFLOWS}/${id}/execute`, { inputData: {}, testMode: true })).status).toBe(400);
  });

  it("say what they collide with", async () => {
    const id = await make({
      ...chain(
        node("set", "data_variable", { name: "list", value: 1 }),
        node("loop", "loop_foreach", { items: "{{list}}", item_variable: "one" }),
      ),
      variables: { list: [] },
    });
    const { conflicts } = await save(id, { name: "list", dataType: "number", defaultValue: 3 });
    expect(conflicts.map(({ type, nodeId }: { type: string; nodeId: string }) => [type, nodeId])).toEqual([
      ["in_drawing", null],
      ["set_by_node", "set"],
      ["type_mismatch", "loop"],
    ]);
  });

  it("are listed with the system's own and where data comes from, changed and deleted", async () => {
    const id = await make(shown);
    await save(id, { name: "a", description: "First", defaultValue: "x" });
    await save(id, { name: "a", dataType: "number", defaultValue: 2 }, 200);
    const { body } = await call(who, "GET", `${WORKFLOWS}/${id}/variables`);
    expect(body.variables).toEqual([
      expect.objectContaining({
        id: "a",
        name: "a",
        dataType: "number",
        defaultValue: 2,
        description: "First",
        isSecret: false,
      }),
    ]);
    // One shape, wherever a workflow's variables are told.
    expect((await call(who, "GET", `${WORKFLOWS}/${id}`)).body.variables).toEqual(body.variables);
    expect(body.systemVariables.map(({ name }: { name: string }) => name)).toContain("execution.id");
    expect(body.availableDataSources.map(({ path }: { path: string }) => path)).toEqual([
      "event.data",
      "contact",
      "nodes.show.output",
    ]);
    expect((await call(who, "DELETE", `${WORKFLOWS}/${id}/variables/a`)).status).toBe(200);
    expect((await call(who, "DELETE", `${WORKFLOWS}/${id}/variables/a`)).status).toBe(404);
  });

  it("of another API's workflow are declared where it was made", async () => {
    const { body } = await call(who, "POST", "/api/v1/workflows", {
      name: "core",
      entity_id: 1,
      nodes: { end: { node_type: "flow_end", config: {} } },
    });
    await save(body.data.workflow_id, { name: "a" }, 409);
    await save(body.data.workflow_id, { name: "of_all", scope: "global", defaultValue: "x" });
  });
});

describe("a secret", () => {
  it("reaches the code and the requests that use it, and stands nowhere else", async () => {
    const org = await makeOrganization();
    const code = "result = 'secret has ' + str(len(context['token'])) + ': ' + context['token']";
    const id = await make(
      chain(
        node("code", "action_code", { language: "python", code }),
        node("copy", "data_transform", { mappings: { header: "Bearer {{token}}" } }),
      ),
      org,
    );
    const saved = await save(id, { name: "token", isSecret: true, defaultValue: CANARY }, 201, org);
    expect(saved.variable).toMatchObject({ isSecret: true, defaultValue: null, hasValue: true });
    const details = await run(id, {}, org);
    expect(outputOf(details, "code")).toEqual({ result: `secret has ${CANARY.length}: [redacted]` });
    expect(outputOf(details, "copy")).toEqual({ header: "Bearer [redacted]" });
    const executionId = details.execution.id;
    const answers = await Promise.all(
      [
        `/api/v2/executions/${executionId}`,
        `/api/v2/executions/${executionId}/journal`,
        `${WORKFLOWS}/${id}`,
        `${WORKFLOWS}/${id}/variables`,
        `/api/v1/workflows/${id}`,
        `/api/v1/workflows/executions/${executionId}`,
        "/api/v2/audit",
      ].map((path) => call(org, "GET", path)),
    );
    const { body: tested } = await call(org, "POST", `${WORKFLOWS}/${id}/test`, { testData: {}, stepByStep: true });
    const { body: triedByCore } = await call(org, "POST", `/api/v1/workflows/${id}/test`, {});
    const all = JSON.stringify([saved, details, tested, triedByCore, ...answers.map(({ body }) => body)]);
    expect(all).not.toContain(CANARY);
    expect(all).not.toMatch(/sb_secret_[0-9a-f]{32}/);
    expect(JSON.stringify(answers.at(-1)!.body)).toContain("secret.used");
    const { results } = await db
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")
      .all<{ name: string }>();
    for (const { name } of results.filter(
      ({ name: table }) => !/^(_cf|d1_|sqlite_|workflow_search|marketing_search)/.test(table),
    )) {
      const rows = await db.prepare(`SELECT * FROM "${name}"`).all();
      expect(JSON.stringify(rows.results), name).not.toContain(CANARY);
    }
  });

  it("goes into no message, and one that was deleted into nothing", async () => {
    const org = await makeOrganization();
    const id = await make(
      chain(node("note", "action_email", { to: "a@example.com", subject: "s", body: "{{token}}" })),
      org,
    );
    const { conflicts } = await save(id, { name: "token", isSecret: true, defaultValue: CANARY }, 201, org);
    expect(conflicts).toEqual([expect.objectContaining({ type: "secret_not_readable", nodeId: "note" })]);
    const { execution } = await run(id, {}, org);
    expect(execution).toMatchObject({ status: "failed", error: { code: "SECRET_NOT_ALLOWED" } });
    const held = await make(
      chain(node("code", "action_code", { language: "python", code: "result = context['kept']" })),
      org,
    );
    await save(held, { name: "kept", scope: "global", isSecret: true, defaultValue: CANARY }, 201, org);
    const ran = await run(held, {}, org);
    expect(outputOf(ran, "code")).toEqual({ result: "[redacted]" });
    const { body: journal } = await call(org, "GET", `/api/v2/executions/${ran.execution.id}/journal`);
    const { body: core } = await call(org, "GET", `/api/v1/workflows/executions/${ran.execution.id}`);
    expect(JSON.stringify([ran, journal, core])).not.toMatch(/sb_secret_|canary/);
    expect(JSON.stringify(journal)).toContain("[redacted]");
    // As a run that is under way when it is deleted.
    await db.prepare("UPDATE secret_values SET sealed = '' WHERE org_id = ?1").bind(org.organizationId).run();
    expect((await run(held, {}, org)).execution.error.code).toBe("SECRET_GONE");
  });

  it("opens in its own workflow, in the sub-workflow that is handed it, and nowhere else", async () => {
    const org = await makeOrganization();
    const measure = (variable: string) =>
      node("code", "action_code", { language: "python", code: `result = len(context['${variable}'])` });
    const own = await make(chain(measure("token")), org);
    await save(own, { name: "token", isSecret: true, defaultValue: CANARY }, 201, org);
    await save(own, { name: "of_all", scope: "global", isSecret: true, defaultValue: `${CANARY}-of-all` }, 201, org);
    const { results } = await db
      .prepare("SELECT id, workflow_id AS workflowId FROM secret_values WHERE org_id = ?1")
      .bind(org.organizationId)
      .all<{ id: string; workflowId: string | null }>();
    const nameOf = (workflowId: string | null) =>
      `sb_secret_${results.find((one) => one.workflowId === workflowId)!.id}`;
    expect(outputOf(await run(own, {}, org), "code")).toEqual({ result: CANARY.length });

    const other = await make(chain(measure("pasted")), org);
    const pasted = async (text: string) => outputOf(await run(other, { pasted: text }, org), "code");
    expect(await pasted(nameOf(own))).toEqual({ result: nameOf(own).length });
    expect(await pasted(nameOf(null))).toEqual({ result: `${CANARY}-of-all`.length });

    const handing = (variables: object) =>
      chain(node("sub", "action_subworkflow", { workflow_id: other, variables, wait: true }));
    const parent = await make(handing({ pasted: "Bearer {{token}}" }), org);
    await save(parent, { name: "token", isSecret: true, defaultValue: "another canary" }, 201, org);
    const childOf = async (id: string) => {
      const { output } = outputOf(await run(id, {}, org), "sub") as { output: { code?: unknown } };
      return output;
    };
    expect(JSON.stringify(await childOf(parent))).toContain(String("Bearer another canary".length));
    // Who has no right to it has none to lend.
    const stranger = await make(handing({ pasted: nameOf(own) }), org);
    expect(JSON.stringify(await childOf(stranger))).toContain(String(nameOf(own).length));
  });

  it("is still handed to a sub-workflow's run that is tried again by itself", async () => {
    const org = await makeOrganization();
    const code = "raise Exception('it has ' + str(len(context['handed'])))";
    const child = await make(chain(node("code", "action_code", { language: "python", code })), org);
    const parent = await make(
      chain(node("sub", "action_subworkflow", { workflow_id: child, variables: { handed: "{{token}}" }, wait: true })),
      org,
    );
    await save(parent, { name: "token", isSecret: true, defaultValue: CANARY }, 201, org);
    await run(parent, {}, org);
    const failed = await eventually(async () => {
      const { body } = await call(org, "GET", `${WORKFLOWS}/${child}/executions?status=failed`);
      return body.executions[0];
    });
    const { status, body } = await call(org, "POST", `/api/v2/queue/jobs/${failed.id}/retry`, {});
    expect(status, JSON.stringify(body)).toBe(200);
    const again = await eventually(async () => {
      const { body: list } = await call(org, "GET", `${WORKFLOWS}/${child}/executions?status=failed`);
      return list.executions.find(({ id }: { id: string }) => id !== failed.id);
    });
    for (const { error } of [failed, again]) expect(error.message).toContain(`it has ${CANARY.length}`);
  });

  it("is a text of some length, kept when it is not named again, and of no execution", async () => {
    const id = await make(chain(node("end", "flow_end")));
    const fields = async (variable: object) =>
      (await save(id, { name: "s", isSecret: true, ...variable }, 400)).validation.map(
        (one: { field: string }) => one.field,
      );
    expect(await fields({})).toEqual(["defaultValue"]);
    expect(await fields({ defaultValue: "abc" })).toEqual(["defaultValue"]);
    expect(await fields({ dataType: "number", defaultValue: 123456 })).toContain("dataType");
    expect(await fields({ scope: "execution", defaultValue: CANARY })).toContain("isSecret");
    await save(id, { name: "s", isSecret: true, defaultValue: CANARY });
    const { variable } = await save(id, { name: "s", isSecret: true, description: "Kept" }, 200);
    expect(variable).toMatchObject({ hasValue: true, description: "Kept" });
    const plain = await save(id, { name: "s" }, 200);
    expect(plain.variable).toMatchObject({ isSecret: false, hasValue: false, defaultValue: null });
  });
});
