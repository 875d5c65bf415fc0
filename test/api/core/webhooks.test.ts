// Webhooks: made, listed, changed, deleted; and called by senders as they really sign, from the public door to the finished run.
import { createHmac } from "node:crypto";
import githubExamples from "@octokit/webhooks-examples";
import { sign as githubSign } from "@octokit/webhooks-methods";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { beforeAll, describe, expect, it } from "vitest";
import * as schema from "../../../src/api/core/schema.ts";
import { db } from "../../fixtures/identity.ts";
import {
  type Answer,
  call,
  createWorkflow,
  errorOf,
  fetchWorker,
  ISO,
  makeOrganization,
  publishWorkflow,
  type Tenant,
  UUID,
  until,
  WORKFLOWS,
} from "./kit.ts";

let owner: Tenant;
let workflowId: string;
const hooked = {
  nodes: {
    hook: { node_type: "trigger_webhook", config: {} },
    keep: { node_type: "data_variable", config: { name: "who", value: "{{event.data.username}}" } },
    end: { node_type: "flow_end" },
  },
  connections: [
    { from_node_id: "hook", to_node_id: "keep" },
    { from_node_id: "keep", to_node_id: "end" },
  ],
};
beforeAll(async () => {
  owner = await makeOrganization();
  workflowId = await publishWorkflow(owner, hooked);
});

type Made = { webhook_id: string; token: string; secret: string; url: string };
const create = async (over: object = {}, of = workflowId): Promise<Made> => {
  const { status, body } = await call(owner, "POST", `${WORKFLOWS}/${of}/webhooks`, { name: "Hook", ...over });
  expect(status, JSON.stringify(body)).toBe(201);
  return body.data;
};
const trigger = async (
  token: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Answer> => {
  const answer = await fetchWorker(`${WORKFLOWS}/webhooks/${token}`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
  });
  return { status: answer.status, headers: answer.headers, body: await answer.json() };
};
const patch = (id: string, body: object) => call(owner, "PATCH", `${WORKFLOWS}/${workflowId}/webhooks/${id}`, body);
const payload = JSON.stringify({ event: "user_joined", user_id: 123, username: "testuser" });

