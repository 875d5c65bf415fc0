// What every part of the Event Stream API has in common: its errors, its limits, its document.
import { z } from "@hono/zod-openapi";
import { beforeEach, describe, expect, it } from "vitest";
import { enhanced } from "../../../src/api/enhanced/index.ts";
import { parse } from "../../../src/api/shared/parse.ts";
import { stream } from "../../../src/api/stream/index.ts";
import { ALWAYS, streamOperations } from "../../../src/api/stream/operations.ts";
import { DomainError, type ErrorCode, invalid, notFound } from "../../../src/domain/errors.ts";
import { makePorts } from "../../../src/objects/ports.ts";
import { testApp } from "../../fixtures/app.ts";
import { makeOrganization, testEnv } from "../../fixtures/identity.ts";

const { routes, operation } = streamOperations();
const E164 = z.string().refine((text) => /^\+\d+$/.test(text), {
  message: "Phone number must be in E.164 format",
  params: { expected: "E.164 format (+1234567890)" },
});
operation(
  {
    method: "post",
    path: "/api/v1/probe",
    summary: "Probe",
    tag: "Probe",
    body: z.strictObject({
      phone_e164: E164.optional(),
      consent_state: z.enum(["OPT_IN", "OPT_OUT"]).optional(),
      api_key: z.string().optional(),
    }),
    answers: { 200: z.object({}) },
    errors: ALWAYS,
  },
  (c) => c.json({}),
);
let thrown: DomainError = notFound("probe");
operation({ method: "get", path: "/api/v1/probe", summary: "Probe", tag: "Probe", answers: {}, errors: ALWAYS }, () => {
  throw thrown;
});

const probe = { ...stream, routes };
const { fetch, limiter } = testApp({ apis: [probe, enhanced] });
const owner = await makeOrganization();
beforeEach(() => limiter.clear());

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const told = async (answer: Response) => {
  const { timestamp, request_id, ...rest } = (await answer.json()) as Record<string, unknown>;
  expect(timestamp).toMatch(ISO);
  expect(request_id).toBe(answer.headers.get("x-request-id"));
  return { status: answer.status, ...rest };
};
const post = (body: unknown) =>
  fetch("/api/v1/probe", { method: "POST", headers: owner.headers, body: JSON.stringify(body) });

describe("errors", () => {
  it("of a field are the document's example", async () => {
    expect(await told(await post({ phone_e164: "1234567890" }))).toEqual({
      status: 400,
      error: "validation_error",
      message: "Phone number must be in E.164 format",
      field: "phone_e164",
      details: { field: "phone_e164", provided: "1234567890", expected: "E.164 format (+1234567890)" },
    });
  });

  it("list every field, and repeat nothing that may be a secret", async () => {
    const answer = await told(await post({ phone_e164: 7, consent_state: "MAYBE", api_key: 12345 }));
    expect(answer).toEqual({
      status: 400,
      error: "validation_error",
      message: "Must be text.",
      field: "phone_e164",
      details: {
        field: "phone_e164",
        provided: 7,
        expected: "text",
        errors: [
          { field: "phone_e164", provided: 7, expected: "text", message: "Must be text." },
          {
            field: "consent_state",
            provided: "MAYBE",
            expected: "OPT_IN, OPT_OUT",
            message: "Must be one of: OPT_IN, OPT_OUT.",
          },
          { field: "api_key", expected: "text", message: "Must be text." },
        ],
      },
    });
  });

  it.each<[ErrorCode, number, string]>([
    ["malformed_json", 400, "validation_error"],
    ["unauthenticated", 401, "unauthorized"],
    ["not_found", 404, "not_found"],
    ["conflict", 409, "conflict"],
    ["impossible", 422, "unprocessable_entity"],
    ["rate_limited", 429, "rate_limit_exceeded"],
    ["internal", 500, "internal_error"],
  ])("%s is %i %s", async (code, status, error) => {
    thrown = new DomainError(code, "Because.");
    expect(await told(await fetch("/api/v1/probe", { headers: owner.headers }))).toMatchObject({ status, error });
  });

  it("carry what a verb tells of a value", async () => {
    thrown = invalid("start_date", "Must be a date.", { provided: "soon", expected: "ISO 8601" });
    expect(await told(await fetch("/api/v1/probe", { headers: owner.headers }))).toMatchObject({
      message: "Must be a date.",
      details: { field: "start_date", provided: "soon", expected: "ISO 8601" },
    });
  });

  it("of paths that are nobody's are this API's", async () => {
    expect(await told(await testApp().fetch("/api/v1/nothing"))).toMatchObject({ status: 404, error: "not_found" });
    expect(await told(await testApp().fetch("/api/v1/openapi.json", { method: "DELETE" }))).toMatchObject({
      status: 405,
      error: "method_not_allowed",
    });
  });
});

