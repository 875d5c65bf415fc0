// Who is calling, for which organisation: each way in, and each attack on it.
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { testApp } from "../../fixtures/app.ts";
import { db, join, makeOrganization, type Tenant, tokenOf, tokenWith } from "../../fixtures/identity.ts";

const { fetch } = testApp();
let a: Tenant;
let b: Tenant;

beforeAll(async () => {
  a = await makeOrganization();
  b = await makeOrganization();
});

const me = (headers: Record<string, string>) => fetch("/api/v2/me", { headers });
const members = (headers: Record<string, string>) => fetch("/api/v2/members", { headers });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const organizationOf = async (answer: Response) =>
  ((await answer.json()) as { organization_id: string }).organization_id;

const makeKey = async (tenant: Tenant, body: object = { name: "k" }) => {
  const answer = await fetch("/api/v2/api-keys", {
    method: "POST",
    headers: tenant.headers,
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(201);
  return (await answer.json()) as { id: string; key: string };
};

describe("credentials", () => {
  it.each([
    ["none", {}],
    ["an empty header", { authorization: "" }],
    ["Basic", { authorization: "Basic YWRtaW46YWRtaW4=" }],
    ["Token", { authorization: "Token abc" }],
    ["a bare token", { authorization: "abc.def.ghi" }],
    ["Bearer alone", { authorization: "Bearer" }],
    ["two tokens", { authorization: "Bearer a b" }],
    ["an unknown key", { authorization: `Bearer sk_${"A".repeat(43)}` }],
    ["a key of another shape", { authorization: "Bearer sk_1' OR 1=1" }],
    ["a key elsewhere", { "x-api-key": `sk_${"A".repeat(43)}` }],
  ])("%s: 401", async (_, headers) => {
    const answer = await members({ "x-organization-id": a.organizationId, ...(headers as Record<string, string>) });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    expect(await answer.json()).toMatchObject({
      error: { code: "UNAUTHORIZED", requestId: answer.headers.get("x-request-id") },
    });
  });

  it("does not take a token from the URL or a cookie", async () => {
    const token = await tokenOf(a.userId);
    expect(
      (await fetch(`/api/v2/me?access_token=${token}&token=${token}`, { headers: { cookie: `token=${token}` } }))
        .status,
    ).toBe(401);
  });

  it("takes the scheme in any case", async () => {
    expect((await me({ authorization: `bearer ${await tokenOf(a.userId)}` })).status).toBe(200);
  });
});

describe("tokens of another issuer", () => {
  afterEach(() => void vi.restoreAllMocks());

  it("are taken by its key set, read once for requests at once and after", async () => {
    const keys = (await generateKeyPair("ES256", { extractable: true })) as CryptoKeyPair;
    const jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: "k", alg: "ES256" }] };
    const read = vi.spyOn(globalThis, "fetch").mockImplementation(async () => Response.json(jwks));
    const app = testApp({
      vars: { JWT_SECRET: "", JWT_JWKS_URL: "https://id.example/keys", JWT_ISSUER: "https://id.example" },
    });
    const ask = async (claims: Record<string, unknown>) => {
      const token = await new SignJWT({ user_id: "outsider", exp: Date.now() / 1000 + 60, ...claims })
        .setProtectedHeader({ alg: "ES256", kid: "k" })
        .sign(keys.privateKey);
      return (await app.fetch("/api/v2/me", { headers: bearer(token) })).status;
    };
    const good = { iss: "https://id.example" };
    expect(await Promise.all([ask(good), ask(good), ask(good), ask({})])).toEqual([200, 200, 200, 401]);
    const reads = read.mock.calls.length;
    expect(await ask(good)).toBe(200);
    expect(read.mock.calls.length).toBe(reads);
    const own = await app.fetch("/api/v2/me", { headers: bearer(await tokenOf("outsider")) });
    expect(own.status).toBe(401);
    const password = await app.fetch("/api/v1/usr/login", { method: "POST", body: '{"username":"a","password":"b"}' });
    expect(password.status).toBe(503);
  });
});

