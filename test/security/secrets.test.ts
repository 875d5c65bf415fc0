// SECURITY "Secrets": canaries planted wherever a secret comes in are found nowhere: in no answer, no row, no object's storage, no log line.
import { runInDurableObject } from "cloudflare:test";
import { createHmac } from "node:crypto";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { tokenHashOf } from "../../src/domain/webhook/settings.ts";
import { call, fetchWorker, publishWorkflow, until, WORKFLOWS } from "../api/core/kit.ts";
import { db, join, makeOrganization, testEnv } from "../fixtures/identity.ts";

const LEVELS = ["log", "info", "warn", "error", "debug"] as const;
let logged: string[] = [];
beforeEach(() => {
  logged = [];
  for (const level of LEVELS)
    vi.spyOn(console, level).mockImplementation((...words) => void logged.push(words.join(" ")));
});
afterEach(() => void vi.restoreAllMocks());

const everyRow = async (): Promise<string> => {
  const { results } = await testEnv.DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all<{
    name: string;
  }>();
  const tables = results.filter(({ name }) => !/^(?:_cf|sqlite_|workflow_search_)/.test(name));
  const rows = await Promise.all(tables.map(({ name }) => testEnv.DB.prepare(`SELECT * FROM "${name}"`).all()));
  return JSON.stringify(rows.map((one) => one.results));
};

/** All that the webhook's object keeps. */
const storageOf = async (token: string): Promise<string> => {
  const stub = testEnv.WEBHOOK.get(testEnv.WEBHOOK.idFromName(await tokenHashOf(token)));
  return runInDurableObject(stub, (_, { storage }) => {
    const tables = storage.sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").toArray();
    const kept = tables.filter(({ name }) => !name.startsWith("_cf"));
    const rows = kept.map(({ name }) => storage.sql.exec(`SELECT * FROM "${name}"`).toArray());
    return JSON.stringify([rows, [...storage.kv.list()]]);
  });
};

it("a webhook's secret, a sender's credentials, a password, a licence and an API key leave no trace", async () => {
  const owner = await makeOrganization();
  const node = { node_type: "data_transform", config: { mappings: { all: "{{event}}" } } };
  const workflowId = await publishWorkflow(owner, {
    license_key: "canary-license",
    nodes: { hook: { node_type: "trigger_webhook" }, all: node },
    connections: [{ from_node_id: "hook", to_node_id: "all" }],
  });
  const hooks = `${WORKFLOWS}/${workflowId}/webhooks`;
  const wanted = {
    name: "h",
    secret: "canary-secret-of-the-sender",
    require_signature: true,
    signature_scheme: "github",
  };
  const { secret, ...made } = (await call(owner, "POST", hooks, wanted)).body.data;
  expect(secret).toBe(wanted.secret);
  const seen: unknown[] = [made];
  const { key, ...keyMade } = (await call(owner, "POST", "/api/v2/api-keys", { name: "k" })).body;
  seen.push(keyMade);

  const body = '{"n":1}';
  const names = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-api-key",
    "x-functions-key",
    "x-auth-token",
    "x-gitlab-token",
    "x-session-id",
    "x-jwt-assertion",
    "x-client-secret",
    "x-credential",
  ];
  const headers = {
    ...Object.fromEntries(names.map((name) => [name, `canary-${name}`])),
    "x-hub-signature-256": `sha256=${createHmac("sha256", wanted.secret).update(body).digest("hex")}`,
    "x-github-event": "push",
  };
  const sent = await call(null, "POST", `${WORKFLOWS}/webhooks/${made.token}`, body, headers);
  seen.push(
    await call(null, "POST", `${WORKFLOWS}/webhooks/${made.token}`, body, { "x-hub-signature-256": "canary-wrong" }),
  );
  const path = `${WORKFLOWS}/executions/${sent.body.data.execution_id}?include_metrics=true`;
  const run = await until(
    () => call(owner, "GET", path),
    ({ body }) => body.data?.status === "completed",
  );
  // What tells of the event has come through, so that this test looked at the right place.
  expect(run.body.data.node_states.all.output_data.all.headers).toMatchObject({ "x-github-event": "push" });
  const hook = `${hooks}/${made.webhook_id}`;
  seen.push(
    run,
    await call(owner, "GET", hooks),
    await call(owner, "PATCH", hook, { secret: "canary-short" }),
    await call(owner, "PATCH", hook, { secret: { deep: "canary-in-an-object" } }),
    await call(owner, "PATCH", hook, { secret: "canary-rotated-secret" }),
    await call(owner, "PATCH", hook, { signature_scheme: "standard-webhooks" }),
    await call(null, "POST", "/api/v1/usr/login", { username: "nobody", password: "canary-password" }),
    await call(null, "POST", "/api/v1/usr/login", { username: "nobody", password: "canary-password", canary: 1 }).then(
      ({ body }) => String(body.detail).replace("canary: Unknown field.", ""),
    ),
    await call({ headers: { authorization: "Bearer canary-token" } }, "GET", hooks),
    await call({ headers: { authorization: `Bearer ${key}` } }, "GET", "/api/v2/me"),
    await call(owner, "GET", "/api/v2/api-keys"),
    await call(owner, "GET", "/api/v2/audit?limit=100"),
    await call(owner, "GET", `${WORKFLOWS}/${workflowId}`),
  );
  const places = {
    answers: JSON.stringify(seen),
    rows: await everyRow(),
    object: await storageOf(made.token),
    log: logged.join(),
  };
  for (const [place, text] of Object.entries(places)) {
    expect(text.match(/canary[\w-]*/g), place).toBeNull();
    expect(text.includes(key), place).toBe(false);
  }
  expect(places.rows).toContain(made.token);
});

