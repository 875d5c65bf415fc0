// Who is believed to be the user that x-user-id names (SECURITY "Identity"), and in which organisation that user acts.
import { beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../../src/lib/ids.ts";
import { testApp } from "../../fixtures/app.ts";
import { db, join, makeOrganization, type Tenant, tokenOf } from "../../fixtures/identity.ts";
import { greeting, nextUser } from "./kit.ts";

const SECRET = "the gateway's secret, of the operator";
const trusting = testApp({ vars: { FLOW_TRUST_USER_HEADER: "true", FLOW_GATEWAY_SECRET: SECRET } });
const guarded = testApp({ vars: { FLOW_GATEWAY_SECRET: SECRET } });

type Headers = Record<string, string>;
const ask = async (app: typeof trusting, headers: Headers, method = "GET", path = "/flow/list", body?: unknown) => {
  const answer = await app.fetch(path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at as a client does, field by field.
  return { status: answer.status, body: (await answer.json()) as any };
};
const organizationOf = (flowId: string) =>
  db.prepare("SELECT org_id FROM workflows WHERE id = ?1").bind(flowId).first<string>("org_id");
const create = async (app: typeof trusting, headers: Headers) =>
  (await ask(app, headers, "POST", "/flow/create", greeting)).body.id as string;

/** The deployment's first: whom a gateway names and who belongs nowhere acts here. */
let deployment: Tenant;
beforeAll(async () => {
  deployment = await makeOrganization(nextUser());
});

describe("a user who is named alone", () => {
  it("is believed where everybody is, or with the gateway's secret, and nowhere else", async () => {
    const user = { "x-user-id": nextUser() };
    const tried = async (app: typeof trusting, headers: Headers) => (await ask(app, { ...user, ...headers })).status;
    expect(await tried(trusting, {})).toBe(200);
    expect(await tried(trusting, { "x-gateway-secret": "wrong" })).toBe(401);
    expect(await tried(guarded, {})).toBe(401);
    expect(await tried(guarded, { "x-gateway-secret": SECRET })).toBe(200);
    expect(await tried(guarded, { "x-gateway-secret": `${SECRET}x` })).toBe(401);
    expect(await tried(testApp(), { "x-gateway-secret": "" })).toBe(401);
  });

  it.each(["", " ", "0", "-1", "1.5", "01", "1e3", "abc", "9007199254740993", "1; DROP", "é"])(
    "is no user when the header is '%s'",
    async (id) => {
      expect((await ask(trusting, { "x-user-id": encodeURI(id) })).status).toBe(401);
    },
  );

  it("acts in the deployment's organisation, with its owner's colleagues, each on their own flows", async () => {
    const [anna, ben] = [{ "x-user-id": nextUser() }, { "x-user-id": nextUser() }];
    const id = await create(trusting, anna);
    expect(await organizationOf(id)).toBe(deployment.organizationId);
    expect((await ask(trusting, anna, "GET", `/flow/detail/${id}`)).body.user_id).toBe(Number(anna["x-user-id"]));
    expect((await ask(trusting, ben, "GET", `/flow/detail/${id}`)).status).toBe(404);
    const write = await ask(trusting, ben, "POST", `/flow/status/${id}`, { status: "published" });
    expect([write.status, write.body.error]).toEqual([403, "forbidden"]);
    const { results } = await db
      .prepare("SELECT action FROM audit WHERE org_id = ?1 AND target_type = 'member' AND target_id = ?2")
      .bind(deployment.organizationId, anna["x-user-id"])
      .all();
    expect(results).toEqual([{ action: "member.added" }]);
  });

  it("acts in their own organisation when they have one, or in the one that is named, as a member", async () => {
    const userId = nextUser();
    const user = { "x-user-id": userId };
    const token = await tokenOf(userId);
    const own = await create(guarded, { ...user, authorization: `Bearer ${token}` });
    expect(await organizationOf(await create(trusting, user))).toBe(await organizationOf(own));
    const other = await makeOrganization();
    const named = { ...user, "x-organization-id": other.organizationId };
    expect((await ask(trusting, named)).status).toBe(403);
    await join(other.organizationId, userId, "viewer");
    expect((await ask(trusting, named)).body).toEqual([]);
    expect((await ask(trusting, named, "POST", "/flow/create", greeting)).status).toBe(403);
  });

  it("stays out when they were removed", async () => {
    const user = { "x-user-id": nextUser() };
    expect((await ask(trusting, user)).status).toBe(200);
    const removed = await trusting.fetch(`/api/v2/members/${user["x-user-id"]}`, {
      method: "DELETE",
      headers: deployment.headers,
    });
    expect(removed.status).toBe(200);
    const again = await ask(trusting, user);
    expect([again.status, again.body.error]).toEqual([403, "forbidden"]);
  });
});

describe("credentials", () => {
  it("count before any trust, and must be those of the user who is named", async () => {
    const userId = nextUser();
    const own = await makeOrganization(userId);
    for (const app of [trusting, guarded]) {
      expect((await ask(app, { ...own.headers, "x-user-id": userId })).status).toBe(200);
      const another = await ask(app, { ...own.headers, "x-user-id": nextUser(), "x-gateway-secret": SECRET });
      expect([another.status, another.body.error]).toEqual([403, "forbidden"]);
      expect((await ask(app, own.headers)).status).toBe(401);
      expect((await ask(app, { "x-user-id": userId, authorization: "Basic YTpi" })).status).toBe(401);
    }
    const { n } = (await db
      .prepare("SELECT count(*) AS n FROM audit WHERE org_id = ?1 AND action = 'authorization.refused'")
      .bind(own.organizationId)
      .first<{ n: number }>())!;
    expect(n).toBe(2);
  });

  it("may be an API key, within its scopes", async () => {
    const own = await makeOrganization(nextUser());
    const made = await trusting.fetch("/api/v2/api-keys", {
      method: "POST",
      headers: own.headers,
      body: JSON.stringify({ name: `k-${newId()}`, scopes: ["read"] }),
    });
    const { key } = (await made.json()) as { key: string };
    const headers = { authorization: `Bearer ${key}`, "x-user-id": own.userId };
    expect((await ask(guarded, headers)).body).toEqual([]);
    expect((await ask(guarded, headers, "POST", "/flow/create", greeting)).status).toBe(403);
    expect((await ask(guarded, { ...headers, "x-user-id": nextUser() })).status).toBe(403);
  });
});