describe("the organisation", () => {
  it("is the header's, before the token's", async () => {
    const user = `both-${a.organizationId}`;
    await join(a.organizationId, user, "viewer");
    await join(b.organizationId, user, "editor");
    const token = bearer(await tokenOf(user, a.organizationId));
    expect(await organizationOf(await me(token))).toBe(a.organizationId);
    expect(await organizationOf(await me({ ...token, "x-organization-id": b.organizationId }))).toBe(b.organizationId);
  });

  it("is the caller's own without either, made once, however many ask at once", async () => {
    const token = bearer(await tokenWith({ user_id: 4711, username: "newcomer" }));
    const answers = await Promise.all(Array.from({ length: 8 }, () => me(token)));
    const ids = new Set(await Promise.all(answers.map(organizationOf)));
    expect(ids.size).toBe(1);
    const body = await (await me(token)).json();
    expect(body).toMatchObject({
      user: { id: "4711", username: "newcomer" },
      organizations: [{ role: "owner", own: true, name: "newcomer's organization" }],
    });
    const [id] = ids;
    expect(
      await db
        .prepare("SELECT count(*) AS n FROM audit WHERE org_id = ?1 AND action = 'organization.created'")
        .bind(id)
        .first("n"),
    ).toBe(1);
  });

  it("of others is refused like one that does not exist, by header and by token", async () => {
    const foreign = await me({ ...a.headers, "x-organization-id": b.organizationId });
    const missing = await me({ ...a.headers, "x-organization-id": crypto.randomUUID() });
    const wished = await me(bearer(await tokenOf(a.userId, b.organizationId)));
    const odd = await me(bearer(await tokenWith({ user_id: a.userId, org_id: 5 })));
    const bodies = new Set<string>();
    for (const answer of [foreign, missing, wished, odd]) {
      expect(answer.status).toBe(403);
      const { error } = (await answer.json()) as { error: { code: string; message: string } };
      bodies.add(`${error.code} ${error.message}`);
    }
    expect([...bodies]).toEqual(["INSUFFICIENT_PERMISSIONS You are not a member of this organization"]);
  });

  it("believes no role or membership that a token claims", async () => {
    const token = await tokenWith({
      user_id: "stranger",
      org_id: a.organizationId,
      role: "owner",
      roles: ["owner"],
      is_admin: true,
    });
    expect((await me(bearer(token))).status).toBe(403);
    const user = await join(a.organizationId, "low", "viewer");
    const boastful = await tokenWith({ user_id: "low", role: "owner" });
    const answer = await fetch("/api/v2/audit", { headers: { ...user.headers, ...bearer(boastful) } });
    expect(answer.status).toBe(403);
  });

  it("is closed at once to who was removed, with the same token", async () => {
    const user = await join(a.organizationId, "leaver", "admin");
    expect((await members(user.headers)).status).toBe(200);
    await fetch("/api/v2/members/leaver", { method: "DELETE", headers: a.headers });
    expect((await members(user.headers)).status).toBe(403);
  });

  it("follows a change of role at once, with the same token", async () => {
    const user = await join(a.organizationId, "climber", "viewer");
    const audit = () => fetch("/api/v2/audit", { headers: user.headers });
    expect((await audit()).status).toBe(403);
    await fetch("/api/v2/members/climber", {
      method: "PATCH",
      headers: a.headers,
      body: JSON.stringify({ role: "admin" }),
    });
    expect((await audit()).status).toBe(200);
  });

  it("must be named to the enhanced API, but for /me", async () => {
    const answer = await members(bearer(await tokenOf(a.userId)));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      validation: [{ field: "X-Organization-ID", message: expect.stringContaining("GET /api/v2/me") }],
    });
    expect((await fetch("/api/v2/me/", { headers: bearer(await tokenOf(a.userId)) })).status).toBe(200);
    expect((await members({ ...a.headers, "x-organization-id": "' OR 1=1 --" })).status).toBe(403);
  });

  it("costs one read a request", async () => {
    const statements: string[] = [];
    const prepare = (sql: string) => {
      statements.push(sql);
      return db.prepare(sql);
    };
    const counted = { ...db, prepare } as D1Database;
    const app = testApp({ ports: { db: counted } });
    await app.fetch("/api/v2/nothing-here", { headers: a.headers });
    expect(statements).toHaveLength(1);
    const { key } = await makeKey(a);
    await app.fetch("/api/v2/nothing-here", { headers: { ...a.headers, ...bearer(key) } });
    statements.length = 0;
    await app.fetch("/api/v2/nothing-here", { headers: { ...a.headers, ...bearer(key) } });
    expect(statements).toHaveLength(1);
  });
});

