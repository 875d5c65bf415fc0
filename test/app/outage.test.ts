// While the database is away every answer says so, with a time to come back; what needs no database goes on. A bug of ours stays a bug.
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { hashPassword } from "../../src/domain/identity/password.ts";
import { newId } from "../../src/lib/ids.ts";
import { makePorts } from "../../src/objects/ports.ts";
import { testApp } from "../fixtures/app.ts";
import { awayAfter } from "../fixtures/away.ts";
import { db, makeOrganization, type Tenant, testEnv } from "../fixtures/identity.ts";

const { db: _, limiter: __, ...ports } = makePorts(testEnv);
const { routes } = testApp();
let owner: Tenant;
let workflowId: string;

const call = async (database: D1Database, method: string, path: string, body: unknown = {}) => {
  const init = { method, headers: { "content-type": "application/json", ...owner.headers } };
  const answer = await testApp({ ports: { ...ports, db: database } }).fetch(
    path,
    method === "GET" ? init : { ...init, body: JSON.stringify(body) },
  );
  return { status: answer.status, retryAfter: answer.headers.get("retry-after"), text: await answer.text() };
};

beforeAll(async () => {
  // The flow API's callers say who they are, in whole numbers.
  const userId = "6101";
  owner = await makeOrganization(userId);
  owner = { ...owner, headers: { ...owner.headers, "x-user-id": userId } };
  const made = await call(db, "POST", "/api/v1/workflows", {
    name: "w",
    entity_id: 1,
    nodes: { end: { node_type: "flow_end", config: {} } },
  });
  workflowId = JSON.parse(made.text).data.workflow_id;
  await db
    .prepare("INSERT INTO users (username, password_hash, created_at) VALUES ('ann', ?1, 1)")
    .bind(await hashPassword("correct horse"))
    .run();
});
let logged: string[];
beforeEach(() => {
  logged = [];
  vi.spyOn(console, "error").mockImplementation((line: string) => {
    logged.push(line);
  });
});

describe("every route, with the database away from the first question on", () => {
  /** They ask none, or are stopped before: by a signature, a body. */
  const WITHOUT: Record<string, number> = {
    "GET /api/v1/workflows/openapi.json": 200,
    "GET /api/v1/openapi.json": 200,
    "GET /api/v1/workflow/api/openapi.json": 200,
    "GET /flow/openapi.json": 200,
    "GET /api/v2/openapi.json": 200,
    "GET /api/v1/status": 200,
    "POST /api/v1/workflows/webhooks/:token": 404,
    "POST /api/v2/webhooks/receive/:endpointId": 404,
    "OPTIONS /api/v2/webhooks/receive/:endpointId": 204,
    // Their object asks with a database of its own.
    ...Object.fromEntries(
      routes.filter(({ path }) => path.startsWith("/webhooks/")).map(({ method, path }) => [`${method} ${path}`, 403]),
    ),
    "POST /api/v1/usr/login": 400,
  };
  const all = [
    ...new Set(routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} ${path}`)),
  ];

  it.each(all)("%s", async (route) => {
    const [method, path] = route.split(" ") as [string, string];
    const { status, retryAfter, text } = await call(
      awayAfter(0).db,
      method,
      path.replace(/:\w+(\{[^}]*\})?/g, newId()),
    );
    if (route in WITHOUT) return expect(status, text).toBe(WITHOUT[route]);
    expect([status, text]).toEqual([503, expect.stringMatching(/unavailable|degraded|unhealthy|does not answer/i)]);
    // Connect knows no such header, and a health check comes again by itself.
    if (!path.startsWith("/workflow.v1") && path !== "/health") expect(Number(retryAfter)).toBeGreaterThan(0);
  });
});

describe("away in the middle: whichever question it leaves open", () => {
  const REQUESTS: [string, string, unknown?][] = [
    ["POST", "/api/v1/usr/login", { username: "ann", password: "correct horse" }],
    ["GET", "/api/v1/workflows?entity_id=1"],
    ["POST", "/api/v1/workflows", { name: "v", entity_id: 1, nodes: {} }],
    ["GET", "/api/v1/workflows/:id"],
    ["PUT", "/api/v1/workflows/:id", { name: "x" }],
    ["GET", "/api/v1/workflows/:id/executions?community_id=1"],
    ["POST", "/api/v1/workflows/:id/execute"],
    ["POST", "/api/v1/workflows/:id/publish"],
    ["POST", "/api/v2/workflows/:id/execute", {}],
    ["GET", "/api/v2/queue/status"],
    ["GET", "/api/v2/queue/jobs?status=failed"],
    ["PATCH", "/api/v2/queue/settings", { maxQueued: 5 }],
    ["GET", "/api/v2/dead-letters"],
    ["GET", "/api/v2/me"],
    ["POST", "/api/v2/members", { user_id: "7", role: "viewer" }],
    ["POST", "/api/v2/api-keys", { name: "k" }],
    ["GET", "/api/v2/audit"],
  ];

  it.each(REQUESTS)("%s %s", async (method, template, body) => {
    const path = template.replace(":id", workflowId);
    for (let answers = 0; ; answers++) {
      const away = awayAfter(answers);
      const { status, retryAfter, text } = await call(away.db, method, path, body);
      if (away.asked() <= answers) {
        expect(status, text).toBeLessThan(300);
        // It did ask, so the rounds before were of some use.
        return expect(answers).toBeGreaterThan(0);
      }
      expect([status, Number(retryAfter) > 0, text]).toEqual([503, true, expect.any(String)]);
    }
  });
});

it("a statement that is wrong is a bug, whatever it was about, and is logged", async () => {
  const bug = "D1_ERROR: no such column: D1 DB is overloaded: SQLITE_ERROR";
  const { status, text } = await call(awayAfter(1, bug).db, "GET", "/api/v2/dead-letters");
  expect([status, JSON.parse(text).error.code]).toEqual([500, "INTERNAL_ERROR"]);
  expect(text).not.toContain("overloaded");
  expect(logged.join()).toContain("no such column");
});