describe("a value of the wrong kind is told in plain words", () => {
  const shape = z.strictObject({
    n: z.int().min(1).max(9).optional(),
    r: z.record(z.string(), z.string()).optional(),
    l: z.array(z.number()).min(1).max(2).optional(),
    t: z.string().min(2).max(3).optional(),
    id: z.uuid().optional(),
    own: z.string().min(1, "Own words.").optional(),
    either: z.union([z.boolean(), z.strictObject({ a: z.int() })]).optional(),
  });
  it.each<[Record<string, unknown>, string]>([
    [{ n: "1" }, "n: Must be a number."],
    [{ n: 1.5 }, "n: Must be a whole number."],
    [{ n: 0 }, "n: Must be at least 1."],
    [{ n: 10 }, "n: Must be at most 9."],
    [{ r: [] }, "r: Must be an object."],
    [{ r: { a: 1 } }, "r.a: Must be text."],
    [{ l: {} }, "l: Must be a list."],
    [{ l: [] }, "l: May not be empty."],
    [{ l: [1, 2, 3] }, "l: Must have at most 2 entries."],
    [{ l: ["x"] }, "l.0: Must be a number."],
    [{ t: "x" }, "t: Must have at least 2 characters."],
    [{ t: "xxxx" }, "t: Must have at most 3 characters."],
    [{ id: "x" }, "id: Must be a UUID."],
    [{ own: "" }, "own: Own words."],
    [{ either: "x" }, "either: Must be true or false."],
  ])("%j: %s", (value, message) => {
    expect(() => parse(shape, value)).toThrow(message);
  });
});

describe("a key that may only read", () => {
  it("is told so before what is wrong with a body, and reads", async () => {
    const made = await fetch("/api/v2/api-keys", {
      method: "POST",
      headers: owner.headers,
      body: JSON.stringify({ name: "reader", scopes: ["read"] }),
    });
    const { key } = (await made.json()) as { key: string };
    const headers = { authorization: `Bearer ${key}` };
    for (const body of ['{"phone_e164": 7}', "{", '{"nothing": 1}']) {
      const answer = await fetch("/api/v1/probe", { method: "POST", headers, body });
      expect(await told(answer)).toMatchObject({ status: 403, error: "forbidden" });
    }
    thrown = notFound("probe");
    expect((await fetch("/api/v1/probe", { headers })).status).toBe(404);
    // A question with a body is still a question.
    const asked = await fetch("/api/v2/messages/can-send", {
      method: "POST",
      headers: { ...headers, "x-organization-id": owner.organizationId },
      body: "{}",
    });
    expect(asked.status).toBe(400);
  });
});