describe("API keys", () => {
  it("are shown once, kept hashed, and work", async () => {
    const { id, key } = await makeKey(a, { name: "CI" });
    expect(key).toMatch(/^sk_[\w-]{43}$/);
    expect((await members({ ...a.headers, ...bearer(key) })).status).toBe(200);
    const list = await (await fetch("/api/v2/api-keys", { headers: a.headers })).text();
    expect(list).toContain(id);
    expect(list).toContain(key.slice(0, 11));
    expect(list).not.toContain(key.slice(0, 16));
    for (const table of ["api_keys", "audit"]) {
      const { results } = await db.prepare(`SELECT * FROM ${table}`).all();
      expect(JSON.stringify(results)).not.toContain(key.slice(0, 16));
    }
  });

  it("belong to one organisation, whatever the header says", async () => {
    const { key } = await makeKey(a);
    expect(await organizationOf(await me(bearer(key)))).toBe(a.organizationId);
    expect((await me({ ...bearer(key), "x-organization-id": b.organizationId })).status).toBe(403);
    const user = await join(b.organizationId, `in-both-${a.organizationId}`, "viewer");
    await join(a.organizationId, user.userId, "viewer");
    const { key: other } = await makeKey(user);
    expect((await me({ ...bearer(other), "x-organization-id": a.organizationId })).status).toBe(403);
    expect(await (await me(bearer(other))).json()).toMatchObject({ organizations: [{ id: b.organizationId }] });
  });

  it("are refused once revoked", async () => {
    const { id, key } = await makeKey(a);
    expect((await fetch(`/api/v2/api-keys/${id}`, { method: "DELETE", headers: a.headers })).status).toBe(200);
    expect((await members({ ...a.headers, ...bearer(key) })).status).toBe(401);
  });

  it("are worth what their maker is: less after a demotion, nothing after a removal", async () => {
    const maker = await join(a.organizationId, "maker", "admin");
    const { key } = await makeKey(maker);
    const audit = () => fetch("/api/v2/audit", { headers: { ...a.headers, ...bearer(key) } });
    expect((await audit()).status).toBe(200);
    await fetch("/api/v2/members/maker", {
      method: "PATCH",
      headers: a.headers,
      body: JSON.stringify({ role: "viewer" }),
    });
    expect((await audit()).status).toBe(403);
    await fetch("/api/v2/members/maker", { method: "DELETE", headers: a.headers });
    expect((await audit()).status).toBe(401);
  });

  it("stay within their scopes, and can't make a key beyond them", async () => {
    const { key } = await makeKey(a, { name: "reader", scopes: ["read"] });
    const headers = { ...a.headers, ...bearer(key) };
    expect((await members(headers)).status).toBe(200);
    expect((await fetch("/api/v2/audit", { headers })).status).toBe(403);
    expect((await fetch("/api/v2/api-keys", { method: "POST", headers, body: '{"name":"x"}' })).status).toBe(403);
    const { key: keeper } = await makeKey(a, { name: "keeper", scopes: ["admin"] });
    const grow = (scopes: string[]) =>
      fetch("/api/v2/api-keys", {
        method: "POST",
        headers: { ...a.headers, ...bearer(keeper) },
        body: JSON.stringify({ name: "x", scopes }),
      });
    expect((await grow(["admin", "write"])).status).toBe(400);
    expect((await grow(["admin"])).status).toBe(201);
    const inherited = await fetch("/api/v2/api-keys", {
      method: "POST",
      headers: { ...a.headers, ...bearer(keeper) },
      body: '{"name":"x"}',
    });
    expect(await inherited.json()).toMatchObject({ scopes: ["admin"] });
  });

  it("note their last use, at most once a minute", async () => {
    const { id, key } = await makeKey(a);
    const lastUsed = () =>
      db.prepare("SELECT last_used_at FROM api_keys WHERE id = ?1").bind(id).first<number>("last_used_at");
    expect(await lastUsed()).toBeNull();
    let now = Date.now();
    const app = testApp({ ports: { now: () => now } });
    const use = () => app.fetch("/api/v2/me", { headers: bearer(key) });
    await use();
    const first = now;
    expect(await lastUsed()).toBe(first);
    now += 59_000;
    await use();
    expect(await lastUsed()).toBe(first);
    now += 2_000;
    await use();
    expect(await lastUsed()).toBe(now);
  });
});

describe("failed authorisation", () => {
  it("leaves one row that says who, what and which request", async () => {
    const user = await join(a.organizationId, "prowler", "viewer");
    const answer = await fetch("/api/v2/members/prowler", {
      method: "PATCH",
      headers: user.headers,
      body: '{"role":"owner"}',
    });
    expect(answer.status).toBe(403);
    const { results } = await db
      .prepare("SELECT org_id, action, details, request_id FROM audit WHERE actor = 'user:prowler'")
      .all();
    expect(results).toEqual([
      {
        org_id: a.organizationId,
        action: "authorization.refused",
        details: JSON.stringify({
          method: "PATCH",
          path: "/api/v2/members/prowler",
          reason: "This requires the role admin",
        }),
        request_id: answer.headers.get("x-request-id"),
      },
    ]);
  });
});
