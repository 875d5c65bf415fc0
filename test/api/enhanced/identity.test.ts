// /api/v2: /me, /api-keys, /members, /audit: shapes, pages, rules and refusals.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { testApp } from "../../fixtures/app.ts";
import { join, makeOrganization, type Tenant } from "../../fixtures/identity.ts";

const { fetch, limiter } = testApp();
let owner: Tenant;

beforeAll(async () => {
  owner = await makeOrganization();
});
beforeEach(() => limiter.clear());

type Body = {
  id: string;
  key: string;
  error: object;
  pagination: { total: number };
  apiKeys: { id: string }[];
  validation: { field: string }[];
  entries: { action: string }[];
};

const call = async (who: Tenant, method: string, path: string, body?: unknown) => {
  const answer = await fetch(`/api/v2${path}`, {
    method,
    headers: who.headers,
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Body };
};
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe("errors", () => {
  it("have the document's shape", async () => {
    const { status, headers, body } = await call(owner, "POST", "/members", { user_id: "", role: "king", extra: 1 });
    expect(status).toBe(400);
    expect(body).toEqual({
      error: {
        code: "VALIDATION_ERROR",
        message: expect.any(String),
        timestamp: expect.stringMatching(ISO),
        requestId: headers.get("x-request-id"),
      },
      validation: expect.arrayContaining([
        { field: "user_id", message: expect.any(String), code: expect.any(String) },
        { field: "role", message: "Must be one of: viewer, operator, editor, admin, owner.", code: "invalid_choice" },
        { field: "extra", message: "Unknown field.", code: "unknown_field" },
      ]),
    });
  });

  it("and all other answers never come without the limit's headers", async () => {
    for (const answer of [
      await fetch("/api/v2/members"),
      await fetch("/api/v2/openapi.json"),
      await fetch("/api/v2/members", { headers: owner.headers }),
      await fetch("/api/v2/nothing", { headers: owner.headers }),
      await fetch("/api/v2/members", { method: "POST", headers: owner.headers, body: "{" }),
    ]) {
      expect(answer.headers.get("x-ratelimit-limit")).toBe("1000");
      expect(Number(answer.headers.get("x-ratelimit-remaining"))).toBeLessThan(1000);
      const reset = Number(answer.headers.get("x-ratelimit-reset"));
      expect(Math.abs(reset - Date.now() / 1000)).toBeLessThan(62);
    }
  });

  it("begin when the limit is reached, for this organisation at this endpoint and no other", async () => {
    const key = `enhanced:${owner.organizationId}:GET /api/v2/members`;
    for (let n = 0; n < 1000; n++) await limiter.take(key, 1000, 60_000);
    const { status, headers, body } = await call(owner, "GET", "/members");
    expect(status).toBe(429);
    expect(body.error).toMatchObject({ code: "RATE_LIMIT_EXCEEDED" });
    expect(headers.get("x-ratelimit-remaining")).toBe("0");
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    const other = await makeOrganization();
    expect((await call(other, "GET", "/members")).status).toBe(200);
    expect((await call(owner, "GET", "/members/")).status).toBe(429);
    expect((await call(owner, "GET", "/api-keys")).status).toBe(200);
    const counted = async (path: string) =>
      (await fetch(`/api/v2${path}`, { headers: owner.headers })).headers.get("x-ratelimit-remaining");
    expect([await counted("/workflows/a"), await counted("/workflows/b")]).toEqual(["999", "998"]);
    expect([await counted("/nothing"), await counted("/nobody")]).toEqual(["999", "998"]);
  });

  it("are not made by a limiter that is down", async () => {
    const open = testApp({
      ports: { limiter: { take: () => Promise.reject(new Error("down")), giveBack: () => Promise.resolve() } },
    });
    const answer = await open.fetch("/api/v2/members", { headers: owner.headers });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-ratelimit-limit")).toBe("1000");
  });
});

describe("/api-keys", () => {
  it("are made, listed in pages, revoked, revoked again", async () => {
    const tenant = await makeOrganization();
    const made: string[] = [];
    for (const name of ["one", "two", "three"]) {
      const { status, body } = await call(tenant, "POST", "/api-keys", { name, scopes: ["read", "read", "execute"] });
      expect(status).toBe(201);
      expect(body).toEqual({
        id: expect.any(String),
        name,
        key: expect.stringMatching(/^sk_/),
        prefix: body.key.slice(0, 11),
        scopes: ["read", "execute"],
        created_by: tenant.userId,
        created_at: expect.stringMatching(ISO),
        last_used_at: null,
        revoked_at: null,
      });
      made.push(body.id);
    }
    const page = await call(tenant, "GET", "/api-keys?limit=2&page=2");
    expect(page.body.pagination).toEqual({ total: 3, page: 2, limit: 2, totalPages: 2 });
    expect(page.body.apiKeys.map(({ id }) => id)).toEqual([made[0]]);
    const revoked = await call(tenant, "DELETE", `/api-keys/${made[0]}`);
    expect(revoked).toMatchObject({
      status: 200,
      body: { success: true, apiKey: { id: made[0], revoked_at: expect.stringMatching(ISO) } },
    });
    expect((await call(tenant, "DELETE", `/api-keys/${made[0]}`)).body).toEqual(revoked.body);
  });

  it.each([
    [{}, "name"],
    [{ name: " " }, "name"],
    [{ name: "x".repeat(201) }, "name"],
    [{ name: "a\u0000b" }, "name"],
    [{ name: "x", scopes: [] }, "scopes"],
    [{ name: "x", scopes: ["all"] }, "scopes.0"],
    [{ name: "x", scopes: "read" }, "scopes"],
    [{ name: "x", role: "owner" }, "role"],
    [{ name: "x", key: "sk_mine" }, "key"],
    ['{"name":"\\ud800"}', "name"],
  ])("refuse %j by the field %s", async (body, field) => {
    const answer = await call(owner, "POST", "/api-keys", body);
    expect(answer.status).toBe(400);
    expect(answer.body.validation.map((problem) => problem.field)).toContain(field);
  });

  it("of others are invisible to who is no admin, and an admin's to revoke", async () => {
    const tenant = await makeOrganization();
    const viewer = await join(tenant.organizationId, "v", "viewer");
    const mine = (await call(viewer, "POST", "/api-keys", { name: "mine" })).body.id;
    const theirs = (await call(tenant, "POST", "/api-keys", { name: "theirs" })).body.id;
    expect((await call(viewer, "GET", "/api-keys")).body.pagination).toMatchObject({ total: 1 });
    expect((await call(viewer, "DELETE", `/api-keys/${theirs}`)).status).toBe(404);
    expect((await call(tenant, "GET", "/api-keys")).body.pagination).toMatchObject({ total: 2 });
    expect((await call(tenant, "DELETE", `/api-keys/${mine}`)).status).toBe(200);
  });
});

describe("/members", () => {
  it("are added, listed, changed, removed", async () => {
    const tenant = await makeOrganization();
    const added = await call(tenant, "POST", "/members", { user_id: 42, role: "viewer" });
    expect(added).toMatchObject({
      status: 201,
      body: { user_id: "42", role: "viewer", created_by: tenant.userId, created_at: expect.stringMatching(ISO) },
    });
    expect((await call(tenant, "POST", "/members", { user_id: "42", role: "admin" })).status).toBe(409);
    expect((await call(tenant, "GET", "/members")).body).toMatchObject({
      members: [
        { user_id: tenant.userId, role: "owner" },
        { user_id: "42", role: "viewer" },
      ],
      pagination: { total: 2 },
    });
    expect((await call(tenant, "PATCH", "/members/42", { role: "editor" })).body).toMatchObject({
      user_id: "42",
      role: "editor",
    });
    expect((await call(tenant, "DELETE", "/members/42")).body).toMatchObject({
      success: true,
      member: { user_id: "42" },
    });
    expect((await call(tenant, "DELETE", "/members/42")).status).toBe(404);
    expect((await call(tenant, "PATCH", "/members/42", { role: "editor" })).status).toBe(404);
  });

  it("keep an owner: the last can't leave, be removed or demoted, also when two try at once", async () => {
    const tenant = await makeOrganization();
    expect((await call(tenant, "DELETE", `/members/${tenant.userId}`)).status).toBe(409);
    expect((await call(tenant, "PATCH", `/members/${tenant.userId}`, { role: "admin" })).status).toBe(409);
    const second = await join(tenant.organizationId, `second-${tenant.userId}`, "owner");
    const answers = await Promise.all([
      call(tenant, "DELETE", `/members/${tenant.userId}`),
      call(second, "DELETE", `/members/${second.userId}`),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it("leave by themselves, whatever their role", async () => {
    const viewer = await join(owner.organizationId, "goer", "viewer");
    expect((await call(viewer, "DELETE", "/members/goer")).status).toBe(200);
  });

  it("are an admin's to manage, owners an owner's", async () => {
    const tenant = await makeOrganization();
    const admin = await join(tenant.organizationId, "admin", "admin");
    const editor = await join(tenant.organizationId, "editor", "editor");
    expect((await call(editor, "GET", "/members")).status).toBe(200);
    expect((await call(editor, "POST", "/members", { user_id: "x", role: "viewer" })).status).toBe(403);
    expect((await call(editor, "PATCH", "/members/editor", { role: "admin" })).status).toBe(403);
    expect((await call(editor, "DELETE", "/members/admin")).status).toBe(403);
    expect((await call(admin, "POST", "/members", { user_id: "x", role: "owner" })).status).toBe(403);
    expect((await call(admin, "PATCH", "/members/admin", { role: "owner" })).status).toBe(403);
    expect((await call(admin, "PATCH", `/members/${tenant.userId}`, { role: "viewer" })).status).toBe(403);
    expect((await call(admin, "DELETE", `/members/${tenant.userId}`)).status).toBe(403);
    expect((await call(admin, "PATCH", "/members/editor", { role: "admin" })).status).toBe(200);
  });

  it("are a key's as far as they may do no more than the key, whoever made it", async () => {
    const tenant = await makeOrganization();
    await join(tenant.organizationId, "reader", "viewer");
    await join(tenant.organizationId, "writer", "editor");
    const keyed = async (...scopes: string[]): Promise<Tenant> => {
      const { key } = (await call(tenant, "POST", "/api-keys", { name: "k", ...(scopes.length > 0 && { scopes }) }))
        .body;
      return { ...tenant, headers: { ...tenant.headers, authorization: `Bearer ${key}` } };
    };
    const [bare, reading, whole] = [await keyed("admin"), await keyed("admin", "read"), await keyed()];
    for (const role of ["viewer", "editor", "admin", "owner"]) {
      const refused = await call(bare, "POST", "/members", { user_id: `by-bare-${role}`, role });
      expect(refused).toMatchObject({ status: 403, body: { error: { code: "INSUFFICIENT_PERMISSIONS" } } });
    }
    expect((await call(reading, "POST", "/members", { user_id: "new", role: "viewer" })).status).toBe(201);
    expect((await call(reading, "PATCH", "/members/new", { role: "operator" })).status).toBe(403);
    expect((await call(reading, "PATCH", "/members/writer", { role: "viewer" })).status).toBe(403);
    expect((await call(reading, "PATCH", `/members/${tenant.userId}`, { role: "viewer" })).status).toBe(403);
    expect((await call(reading, "DELETE", "/members/writer")).status).toBe(403);
    expect((await call(reading, "DELETE", "/members/reader")).status).toBe(200);
    expect((await call(whole, "POST", "/members", { user_id: "second", role: "owner" })).status).toBe(201);
  });
});

describe("/audit", () => {
  it("shows each mutation once, newest first, with filters and pages", async () => {
    const tenant = await makeOrganization();
    const { headers } = await call(tenant, "POST", "/members", { user_id: "m", role: "viewer" });
    await call(tenant, "PATCH", "/members/m", { role: "editor" });
    const { id } = (await call(tenant, "POST", "/api-keys", { name: "k" })).body;
    await call(tenant, "DELETE", `/api-keys/${id}`);
    await call(tenant, "DELETE", `/api-keys/${id}`);
    await call(tenant, "POST", "/members", { user_id: "m", role: "viewer" });
    const all = (await call(tenant, "GET", "/audit")).body;
    expect(all.entries.map(({ action }) => action)).toEqual([
      "api_key.revoked",
      "api_key.created",
      "member.role_changed",
      "member.added",
    ]);
    expect(all.pagination).toEqual({ total: 4, page: 1, limit: 20, totalPages: 1 });
    expect(all.entries[3]).toEqual({
      id: expect.any(String),
      actor: `user:${tenant.userId}`,
      action: "member.added",
      target_type: "member",
      target_id: "m",
      details: { role: "viewer" },
      request_id: headers.get("x-request-id"),
      at: expect.stringMatching(ISO),
    });
    const count = async (query: string) => (await call(tenant, "GET", `/audit?${query}`)).body.pagination.total;
    expect(await count("action=api_key.created")).toBe(1);
    expect(await count("target_type=member&target_id=m")).toBe(2);
    expect(await count(`actor=user:${tenant.userId}`)).toBe(4);
    expect(await count("startDate=2020-01-01&endDate=2020-01-02")).toBe(0);
    expect(await count("startDate=2020-01-01")).toBe(4);
  });

  it("refuses what is no date", async () => {
    for (const bad of ["yesterday", "2020-13-01", "2020-01-01T00:00:00", "5"]) {
      const answer = await call(owner, "GET", `/audit?startDate=${bad}`);
      expect(answer.status).toBe(400);
      expect(answer.body.validation).toMatchObject([{ field: "startDate" }]);
    }
  });

  it("is for admins, and nobody writes it", async () => {
    const editor = await join(owner.organizationId, "reader", "editor");
    expect((await call(editor, "GET", "/audit")).status).toBe(403);
    for (const method of ["POST", "PUT", "PATCH", "DELETE"])
      expect((await call(owner, method, "/audit")).status).toBe(405);
  });
});