describe("limits", () => {
  it("of an address are not touched by who is known and names an organisation of others", async () => {
    const { organizationId } = await makeOrganization();
    const headers = { ...owner.headers, "x-organization-id": organizationId, "cf-connecting-ip": "192.0.2.99" };
    const refused = await fetch("/api/v1/probe", { headers });
    expect(refused.status).toBe(403);
    expect(refused.headers.get("x-ratelimit-limit")).toBe("10000");
    const anonymous = await fetch("/api/v1/probe", { headers: { "cf-connecting-ip": "192.0.2.99" } });
    expect(anonymous.headers.get("x-ratelimit-remaining")).toBe("999");
    // It is counted all the same: as theirs.
    const own = await fetch("/api/v1/probe", { headers: owner.headers });
    expect(own.headers.get("x-ratelimit-remaining")).toBe("9998");
  });

  const from = (address: string, headers: Record<string, string> = {}) =>
    fetch("/api/v1/probe", { headers: { "cf-connecting-ip": address, ...headers } });

  it("let an address without credentials ask 1,000 times an hour", async () => {
    for (let n = 0; n < 1_000; n++) {
      const answer = await from("192.0.2.7");
      expect(answer.status).toBe(401);
      expect(answer.headers.get("x-ratelimit-limit")).toBe("1000");
      expect(answer.headers.get("x-ratelimit-remaining")).toBe(String(999 - n));
    }
    const refused = await from("192.0.2.7", { authorization: "Bearer nonsense", "x-forwarded-for": "192.0.2.8" });
    const after = Number(refused.headers.get("retry-after"));
    expect(after).toBeGreaterThan(3_500);
    expect(await told(refused)).toEqual({
      status: 429,
      error: "rate_limit_exceeded",
      message: "Too many requests. Please try again later.",
      retry_after_seconds: after,
    });
    expect((await from("192.0.2.8")).status).toBe(401);
    thrown = notFound("probe");
    expect((await from("192.0.2.7", owner.headers)).status).toBe(404);
  });

  it("count an IPv6 subscriber once", async () => {
    await from("2001:db8:0:1::1");
    expect((await from("2001:db8:0:1:ffff::2")).headers.get("x-ratelimit-remaining")).toBe("998");
    expect((await from("2001:db8:0:2::1")).headers.get("x-ratelimit-remaining")).toBe("999");
  });

  it("let a credential ask 10,000 times an hour, wherever it asks from", async () => {
    const made = await testApp().fetch("/api/v2/api-keys", {
      method: "POST",
      headers: owner.headers,
      body: JSON.stringify({ name: "one" }),
    });
    const key = (await made.json()) as { id: string; key: string };
    thrown = notFound("probe");
    const used = await from("192.0.2.1", { authorization: `Bearer ${key.key}` });
    expect(used.headers.get("x-ratelimit-limit")).toBe("10000");
    expect(used.headers.get("x-ratelimit-remaining")).toBe("9999");
    expect(limiter.keys()).toEqual([`stream:key:${key.id}`]);
    for (let n = 1; n < 10_000; n++) await limiter.take(`stream:key:${key.id}`, 10_000, 3_600_000);
    const refused = await from("192.0.2.2", { authorization: `Bearer ${key.key}` });
    expect(await told(refused)).toMatchObject({ status: 429, retry_after_seconds: expect.any(Number) });
    expect(refused.headers.get("x-ratelimit-remaining")).toBe("0");
    expect((await from("192.0.2.2", owner.headers)).headers.get("x-ratelimit-remaining")).toBe("9999");
  });

  it("count all tokens of one user together, for whichever organisation", async () => {
    thrown = notFound("probe");
    const elsewhere = await makeOrganization(owner.userId);
    const left = async (headers: Record<string, string>) =>
      (await from("192.0.2.1", headers)).headers.get("x-ratelimit-remaining");
    expect(await left(owner.headers)).toBe("9999");
    expect(await left(elsewhere.headers)).toBe("9998");
    expect(await left((await makeOrganization()).headers)).toBe("9999");
  });

  it("are kept by the Limiter object, to the request", async () => {
    const real = testApp({ apis: [probe], ports: { limiter: makePorts(testEnv).limiter } });
    const ask = () => real.fetch("/api/v1/probe", { headers: { "cf-connecting-ip": "198.51.100.9" } });
    const statuses: Record<number, number> = {};
    for (let round = 0; round < 26; round++) {
      for (const { status } of await Promise.all(Array.from({ length: 40 }, ask))) {
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
    }
    expect(statuses).toEqual({ 401: 1_000, 429: 40 });
  });

  it("are not for callbacks of providers", async () => {
    const callbacks = { receive: () => Promise.resolve(1), challenge: () => Promise.resolve(undefined) };
    const app = testApp({ ports: { callbacks } });
    for (const path of ["/webhooks/inbound", "/webhooks/status"]) {
      const answer = await app.fetch(path, { method: "POST", headers: { "cf-connecting-ip": "192.0.2.7" } });
      expect(answer.status).toBe(200);
      expect(answer.headers.has("x-ratelimit-limit")).toBe(false);
    }
    expect(app.limiter.keys()).toEqual([]);
  });

  it("fail open", async () => {
    const down = { take: () => Promise.reject(new Error("down")), giveBack: () => Promise.resolve() };
    const app = testApp({ apis: [probe], ports: { limiter: down } });
    expect((await app.fetch("/api/v1/probe")).status).toBe(401);
  });
});

describe("the OpenAPI document", () => {
  it("describes every route of the router, and no other", async () => {
    const answer = await testApp().fetch("/api/v1/openapi.json");
    expect(answer.status).toBe(200);
    const document = (await answer.json()) as { openapi: string; paths: Record<string, Record<string, object>> };
    expect(document.openapi).toBe("3.1.0");
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`),
    );
    const routed = stream.routes.routes.map(({ method, path }) => `${method} ${path}`);
    expect(described.sort()).toEqual([...new Set(routed)].sort());
  });
});
