// Two changes at the same time: each finds what the other did, and none undoes it. The second happens right before the first is written.
import { beforeAll, describe, expect, it } from "vitest";
import { toStarted } from "../../../src/api/marketing/monitoring/convert.ts";
import type { Context } from "../../../src/domain/context.ts";
import { addAction, addTrigger } from "../../../src/domain/marketing/join-workflow.ts";
import { deletePart, updatePart } from "../../../src/domain/marketing/parts.ts";
import { makePorts } from "../../../src/objects/ports.ts";
import { db, testEnv } from "../../fixtures/identity.ts";
import { fetchWorker } from "../core/kit.ts";
import { BASE, CAMPAIGN, call, DISCOUNT_ACTION, make, makeOrganization, type Tenant } from "./kit.ts";

let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});

/** A caller whose first batch comes after `other`. */
const rightAfter = (other: () => Promise<unknown>): Context => {
  const ports = makePorts(testEnv);
  let isFirst = true;
  const late = new Proxy(ports.db, {
    get: (target, name) => {
      const value = Reflect.get(target, name);
      if (name !== "batch") return typeof value === "function" ? value.bind(target) : value;
      return async (statements: D1PreparedStatement[]) => {
        const isNow = isFirst;
        isFirst = false;
        if (isNow) await other();
        return target.batch(statements);
      };
    },
  });
  const { organizationId, userId } = owner;
  const principal = { kind: "user", userId, username: "u", organizationId, role: "owner" } as const;
  return { ports: { ...ports, db: late }, principal, requestId: "r" };
};

const remove = (path: string) => fetchWorker(`${BASE}${path}`, { method: "DELETE", headers: owner.headers });
const patch = (path: string, body: object) => call(owner, "PATCH", path, body);
const anAction = () => make(owner, "/actions/", DISCOUNT_ACTION);
const aCondition = () => make(owner, "/conditions/", { name: "C" });
const aWorkflow = () => make(owner, "/workflows/", { ...CAMPAIGN, status: "ACTIVE" });
const joins = (workflowId: string) =>
  db.prepare("SELECT count(*) AS n FROM marketing_workflow_actions WHERE workflow_id = ?1").bind(workflowId).first("n");
const order = (actionId: string, conditionId: string | null = null) => ({
  ...{ actionId, conditionId, position: null, isRequired: true },
});

describe("a part", () => {
  it("that is renamed while it is switched off stays off", async () => {
    const id = await make(owner, "/triggers/", { name: "T", trigger_type: "MESSAGE_RECEIVED" });
    const context = rightAfter(() => call(owner, "POST", `/triggers/${id}/deactivate/`));
    await updatePart(context, "trigger", id, { name: "Renamed" });
    expect((await call(owner, "GET", `/triggers/${id}/`)).body).toMatchObject({ name: "Renamed", is_active: false });
  });

  it("that is deleted while it joins is not found, and joins nothing", async () => {
    const [id, action] = [await aWorkflow(), await anAction()];
    const context = rightAfter(() => remove(`/actions/${action}/`));
    await expect(addAction(context, id, order(action))).rejects.toMatchObject({ code: "not_found" });
    expect(await joins(id)).toBe(0);
  });

  it("that is changed while it joins runs as it was changed", async () => {
    const [id, action] = [await aWorkflow(), await anAction()];
    const context = rightAfter(() => patch(`/actions/${action}/`, { configuration: { message: "New" } }));
    await addAction(context, id, order(action));
    const row = await db.prepare("SELECT definition FROM workflows WHERE id = ?1").bind(id).first<string>("definition");
    expect(JSON.parse(row!).nodes[`a_${action}`].config.message).toBe("New");
  });
});

it("an action that cannot join the workflow it is made for is not made", async () => {
  const id = await aWorkflow();
  const { organizationId } = owner;
  await db.batch([
    db
      .prepare(
        `INSERT INTO marketing_parts (org_id, kind, id, name, type, body, created_by, created_at, updated_at)
         SELECT ?1, 'action', 'full-' || value, 'F', 'wait', '{"configuration":{"duration":1},"order":0,"delaySeconds":0}', 'u', 1, 1
         FROM json_each('[${Array.from({ length: 200 }, (_, n) => n).join()}]')`,
      )
      .bind(organizationId),
    db
      .prepare(
        `INSERT INTO marketing_workflow_actions (org_id, workflow_id, action_id, is_required, created_at)
         SELECT ?1, ?2, 'full-' || value, 1, 1 FROM json_each('[${Array.from({ length: 200 }, (_, n) => n).join()}]')`,
      )
      .bind(organizationId, id),
  ]);
  const made = await call(owner, "POST", "/actions/", { ...DISCOUNT_ACTION, name: "Homeless", workflow: id });
  expect([made.status, JSON.stringify(made.body)]).toEqual([400, expect.stringContaining("at most 200")]);
  expect((await call(owner, "GET", "/actions/?search=Homeless")).body.count).toBe(0);
});

it("an execution that waits for its turn is queued, and says so", () => {
  const run = { executionId: "x", workflowId: "w", startedAt: 0 };
  expect(toStarted({ ...run, status: "queued" })).toMatchObject({
    status: "QUEUED",
    started_at: "1970-01-01T00:00:00.000Z",
  });
  for (const status of ["running", "waiting", "completed"] as const)
    expect(toStarted({ ...run, status })).toMatchObject({ status: "RUNNING", message: "Workflow execution started" });
});

describe("a condition", () => {
  it("that an action comes to need while it is deleted stays", async () => {
    const [id, action, condition] = [await aWorkflow(), await anAction(), await aCondition()];
    const context = rightAfter(() =>
      make(owner, `/workflows/${id}/add_action/`, { action_id: action, condition_id: condition }),
    );
    await expect(deletePart(context, "condition", condition)).rejects.toMatchObject({ code: "conflict" });
    expect((await call(owner, "GET", `/conditions/${condition}/`)).status).toBe(200);
  });

  it("that is deleted while an action comes to need it is not found: the action does not run without", async () => {
    const [id, action, condition] = [await aWorkflow(), await anAction(), await aCondition()];
    const context = rightAfter(() => remove(`/conditions/${condition}/`));
    await expect(addAction(context, id, order(action, condition))).rejects.toMatchObject({ code: "not_found" });
    expect(await joins(id)).toBe(0);
  });
});

it("a trigger that gets times of its own while it joins with conditions does not lose them", async () => {
  const id = await aWorkflow();
  const triggerId = await make(owner, "/triggers/", { name: "T", trigger_type: "SCHEDULED" });
  const context = rightAfter(() => patch(`/triggers/${triggerId}/`, { schedule: { every_seconds: 3600 } }));
  const specificConditions = [{ field: "user.tags", operator: "contains", value: "x" }];
  const joining = addTrigger(context, id, { triggerId, priority: 0, specificConditions });
  await expect(joining).rejects.toMatchObject({ problems: [{ field: "specific_conditions" }] });
});

it.each(["DRAFT", "ARCHIVED"])("%s is not paused, and nothing else of the request is done", async (status) => {
  const id = await make(owner, "/workflows/", CAMPAIGN);
  if (status === "ARCHIVED") await call(owner, "POST", `/workflows/${id}/archive/`);
  expect((await patch(`/workflows/${id}/`, { status: "PAUSED", name: "Other" })).status).toBe(400);
  expect((await call(owner, "GET", `/workflows/${id}/`)).body).toMatchObject({ status, name: CAMPAIGN.name });
});
