// Another organisation's id is the same as a missing one, on every route. Generated from the router: a route that names an id and is not in the
// table (tenancy-table.ts) fails, and so does an entry for a route that is gone.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makeOrganization, type Tenant } from "../fixtures/identity.ts";
import { call, fetch, limiter, routes, TABLE } from "./tenancy-table.ts";

const withIds = [
  ...new Set(
    routes
      .filter(({ method, path }) => method !== "ALL" && /[:{*]/.test(path))
      .map(({ method, path }) => `${method} ${path}`),
  ),
];

/** The flow API wants the user named beside the token. */
const withUserHeader = (who: Tenant): Tenant => ({ ...who, headers: { ...who.headers, "x-user-id": who.userId } });

let owner: Tenant;
let stranger: Tenant;
beforeAll(async () => {
  owner = withUserHeader(await makeOrganization("8001"));
  stranger = withUserHeader(await makeOrganization("8002"));
});
beforeEach(() => limiter.clear());

const fill = (path: string, ids: Record<string, string>, query = ""): string =>
  path.replace(/:(\w+)(\{[^}]*\})?\??/g, (_, name: string) => {
    const id = ids[name];
    if (id === undefined) throw new Error(`the table gives no ${name} for ${path}`);
    return encodeURIComponent(id);
  }) + query;

/** What an answer says, without what differs from call to call. */
const said = async (answer: Response): Promise<string> =>
  `${answer.status} ${(await answer.text())
    .replaceAll(answer.headers.get("x-request-id")!, "<request>")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")}`;

describe("every route that names an id", () => {
  it("is in the table, and the table holds nothing else", () => {
    expect(Object.keys(TABLE).sort()).toEqual(withIds.toSorted());
  });

  const tried = Object.entries(TABLE).flatMap(([route, entry]) => ("make" in entry ? [{ route, entry }] : []));

  it.each(tried)("$route: another organisation's id is a missing id", async ({ route, entry }) => {
    const [method, path] = route.split(" ") as [string, string];
    const ids = await entry.make(owner);
    const missing = entry.missing ?? Object.fromEntries(Object.keys(ids).map((name) => [name, crypto.randomUUID()]));
    const foreign = await said(await call(stranger, method, fill(path, ids, entry.query), entry.body, entry.headers));
    const absent = await said(
      await call(stranger, method, fill(path, missing, entry.query), entry.body, entry.headers),
    );
    expect(foreign).toMatch(/^404 /);
    // Where the answer repeats the id that was asked for, it may.
    const strip = (text: string, given: Record<string, string>) =>
      Object.values(given).reduce((rest, id) => rest.replaceAll(id, "<id>"), text);
    expect(strip(foreign, ids)).toBe(strip(absent, missing));
  });

  it.each(tried)("$route: works for who owns it, so that the test above says something", async ({ route, entry }) => {
    const [method, path] = route.split(" ") as [string, string];
    const answer = await call(
      owner,
      method,
      fill(path, await entry.make(owner), entry.query),
      entry.body,
      entry.headers,
    );
    expect(answer.status, await answer.text()).toBeLessThan(400);
  });
});

describe("every route", () => {
  /** Open by CONTRACT "Who is calling". */
  const PUBLIC = new Set([
    "POST /api/v1/usr/login",
    "GET /health",
    "GET /api/v1/status",
    "GET /api/v1/workflows/openapi.json",
    "GET /api/v1/openapi.json",
    "GET /api/v1/workflow/api/openapi.json",
    "GET /flow/openapi.json",
    "GET /api/v2/openapi.json",
    "POST /api/v1/workflows/webhooks/:token",
    "POST /api/v2/webhooks/receive/:endpointId",
    "OPTIONS /api/v2/webhooks/receive/:endpointId",
    // Closed, by a gRPC status of its own: core/grpc.test.ts.
    "POST /workflow.v1.WorkflowService/ExecuteWorkflow",
    "POST /workflow.v1.WorkflowService/GetExecutionStatus",
    "POST /workflow.v1.WorkflowService/CancelExecution",
    ...["inbound", "status", "whatsapp"].flatMap((door) => [
      `POST /webhooks/${door}`,
      `POST /webhooks/${door}/:organizationId/:channelId`,
    ]),
    "GET /webhooks/whatsapp",
    "GET /webhooks/whatsapp/:organizationId/:channelId",
  ]);
  const closed = [
    ...new Set(routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} ${path}`)),
  ].filter((route) => !PUBLIC.has(route));

  it.each(closed)("%s: 401 without credentials", async (route) => {
    const [method, path] = route.split(" ") as [string, string];
    const answer = await fetch(path.replace(/:\w+(\{[^}]*\})?/g, "x"), { method });
    expect(answer.status).toBe(401);
  });
});
