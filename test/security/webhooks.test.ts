// SECURITY "Input", at the public door: each scheme of signatures, attacked in each way that needs no secret; addresses that are merely claimed;
// and a window that is stormed.
import { createHmac } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { SIGNATURE_SCHEMES, type SignatureScheme } from "../../src/domain/webhook/signature.ts";
import { call, makeOrganization, publishWorkflow, type Tenant, WORKFLOWS } from "../api/core/kit.ts";

let owner: Tenant;
let hooks: string;
beforeAll(async () => {
  owner = await makeOrganization();
  const workflowId = await publishWorkflow(owner, {
    nodes: { hook: { node_type: "trigger_webhook" } },
    connections: [],
  });
  hooks = `${WORKFLOWS}/${workflowId}/webhooks`;
});

type Hook = { token: string; secret: string; webhook_id: string };
const makeHook = async (settings: object): Promise<Hook> =>
  (await call(owner, "POST", hooks, { name: "h", rate_limit_max: 1_000, ...settings })).body.data;
const send = ({ token }: Hook, body: string, headers: Record<string, string>) =>
  call(null, "POST", `${WORKFLOWS}/webhooks/${token}`, body, headers);

type Signed = { secret: string; token: string; body: string; at?: number };
const mac = (key: string | Uint8Array, form: "hex" | "base64", ...parts: string[]) =>
  parts.reduce((hmac, part) => hmac.update(part), createHmac("sha256", key)).digest(form);
const seconds = () => Math.floor(Date.now() / 1000);

const SIGN: Record<SignatureScheme, (signed: Signed) => Record<string, string>> = {
  signalbox: ({ secret, token, body }) => ({ "x-webhook-signature": `sha256=${mac(secret, "hex", token, body)}` }),
  github: ({ secret, body }) => ({
    "x-hub-signature-256": `sha256=${mac(secret, "hex", body)}`,
    "x-github-delivery": "the-delivery",
  }),
  stripe: ({ secret, body, at = seconds() }) => ({
    "stripe-signature": `t=${at},v1=${mac(secret, "hex", `${at}.`, body)}`,
  }),
  "standard-webhooks": ({ secret, body, at = seconds() }) => ({
    "webhook-id": "the-delivery",
    "webhook-timestamp": String(at),
    "webhook-signature": `v1,${mac(Buffer.from(secret.slice("whsec_".length), "base64"), "base64", `the-delivery.${at}.`, body)}`,
  }),
  shopify: ({ secret, body }) => ({
    "x-shopify-hmac-sha256": mac(secret, "base64", body),
    "x-shopify-webhook-id": "the-delivery",
  }),
  slack: ({ secret, body, at = seconds() }) => ({
    "x-slack-signature": `v0=${mac(secret, "hex", `v0:${at}:`, body)}`,
    "x-slack-request-timestamp": String(at),
  }),
};
const TIMED: readonly SignatureScheme[] = ["stripe", "standard-webhooks", "slack"];
/** Stripe and Slack put the delivery's id here. */
const BODY = '{"id":"evt_1", "event_id":"Ev1"}';

/** The proof in its headers, changed; ids and times stay. */
const forge = (headers: Record<string, string>, change: (proof: string) => string) =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, /sign|hmac/.test(name) ? change(value) : value]),
  );

