// POST /api/v1/usr/login and who gets in: the demo account, guessing, locking out, and what a token is worth later.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import demoSql from "../../../src/db/demo.sql?raw";
import { LOGIN_LIMITS } from "../../../src/domain/identity/log-in.ts";
import { hashPassword } from "../../../src/domain/identity/password.ts";
import { testApp } from "../../fixtures/app.ts";
import { db, testEnv, tokenOf } from "../../fixtures/identity.ts";

const { fetch, limiter } = testApp();
const production = testApp({ vars: { ENVIRONMENT: "production" } });

const login = (body: unknown, address = "203.0.113.1", app = { fetch }) =>
  app.fetch("/api/v1/usr/login/", {
    method: "POST",
    headers: { "content-type": "application/json", "cf-connecting-ip": address },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
const audited = async (action: string) =>
  (
    await db
      .prepare("SELECT actor, org_id, details FROM audit WHERE action = ?1 ORDER BY id")
      .bind(action)
      .all<{ actor: string; org_id: string; details: string }>()
  ).results;

const seed = async () => {
  for (const statement of demoSql.replace(/^--.*$/gm, "").split(";"))
    if (statement.trim()) await testEnv.DB.prepare(statement).run();
};

beforeAll(async () => {
  await seed();
  await db
    .prepare("INSERT INTO users (username, password_hash, created_at) VALUES ('ada', ?1, 1)")
    .bind(await hashPassword("correct horse"))
    .run();
});
beforeEach(() => limiter.clear());

describe("login", () => {
  it("gives a token that works, by both names of the path", async () => {
    const answer = await login({ username: "admin", password: "admin" });
    expect(answer.status).toBe(200);
    const body = (await answer.json()) as Record<string, unknown>;
    expect(body).toEqual({
      access_token: expect.stringMatching(/^ey[\w-]+\.[\w-]+\.[\w-]+$/),
      token: body.access_token,
      token_type: "Bearer",
      expires_in: 28_800,
      organization_id: "01900000-0000-7000-8000-00000000de00",
      user: { id: 1, username: "admin" },
    });
    const me = await fetch("/api/v2/me", { headers: { authorization: `Bearer ${body.token}` } });
    expect(await me.json()).toMatchObject({
      user: { id: "1", username: "admin" },
      organizations: [{ name: "Demo", role: "owner", own: true }],
    });
    const slashless = await fetch("/api/v1/usr/login", {
      method: "POST",
      body: JSON.stringify({ username: "admin", password: "admin" }),
    });
    expect(slashless.status).toBe(200);
  });

  it("seeds the demo once, however often it is asked to", async () => {
    await seed();
    await seed();
    expect(await db.prepare("SELECT count(*) AS n FROM users WHERE demo = 1").first("n")).toBe(1);
    expect(await db.prepare("SELECT count(*) AS n FROM organizations").first("n")).toBe(1);
  });

  it("makes an account's own organisation at its first login", async () => {
    const answer = await login({ username: "ada", password: "correct horse" });
    const { organization_id } = (await answer.json()) as { organization_id: string };
    expect(
      await db.prepare("SELECT name, personal_for FROM organizations WHERE id = ?1").bind(organization_id).first(),
    ).toEqual({
      name: "ada's organization",
      personal_for: "2",
    });
  });

  it("says the same to a wrong password, an unknown name, and the demo account in production", async () => {
    const answers = [
      await login({ username: "ada", password: "wrong" }),
      await login({ username: "nobody", password: "wrong" }),
      await login({ username: "ADA", password: "correct horse" }),
      await login({ username: "admin", password: "admin" }, "203.0.113.1", production),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(await answer.json()).toEqual({ detail: "No active account found with the given credentials" });
    }
  });

  it.each([
    ["no body", ""],
    ["no JSON", "{"],
    ["a list", "[]"],
    ["no password", { username: "ada" }],
    ["a number", { username: "ada", password: 5 }],
    ["an object", { username: { $ne: null }, password: "x" }],
    ["more than it asks", { username: "ada", password: "x", role: "owner" }],
    ["an empty name", { username: "", password: "x" }],
    ["a name without end", { username: "x".repeat(201), password: "x" }],
  ])("refuses %s with 400", async (_, body) => {
    const answer = await login(body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ detail: expect.any(String) });
  });

  it("leaves an audit row for every success and failure, with no password in it", async () => {
    const [succeeded, failed] = [(await audited("login.succeeded")).length, (await audited("login.failed")).length];
    await login({ username: "ada", password: "correct horse" });
    await login({ username: "ada", password: "hunter2-canary" });
    await login({ username: "nobody", password: "hunter2-canary" });
    expect((await audited("login.succeeded")).slice(succeeded)).toMatchObject([{ actor: "user:2" }]);
    const failures = (await audited("login.failed")).slice(failed);
    expect(failures).toMatchObject([
      { actor: "user:2", details: '{"network":"203.0.113.1"}' },
      { actor: "", org_id: "" },
    ]);
    expect(JSON.stringify(failures)).not.toContain("hunter2");
  });

  it("shows nobody's organisation who tried an account that there is not, whatever ids an issuer gives out", async () => {
    const authorization = `Bearer ${await tokenOf(0)}`;
    expect((await fetch("/api/v2/me", { headers: { authorization } })).status).toBe(200);
    const failed = (await audited("login.failed")).length;
    await login({ username: "nobody", password: "wrong" });
    expect((await audited("login.failed")).slice(failed)).toMatchObject([{ actor: "", org_id: "" }]);
  });
});

describe("guessing", () => {
  const guess = (address?: string, username = "ada") => login({ username, password: "wrong" }, address);

  it("is stopped after ten failures of one account from one network, also inside a /64", async () => {
    for (let n = 0; n < LOGIN_LIMITS.accountFromNetwork; n++)
      expect((await guess(`2001:db8::${n + 1}`)).status).toBe(401);
    const answer = await guess("2001:db8::ffff");
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await guess("2001:db8:0:1::1")).status).toBe(401);
    const right = await login({ username: "ada", password: "correct horse" }, "2001:db8::1");
    expect(right.status).toBe(429);
  });

  it("counts attempts that come at once", async () => {
    const answers = await Promise.all(Array.from({ length: 14 }, () => guess("198.51.100.1")));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(LOGIN_LIMITS.accountFromNetwork);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(4);
  });

  it("is stopped for unknown names too", async () => {
    for (let n = 0; n < LOGIN_LIMITS.accountFromNetwork; n++) await guess("198.51.100.2", "nobody");
    expect((await guess("198.51.100.2", "nobody")).status).toBe(429);
  });

  it("does not count logins that succeed", async () => {
    for (let n = 0; n < LOGIN_LIMITS.accountFromNetwork + 3; n++) {
      expect((await login({ username: "ada", password: "correct horse" }, "198.51.100.3")).status).toBe(200);
    }
  });

  it("from many networks does not lock the owner out of theirs", async () => {
    expect((await login({ username: "ada", password: "correct horse" }, "192.0.2.1")).status).toBe(200);
    // What an attack from many networks leaves: the account's window is full. Filled without the work of fifty scrypts.
    await guess("192.0.2.200");
    const window = limiter.keys().find((key) => key.startsWith("login:account:"))!;
    for (let n = 1; n < LOGIN_LIMITS.account; n++)
      expect((await limiter.take(window, LOGIN_LIMITS.account, 900_000)).allowed).toBe(true);
    expect((await guess("192.0.2.200")).status).toBe(429);
    expect((await login({ username: "ada", password: "correct horse" }, "192.0.2.201")).status).toBe(429);
    expect((await login({ username: "ada", password: "correct horse" }, "192.0.2.1")).status).toBe(200);
  });

  it("fails closed: without its windows nobody logs in", async () => {
    const broken = testApp({
      ports: { limiter: { take: () => Promise.reject(new Error("down")), giveBack: () => Promise.resolve() } },
    });
    const answer = await login({ username: "ada", password: "correct horse" }, "192.0.2.1", broken);
    expect(answer.status).toBe(503);
  });
});
