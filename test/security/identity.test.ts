// SECURITY "Identity": who may do what, tried by each role and each scope on each route of a workflow; what becomes of a membership that ends;
// and what the audit log knows of it.
import { beforeAll, describe, expect, it } from "vitest";
import { ROLES, type Role } from "../../src/domain/context.ts";
import { SCOPES } from "../../src/domain/permission.ts";
import { newId } from "../../src/lib/ids.ts";
import { call, createWorkflow, publishWorkflow, WORKFLOWS } from "../api/core/kit.ts";
import { join, makeOrganization, type Tenant, tokenOf } from "../fixtures/identity.ts";

let owner: Tenant;
const by: Partial<Record<Role, Tenant>> = {};
let workflowId: string;
let executionId: string;
let webhookId: string;
beforeAll(async () => {
  owner = await makeOrganization();
  for (const role of ROLES) by[role] = await join(owner.organizationId, `${role}-${newId()}`, role);
  workflowId = await publishWorkflow(owner);
  executionId = (await call(owner, "POST", `${WORKFLOWS}/${workflowId}/execute`, {})).body.data.execution_id;
  webhookId = (await call(owner, "POST", `${WORKFLOWS}/${workflowId}/webhooks`, { name: "h" })).body.data.webhook_id;
});

type Need = { role: Role; scope: (typeof SCOPES)[number] };
const view: Need = { role: "viewer", scope: "read" };
const execute: Need = { role: "operator", scope: "execute" };
const edit: Need = { role: "editor", scope: "write" };
const decide: Need = { role: "admin", scope: "write" };
const govern: Need = { role: "admin", scope: "admin" };

/** Each route with the least role and the scope that it takes. `W`, `X`, `H` stand for the ids, `NEW` for a workflow of the owner's each time. */
const ROUTES: [method: string, path: string, need: Need, body?: object][] = [
  ["GET", "/api/v1/workflows?entity_id=1", view],
  ["POST", "/api/v1/workflows", edit, { name: "n", entity_id: 1 }],
  ["GET", "/api/v1/workflows/W", view],
  ["PUT", "/api/v1/workflows/W", edit, { description: "d" }],
  ["POST", "/api/v1/workflows/W/publish", edit, {}],
  ["POST", "/api/v1/workflows/W/validate", view, {}],
  ["GET", "/api/v1/workflows/W/permissions", decide],
  ["PUT", "/api/v1/workflows/W/permissions", decide, { permissions: [] }],
  ["POST", "/api/v1/workflows/W/execute", execute, {}],
  ["POST", "/api/v1/workflows/W/test", execute, {}],
  ["GET", "/api/v1/workflows/W/executions?community_id=1", view],
  ["GET", "/api/v1/workflows/executions/X", view],
  ["POST", "/api/v1/workflows/executions/X/cancel", execute, {}],
  ["GET", "/api/v1/workflows/W/webhooks", view],
  ["POST", "/api/v1/workflows/W/webhooks", edit, { name: "h" }],
  ["PATCH", "/api/v1/workflows/W/webhooks/H", edit, { name: "h" }],
  ["DELETE", "/api/v1/workflows/NEW", decide],
  ["GET", "/api/v2/members", view],
  ["GET", "/api/v2/audit", govern],
  ["GET", "/api/v2/dead-letters", govern],
  ["GET", "/api/v2/organization/retention", view],
  ["PATCH", "/api/v2/organization/retention", govern, { events_days: 60 }],
  ["GET", "/api/v2/organization/code-budget", view],
  ["PATCH", "/api/v2/organization/code-budget", govern, { depth: 32 }],
  ["PATCH", "/api/v2/members/nobody", govern, { role: "viewer" }],
];

const fill = async (path: string) => {
  const made = path.includes("/NEW") ? await createWorkflow(owner) : "";
  const ids = path.replace("/W", `/${workflowId}`).replace("/X", `/${executionId}`).replace("/H", `/${webhookId}`);
  return ids.replace("NEW", made);
};
const isRefused = async (who: Pick<Tenant, "headers">, method: string, path: string, body?: object) => {
  const { status } = await call(who, method, await fill(path), body);
  expect(status).not.toBe(500);
  return status === 403;
};