describe.each(SIGNATURE_SCHEMES)("%s", (scheme) => {
  let hook: Hook;
  let other: Hook;
  beforeAll(async () => {
    hook = await makeHook({ require_signature: true, signature_scheme: scheme });
    other = await makeHook({ require_signature: true, signature_scheme: scheme });
  });
  const sign = (more: Partial<Signed> = {}) => SIGN[scheme]({ ...hook, body: BODY, ...more });

  it("takes what was signed, and what comes again has no effect", async () => {
    const headers = { "idempotency-key": "the-delivery", ...sign() };
    const [first, again] = [await send(hook, BODY, headers), await send(hook, BODY, headers)];
    expect([first.status, again.status, again.body.data.duplicate]).toEqual([200, 200, true]);
    expect(again.body.data.execution_id).toBe(first.body.data.execution_id);
  });

  const ATTACKS: [name: string, headers: () => Record<string, string>, body?: string][] = [
    ["no signature", () => ({})],
    ["an empty one", () => forge(sign(), () => "")],
    ["another webhook's secret", () => sign({ secret: other.secret })],
    ["one that is cut short", () => forge(sign(), (proof) => proof.slice(0, -3))],
    ["one that is made longer", () => forge(sign(), (proof) => `${proof}00`)],
    ["one in capitals", () => forge(sign(), (proof) => proof.toUpperCase())],
    [
      "zeros",
      () => forge(sign(), (proof) => proof.replace(/[0-9a-f]{64}|[\w+/]{43}=/, (found) => "0".repeat(found.length))),
    ],
    ["the body written anew", sign, JSON.stringify(JSON.parse(BODY))],
    ["a line break behind the body", sign, `${BODY}\n`],
    ["another body", sign, BODY.replace("evt_1", "evt_2")],
    ["the signature of no body", () => sign({ body: "" })],
  ];
  it.each(ATTACKS)("refuses %s", async (_, headers, body = BODY) => {
    expect(await send(hook, body, headers())).toMatchObject({
      status: 403,
      body: { error: { code: expect.stringMatching(/^SIGNATURE_(REQUIRED|INVALID)$/) } },
    });
  });

  it("refuses at one webhook what was signed for another with another secret", async () => {
    expect((await send(other, BODY, sign())).status).toBe(403);
  });

  it.runIf(TIMED.includes(scheme))("refuses what was signed 301 s ago, or is signed for later", async () => {
    for (const at of [seconds() - 302, seconds() + 400, -1])
      expect((await send(hook, BODY, sign({ at }))).status).toBe(403);
  });

  it.runIf(TIMED.includes(scheme))("refuses an old signature under a new time", async () => {
    const old = sign({ at: seconds() - 302 });
    const now = Object.fromEntries(
      Object.entries(old).map(([name, value]) => [name, value.replaceAll(String(seconds() - 302), String(seconds()))]),
    );
    expect((await send(hook, BODY, now)).status).toBe(403);
  });
});

describe("an allowlist", () => {
  const CLAIMS = ["x-forwarded-for", "x-real-ip", "forwarded", "true-client-ip", "x-client-ip", "cf-connecting-ipv6"];

  it("believes CF-Connecting-IP and nothing else, and denies who has none", async () => {
    const hook = await makeHook({ ip_allowlist: ["203.0.113.0/24", "2001:db8::/32"] });
    const statusFrom = async (headers: Record<string, string>) => (await send(hook, "{}", headers)).status;
    for (const name of CLAIMS) expect(await statusFrom({ [name]: "203.0.113.7" }), name).toBe(403);
    expect(await statusFrom({})).toBe(403);
    for (const address of ["203.0.113.7", "::ffff:203.0.113.7", "2001:0db8::1"])
      expect(await statusFrom({ "cf-connecting-ip": address }), address).toBe(200);
    for (const address of [
      "203.0.114.1",
      "203.0.113.7, 10.0.0.1",
      "0313.0.113.7",
      "203.0.113",
      "2001:db9::1",
      "unknown",
    ])
      expect(await statusFrom({ "cf-connecting-ip": address }), address).toBe(403);
  });
});

it("a window holds, however many come at once; who is refused a signature takes no place in it", async () => {
  const hook = await makeHook({ rate_limit_max: 20, rate_limit_window: 60, require_signature: true });
  const headers = SIGN.signalbox({ ...hook, body: "{}" });
  for (let n = 0; n < 30; n++) expect((await send(hook, "{}", {})).status).toBe(403);
  const statuses = await Promise.all(Array.from({ length: 100 }, async () => (await send(hook, "{}", headers)).status));
  expect(statuses.filter((status) => status === 200)).toHaveLength(20);
  expect(statuses.filter((status) => status === 429)).toHaveLength(80);
});