it("a sealed secret opens only where it belongs", async () => {
  const owner = await makeOrganization();
  const workflowId = await publishWorkflow(owner);
  const hooks = `${WORKFLOWS}/${workflowId}/webhooks`;
  const make = async () => (await call(owner, "POST", hooks, { name: "h", require_signature: true })).body.data;
  const [one, other] = [await make(), await make()];
  await db
    .prepare("UPDATE webhooks SET secret_sealed = (SELECT secret_sealed FROM webhooks WHERE id = ?1) WHERE id = ?2")
    .bind(one.webhook_id, other.webhook_id)
    .run();
  // Any change pushes the settings to the object.
  await call(owner, "PATCH", `${hooks}/${other.webhook_id}`, { description: "moved" });
  const signature = createHmac("sha256", one.secret).update(`${other.token}{}`).digest("hex");
  const headers = { "x-webhook-signature": `sha256=${signature}` };
  const answer = await fetchWorker(`${WORKFLOWS}/webhooks/${other.token}`, { method: "POST", body: "{}", headers });
  expect(answer.status).toBe(503);
});

it("a webhook's token, which starts runs, is shown to who may start or change them", async () => {
  const owner = await makeOrganization();
  const workflowId = await publishWorkflow(owner);
  const hooks = `${WORKFLOWS}/${workflowId}/webhooks`;
  const { token } = (await call(owner, "POST", hooks, { name: "h" })).body.data;
  for (const role of ["viewer", "operator", "editor"] as const) {
    const who = await join(owner.organizationId, `${role}-${token}`, role);
    const { body } = await call(who, "GET", hooks);
    expect(JSON.stringify(body).includes(token), role).toBe(role !== "viewer");
    expect(body.data[0]).toMatchObject({ token: expect.any(String), url: expect.stringContaining(body.data[0].token) });
  }
  const { key } = (await call(owner, "POST", "/api/v2/api-keys", { name: "k", scopes: ["read"] })).body;
  const byKey = { headers: { ...owner.headers, authorization: `Bearer ${key}` } };
  expect(JSON.stringify((await call(byKey, "GET", hooks)).body)).not.toContain(token);
});