describe.each(ROUTES)("%s %s", (method, path, need, body) => {
  it("takes its role", async () => {
    const refused = await Promise.all(ROLES.map((role) => isRefused(by[role]!, method, path, body)));
    const least = ROLES.indexOf(need.role);
    expect(refused).toEqual(ROLES.map((_, rank) => rank < least));
  });

  it("takes its scope from a key, whatever its maker may do", async () => {
    const refused = await Promise.all(
      SCOPES.map(async (scope) => {
        const made = await call(owner, "POST", "/api/v2/api-keys", { name: "k", scopes: [scope] });
        const headers = { ...owner.headers, authorization: `Bearer ${made.body.key}` };
        return isRefused({ headers }, method, path, body);
      }),
    );
    expect(refused).toEqual(SCOPES.map((scope) => scope !== need.scope));
  });
});

describe("a permission on one workflow", () => {
  const allow = (who: Tenant, grant: object) =>
    call(owner, "PUT", `${WORKFLOWS}/${workflowId}/permissions`, {
      permissions: [
        { user_id: who.userId, can_view: true, can_edit: false, can_delete: false, can_execute: false, ...grant },
      ],
    });
  const codes = async (who: Tenant) => {
    const run = await call(who, "POST", `${WORKFLOWS}/${workflowId}/execute`, {});
    const test = await call(who, "POST", `${WORKFLOWS}/${workflowId}/test`, {});
    const edit = await call(who, "PUT", `${WORKFLOWS}/${workflowId}`, { description: "x" });
    return [run.status, test.status, edit.status];
  };

  it("adds to a role, for this workflow alone", async () => {
    await allow(by.viewer!, { can_execute: true });
    expect(await codes(by.viewer!)).toEqual([202, 200, 403]);
    const other = await createWorkflow(owner);
    expect((await call(by.viewer!, "POST", `${WORKFLOWS}/${other}/execute`, {})).status).toBe(403);
  });

  it("is not a key's to give beyond its own scopes", async () => {
    const give = async (scopes: string[], grant: object) => {
      const { key } = (await call(owner, "POST", "/api/v2/api-keys", { name: "k", scopes })).body;
      const headers = { ...owner.headers, authorization: `Bearer ${key}` };
      const nothing = { can_view: false, can_edit: false, can_delete: false, can_execute: false };
      const permissions = [{ user_id: by.viewer!.userId, ...nothing, ...grant }];
      return (await call({ headers }, "PUT", `${WORKFLOWS}/${workflowId}/permissions`, { permissions })).status;
    };
    expect(await give(["write"], { can_edit: true })).toBe(200);
    expect(await give(["write"], { can_view: true })).toBe(403);
    expect(await give(["write", "read"], { can_execute: true })).toBe(403);
    expect(await give(["write", "read", "execute"], { can_view: true, can_execute: true })).toBe(200);
  });

  it("can_view: false takes all of it, its executions and its place in the list from who is no admin", async () => {
    await allow(by.editor!, { can_view: false, can_edit: true, can_execute: true });
    expect(await codes(by.editor!)).toEqual([403, 403, 403]);
    expect((await call(by.editor!, "GET", `${WORKFLOWS}/executions/${executionId}`)).status).toBe(403);
    const list = await call(by.editor!, "GET", `${WORKFLOWS}?entity_id=1&per_page=100`);
    expect(list.body.data.map((row: { workflow_id: string }) => row.workflow_id)).not.toContain(workflowId);
    await allow(by.admin!, { can_view: false });
    expect(await codes(by.admin!)).toEqual([202, 200, 200]);
  });
});