describe("managing", () => {
  const settings = {
    description: "For tests",
    require_signature: true,
    ip_allowlist: ["192.168.1.0/24", "10.0.0.1", "2001:db8::/32"],
    rate_limit_max: 5,
    rate_limit_window: 30,
  };

  it("creates as documented, and shows the secret once", async () => {
    const { status, body } = await call(owner, "POST", `${WORKFLOWS}/${workflowId}/webhooks`, {
      name: "My Webhook",
      ...settings,
      community_id: 456,
    });
    expect(status).toBe(201);
    const { data, message } = schema.createdWebhook.parse(body);
    expect(message).toBe("Webhook created successfully");
    expect(data).toEqual({
      ...settings,
      webhook_id: expect.stringMatching(UUID),
      workflow_id: workflowId,
      token: expect.stringMatching(/^[\w-]{43}$/),
      secret: expect.stringMatching(/^[\w-]{43}$/),
      name: "My Webhook",
      url: `https://signalbox.test/api/v1/workflows/webhooks/${data.token}`,
      enabled: true,
      signature_scheme: "signalbox",
      created_at: expect.stringMatching(ISO),
      last_triggered_at: null,
      trigger_count: 0,
    });
    const listed = await call(owner, "GET", `${WORKFLOWS}/${workflowId}/webhooks`);
    const { secret, ...shown } = data;
    expect(schema.webhookList.parse(listed.body).data[0]).toEqual(shown);
    expect(listed.body.message).toBe(`Retrieved ${listed.body.data.length} webhooks`);
    expect(JSON.stringify(listed.body)).not.toContain(secret);
    const stored = await db
      .prepare("SELECT secret_sealed FROM webhooks WHERE id = ?1")
      .bind(data.webhook_id)
      .first<string>("secret_sealed");
    expect(stored).not.toContain(secret);
  });

  it.each<[string, object, string]>([
    ["no name", { name: undefined }, "name"],
    ["an address that is none", { ip_allowlist: ["10.0.0.1", "10.0.0.256"] }, "ip_allowlist.1"],
    ["an octal address", { ip_allowlist: ["010.0.0.1"] }, "ip_allowlist.0"],
    ["a range too long", { ip_allowlist: ["10.0.0.0/33"] }, "ip_allowlist.0"],
    ["no requests at all", { rate_limit_max: 0 }, "rate_limit_max"],
    ["half a request", { rate_limit_max: 1.5 }, "rate_limit_max"],
    ["a window of two days", { rate_limit_window: 172_800 }, "rate_limit_window"],
    ["an unknown scheme", { signature_scheme: "md5" }, "signature_scheme"],
    ["a short secret", { secret: "short" }, "secret"],
    ["a token of one's own", { token: "a".repeat(43) }, "token"],
  ])("refuses %s", async (_, over, field) => {
    const { status, body } = await call(owner, "POST", `${WORKFLOWS}/${workflowId}/webhooks`, { name: "x", ...over });
    expect([status, body.error.code, body.error.details.field]).toEqual([400, "BAD_REQUEST", field]);
    expect(body.error.message).toMatch(new RegExp(`^${field}: `));
  });

  it("takes null for a description that there is not", async () => {
    const { webhook_id } = await create({ description: null });
    const path = `${WORKFLOWS}/${workflowId}/webhooks/${webhook_id}`;
    expect((await call(owner, "PATCH", path, { description: "d" })).body.data.description).toBe("d");
    expect((await call(owner, "PATCH", path, { description: null })).body.data.description).toBe("");
    expect((await call(owner, "PATCH", path, {})).body.data.description).toBe("");
  });

  it("changes what is sent, at once", async () => {
    const { webhook_id, token } = await create();
    expect((await trigger(token, payload)).status).toBe(200);
    const { status, body } = await patch(webhook_id, { enabled: false, name: "Off" });
    expect(status).toBe(200);
    expect(schema.updatedWebhook.parse(body).data).toMatchObject({ name: "Off", enabled: false, rate_limit_max: 60 });
    const refused = await trigger(token, payload);
    expect([refused.status, refused.body]).toEqual([403, errorOf("WEBHOOK_DISABLED")]);
    await patch(webhook_id, { enabled: true });
    expect((await trigger(token, payload)).status).toBe(200);
  });

  it("refuses a scheme that the secret at hand does not fit", async () => {
    const { webhook_id } = await create({ secret: "no base64 at all!!" });
    const { status, body } = await patch(webhook_id, { signature_scheme: "standard-webhooks" });
    expect([status, body.error.details.field]).toEqual([400, "secret"]);
  });

  it("deletes, and then the URL is unknown", async () => {
    const { webhook_id, token } = await create();
    await trigger(token, payload);
    const path = `${WORKFLOWS}/${workflowId}/webhooks/${webhook_id}`;
    const { status, body } = await call(owner, "DELETE", path);
    expect(status).toBe(200);
    expect(schema.deletedWebhook.parse(body)).toEqual({
      success: true,
      message: "Webhook deleted successfully",
      data: { webhook_id },
    });
    expect((await call(owner, "DELETE", path)).body).toEqual(errorOf("WEBHOOK_NOT_FOUND"));
    const gone = await trigger(token, payload);
    expect([gone.status, gone.body]).toEqual([404, errorOf("WEBHOOK_NOT_FOUND")]);
  });
});