describe("a workflow that starts another", () => {
  const starting = (workflow_id: string) => ({
    nodes: { sub: { node_type: "action_subworkflow", config: { workflow_id, wait: true } } },
    connections: [],
  });
  const endOf = async (who: Tenant, id: string, body: object = {}) => {
    const run = await call(who, "POST", `${WORKFLOWS}/${id}/execute`, { wait: true, ...body });
    return [run.body.data.status, run.body.data.error_message];
  };

  it("does so for who made it: what they may not execute, it does not execute for them", async () => {
    const secret = await publishWorkflow(owner);
    const author = await join(owner.organizationId, `author-${newId()}`, "editor");
    const own = await publishWorkflow(author, starting(secret));
    const byTemplate = await publishWorkflow(author, starting("{{variables.id}}"));
    expect(await endOf(author, own)).toEqual(["completed", null]);

    const hidden = { user_id: author.userId, can_view: false, can_edit: false, can_delete: false, can_execute: false };
    await call(owner, "PUT", `${WORKFLOWS}/${secret}/permissions`, { permissions: [hidden] });
    const refused = ["failed", `Who made this version may not execute the workflow ${secret}`];
    expect(await endOf(author, own)).toEqual(refused);
    expect(await endOf(owner, own)).toEqual(refused);
    expect(await endOf(author, byTemplate, { variables: { id: secret } })).toEqual(refused);
    expect(await endOf(owner, await publishWorkflow(owner, starting(secret)))).toEqual(["completed", null]);

    await call(owner, "DELETE", `/api/v2/members/${author.userId}`);
    expect(await endOf(owner, own)).toEqual(["completed", null]);
  });

  it("finds none of another organisation", async () => {
    const stranger = await makeOrganization();
    const own = await publishWorkflow(stranger, starting(workflowId));
    expect(await endOf(stranger, own)).toEqual(["failed", `There is no workflow ${workflowId}`]);
  });
});

describe("a membership that ends", () => {
  it("ends at once for tokens, keys and gRPC", async () => {
    const leaver = await join(owner.organizationId, `leaver-${newId()}`, "editor");
    const { key } = (await call(leaver, "POST", "/api/v2/api-keys", { name: "k" })).body;
    const byKey = { headers: { ...leaver.headers, authorization: `Bearer ${key}` } };
    const token = await tokenOf(leaver.userId, owner.organizationId);
    const byClaim = { headers: { authorization: `Bearer ${token}` } };
    const ask = (who: Pick<Tenant, "headers">) => call(who, "GET", `${WORKFLOWS}?entity_id=1`);
    for (const who of [leaver, byKey, byClaim]) expect((await ask(who)).status).toBe(200);
    await call(owner, "DELETE", `/api/v2/members/${leaver.userId}`);
    expect([(await ask(leaver)).status, (await ask(byKey)).status, (await ask(byClaim)).status]).toEqual([
      403, 401, 403,
    ]);
    const grpc = "/workflow.v1.WorkflowService/GetExecutionStatus";
    expect((await call(leaver, "POST", grpc, { executionId })).status).toBe(403);
  });
});

describe("the audit log", () => {
  const refusals = async (actor: string) =>
    (await call(owner, "GET", `/api/v2/audit?action=authorization.refused&actor=${actor}`)).body.entries;

  it("knows who was refused what", async () => {
    const curious = await join(owner.organizationId, `curious-${newId()}`, "viewer");
    const { headers } = await call(curious, "POST", `${WORKFLOWS}/${workflowId}/execute`, {});
    expect(await refusals(`user:${curious.userId}`)).toMatchObject([
      { target_type: "workflow", request_id: headers.get("x-request-id"), details: { method: "POST" } },
    ]);
  });

  it("knows who came from outside, by a token and by a key; nobody learns which organisations there are", async () => {
    const stranger = await makeOrganization();
    const { id, key } = (await call(stranger, "POST", "/api/v2/api-keys", { name: "k" })).body;
    const there = { "x-organization-id": owner.organizationId };
    const tries = [
      await call({ headers: { ...stranger.headers, ...there } }, "GET", `${WORKFLOWS}/${workflowId}`),
      await call({ headers: { authorization: `Bearer ${key}`, ...there } }, "GET", `${WORKFLOWS}/${workflowId}`),
      await call({ headers: { ...stranger.headers, "x-organization-id": newId() } }, "GET", WORKFLOWS),
    ];
    const messages = tries.map(({ status, body }) => `${status} ${body.error.message}`);
    expect(new Set(messages)).toEqual(new Set(["403 You are not a member of this organization"]));
    expect(await refusals(`user:${stranger.userId}`)).toMatchObject([{ target_type: "organization" }]);
    expect(await refusals(`key:${id}`)).toHaveLength(1);
  });

  it.each(["PUT", "PATCH", "DELETE", "POST"])("is changed by no %s", async (method) => {
    const [entry] = (await call(owner, "GET", "/api/v2/audit")).body.entries;
    const answers = [
      await call(owner, method, "/api/v2/audit", method === "DELETE" ? undefined : {}),
      await call(owner, method, `/api/v2/audit/${entry.id}`, method === "DELETE" ? undefined : {}),
    ];
    expect(answers.map(({ status }) => status)).toEqual([405, 404]);
  });
});