describe("triggering", () => {
  it("answers as documented, starts one run at the webhook's trigger, and counts", async () => {
    const { token, webhook_id } = await create();
    const { status, headers, body } = await trigger(token, payload);
    expect(status).toBe(200);
    const { data, message } = schema.triggeredWebhook.parse(body);
    expect(message).toBe("Workflow execution triggered");
    expect(data).toMatchObject({
      webhook_id,
      workflow_id: workflowId,
      status: "queued",
      timestamp: expect.stringMatching(ISO),
      duplicate: false,
    });
    expect(headers.get("x-ratelimit-limit")).toBe("60");
    expect(headers.get("x-ratelimit-remaining")).toBe("59");
    const reset = Number(headers.get("x-ratelimit-reset"));
    expect(reset - Date.now() / 1000).toBeGreaterThan(58);
    expect(reset - Date.now() / 1000).toBeLessThan(63);

    // At once, as a client would: the run may not have begun yet.
    const read = () => call(owner, "GET", `${WORKFLOWS}/executions/${data.execution_id}`);
    expect((await read()).status).toBe(200);
    const done = await until(read, (answer) => answer.body.data?.status === "completed");
    expect(done.body.data).toMatchObject({
      execution_path: ["hook", "keep", "end"],
      final_variables: { who: "testuser" },
    });

    const listed = await until(
      () => call(owner, "GET", `${WORKFLOWS}/${workflowId}/webhooks?per_page=100`),
      (answer) => answer.body.data.find((hook: Made) => hook.webhook_id === webhook_id).trigger_count === 1,
    );
    expect(listed.body.data.find((hook: Made) => hook.webhook_id === webhook_id).last_triggered_at).toMatch(ISO);
  });

  it("checks the signature as the document's Python makes it", async () => {
    const { token, secret } = await create({ require_signature: true });
    const signed = `sha256=${createHmac("sha256", secret)
      .update(Buffer.concat([Buffer.from(token), Buffer.from(payload)]))
      .digest("hex")}`;
    expect((await trigger(token, payload, { "X-Webhook-Signature": signed })).status).toBe(200);
    const answers = [
      await trigger(token, payload),
      await trigger(token, payload, { "X-Webhook-Signature": `${signed.slice(0, -1)}x` }),
    ];
    expect(answers.map(({ status, body }) => [status, body.error.code])).toEqual([
      [403, "SIGNATURE_REQUIRED"],
      [403, "SIGNATURE_INVALID"],
    ]);
  });

  it("takes GitHub's own deliveries, each once", async () => {
    const { token, secret } = await create({ require_signature: true, signature_scheme: "github" });
    const example = githubExamples.find((one) => one.name === "issues")!.examples[0]!;
    const body = JSON.stringify(example);
    const headers = {
      "x-github-event": "issues",
      "x-github-delivery": crypto.randomUUID(),
      "x-hub-signature-256": await githubSign(secret, body),
    };
    const first = await trigger(token, body, headers);
    const again = await trigger(token, body, headers);
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.body.data).toMatchObject({ execution_id: first.body.data.execution_id, duplicate: true });
    const forged = await trigger(token, `${body} `, headers);
    expect(forged.body.error.code).toBe("SIGNATURE_INVALID");
  });

  it("takes Standard Webhooks with a whsec_ secret", async () => {
    const { token, secret } = await create({ require_signature: true, signature_scheme: "standard-webhooks" });
    const at = new Date();
    const headers = {
      "webhook-id": "msg_1",
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": new StandardWebhook(secret).sign("msg_1", at, payload),
    };
    expect((await trigger(token, payload, headers)).status).toBe(200);
    const old = new Date(at.getTime() - 600_000);
    const stale = {
      ...headers,
      "webhook-timestamp": String(Math.floor(old.getTime() / 1000)),
      "webhook-signature": new StandardWebhook(secret).sign("msg_1", old, payload),
    };
    expect((await trigger(token, payload, stale)).body.error.code).toBe("SIGNATURE_INVALID");
  });

  it("uses a secret that the sender made, and says Slack's challenge back", async () => {
    const { token } = await create({
      require_signature: true,
      signature_scheme: "slack",
      secret: "slack-signing-secret",
    });
    const body = JSON.stringify({ type: "url_verification", challenge: "3eZbrw1a" });
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = `v0=${createHmac("sha256", "slack-signing-secret").update(`v0:${timestamp}:${body}`).digest("hex")}`;
    const { status, body: answer } = await trigger(token, body, {
      "x-slack-request-timestamp": timestamp,
      "x-slack-signature": signature,
    });
    expect([status, answer]).toEqual([200, { challenge: "3eZbrw1a" }]);
  });

  it("holds the allowlist against CF-Connecting-IP and nothing else", async () => {
    const { token } = await create({ ip_allowlist: ["192.168.1.0/24", "2001:db8::/32"] });
    const from = async (address?: string, other: Record<string, string> = {}) =>
      (await trigger(token, payload, { ...(address && { "cf-connecting-ip": address }), ...other })).body.error?.code ??
      "ok";
    expect(await from("192.168.1.77")).toBe("ok");
    expect(await from("2001:db8::1")).toBe("ok");
    expect(await from("::ffff:192.168.1.5")).toBe("ok");
    expect(await from("192.168.2.1")).toBe("IP_NOT_ALLOWED");
    expect(await from("192.168.2.1", { "x-forwarded-for": "192.168.1.1" })).toBe("IP_NOT_ALLOWED");
  });

  it("limits, says when to come back, and lets the next in then", async () => {
    const { token } = await create({ rate_limit_max: 2, rate_limit_window: 1 });
    expect((await trigger(token, payload)).headers.get("x-ratelimit-remaining")).toBe("1");
    expect((await trigger(token, payload)).headers.get("x-ratelimit-remaining")).toBe("0");
    const refused = await trigger(token, payload);
    expect([refused.status, refused.body]).toEqual([429, errorOf("RATE_LIMIT_EXCEEDED")]);
    expect(refused.headers.get("x-ratelimit-limit")).toBe("2");
    expect(refused.headers.get("x-ratelimit-remaining")).toBe("0");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    await until(
      () => trigger(token, payload),
      (answer) => answer.status === 200,
      3_000,
    );
  });

  it.each<[string, string | Uint8Array, number, string]>([
    ["broken JSON", "{", 400, "INVALID_JSON"],
    ["nothing", "", 400, "INVALID_JSON"],
    ["broken UTF-8", new Uint8Array([0x22, 0xff, 0x22]), 400, "INVALID_JSON"],
    ["depth 10,000", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`, 400, "INVALID_JSON"],
    ["2 MB", `"${"x".repeat(2_000_000)}"`, 413, "PAYLOAD_TOO_LARGE"],
  ])("refuses %s", async (_, body, status, code) => {
    const { token } = await create();
    const answer = await trigger(token, body);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  it("knows no other token", async () => {
    for (const token of ["A".repeat(43), "short", "%00", "..%2f.."]) {
      const { status, body } = await trigger(token, payload);
      expect([status, body.error.code]).toEqual([404, "WEBHOOK_NOT_FOUND"]);
    }
  });

  it("is disabled while its workflow is a draft or archived", async () => {
    const draft = await createWorkflow(owner, hooked);
    const { token } = await create({}, draft);
    expect((await trigger(token, payload)).body.error.code).toBe("WEBHOOK_DISABLED");
    await call(owner, "POST", `${WORKFLOWS}/${draft}/publish`, {});
    expect((await trigger(token, payload)).status).toBe(200);
    await call(owner, "DELETE", `${WORKFLOWS}/${draft}`);
    expect((await trigger(token, payload)).body.error.code).toBe("WEBHOOK_DISABLED");
  });

  it("starts a workflow without a webhook trigger as well", async () => {
    const id = await publishWorkflow(owner);
    const { token } = await create({}, id);
    const { body } = await trigger(token, JSON.stringify({ name: "Ann" }));
    const done = await until(
      () => call(owner, "GET", `${WORKFLOWS}/executions/${body.data.execution_id}`),
      (answer) => answer.body.data?.status === "completed",
    );
    expect(done.body.data.execution_path).toEqual(["start", "shape", "end"]);
  });
});
