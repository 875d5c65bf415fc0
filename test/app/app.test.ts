// What every request passes through, whichever API it is for.
import { Hono } from "hono";
import { afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { Api, AppEnv } from "../../src/api/shared/api.ts";
import { parsePage } from "../../src/api/shared/page.ts";
import { parseBody, parseQuery } from "../../src/api/shared/parse.ts";
import { readBytes } from "../../src/api/shared/read-body.ts";
import { DomainError } from "../../src/domain/errors.ts";
import { testApp } from "../fixtures/app.ts";

const SECRET = "canary-8f1d";
const thing = z.strictObject({
  name: z.string().min(1),
  size: z.int().max(9).optional(),
  kind: z.enum(["a", "b"]).optional(),
  nested: z.strictObject({ list: z.array(z.strictObject({ n: z.number() })) }).optional(),
});

const routes = new Hono<AppEnv>()
  .get("/probe/thing/:id", (c) => c.json({ id: c.req.param("id") }))
  .post("/probe/thing", async (c) => c.json(await parseBody(c, thing)))
  .post("/probe/bytes", async (c) => c.json({ size: (await readBytes(c, 100)).byteLength }))
  .get("/probe/page", (c) => c.json({ ...parsePage(c, "per_page") }))
  .get("/probe/query", (c) => c.json(parseQuery(c, z.object({ status: z.enum(["on", "off"]).optional() }))))
  .post("/probe/door", (c) => c.text("in"))
  .options("/probe/door", (c) => c.body(null, 204, { "Access-Control-Allow-Origin": "https://shop.example" }))
  .get("/probe/bug", () => {
    throw new TypeError(`cannot read ${SECRET}`);
  })
  .get("/probe/busy", () => {
    throw new DomainError("unavailable", "later", { retryAfterSeconds: 7 });
  })
  .get("/probe/page.html", (c) => c.html("<p>", 200, { "Content-Security-Policy": "default-src 'self'" }));

const probe: Api = {
  name: "core",
  prefixes: ["/probe"],
  routes,
  writeError: (c, error, status) =>
    c.json(
      { probe: error.code, message: error.message, problems: error.problems },
      status ??
        (error.code === "internal"
          ? 500
          : error.code === "not_found"
            ? 404
            : error.code === "unavailable"
              ? 503
              : error.code === "payload_too_large"
                ? 413
                : 400),
    ),
};
const other: Api = {
  name: "flow",
  prefixes: ["/probe/deeper", "/elsewhere"],
  routes: new Hono<AppEnv>().get("/elsewhere", (c) => c.text("yes")),
  writeError: (c, error) => c.json({ other: error.code }, 404),
};

const { fetch } = testApp({ apis: [probe, other], vars: { CORS_ORIGINS: "https://app.example" } });
const post = (body: BodyInit | null, headers: Record<string, string> = {}) =>
  fetch("/probe/thing", { method: "POST", body, headers });
const problemsOf = async (answer: Response) =>
  ((await answer.json()) as { problems: { field: string; message: string; code?: string }[] }).problems;

afterEach(() => void vi.restoreAllMocks());

describe("every answer", () => {
  it.each(["/probe/thing/1", "/probe/nothing", "/probe/busy", "/nowhere/at/all"])(
    "%s carries the safety headers and its own request id",
    async (path) => {
      const [one, two] = [await fetch(path), await fetch(path)];
      expect(Object.fromEntries(one.headers)).toMatchObject({
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "x-frame-options": "DENY",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "cache-control": "no-store",
        "strict-transport-security": expect.stringContaining("max-age="),
      });
      expect(one.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      expect(one.headers.get("x-request-id")).not.toBe(two.headers.get("x-request-id"));
    },
  );

  it("lets a page bring its own policy", async () => {
    expect((await fetch("/probe/page.html")).headers.get("content-security-policy")).toBe("default-src 'self'");
  });

  it("does not take a request id from outside", async () => {
    const answer = await fetch("/probe/thing/1", { headers: { "x-request-id": "mine" } });
    expect(answer.headers.get("x-request-id")).not.toBe("mine");
  });
});

describe("paths", () => {
  it("work with and without a trailing slash", async () => {
    expect(await (await fetch("/probe/thing/1/")).json()).toEqual({ id: "1" });
    expect(await (await fetch("/probe/thing/1")).json()).toEqual({ id: "1" });
    expect((await fetch("/elsewhere/?a=1")).status).toBe(200);
  });

  it("that lead nowhere are told by the API that owns them, the longest prefix first", async () => {
    expect(await (await fetch("/probe/none")).json()).toMatchObject({ probe: "not_found" });
    expect(await (await fetch("/probe/deeper/none")).json()).toEqual({ other: "not_found" });
    expect(await (await fetch("/probe/deepernone")).json()).toMatchObject({ probe: "not_found" });
    expect((await fetch("/nothing")).status).toBe(404);
  });

  it("asked by a wrong method: 405 with what is allowed", async () => {
    const answer = await fetch("/probe/thing/1/", { method: "DELETE" });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("GET, HEAD");
    expect((await fetch("/probe/thing", { method: "PUT" })).headers.get("allow")).toBe("POST");
    expect((await fetch("/probe/thing/1//")).status).toBe(404);
  });

  it("answer HEAD like GET without a body", async () => {
    const answer = await fetch("/probe/thing/1", { method: "HEAD" });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe("");
  });

  it.each([
    "/probe/thing/%00",
    "/probe/thing/%ff",
    "/probe/thing/%E0%A4%A",
    "/probe/thing/..%2f..%2f",
    `/probe/thing/${"x".repeat(4000)}`,
  ])("%s is no 500", async (path) => {
    expect((await fetch(path)).status).toBeLessThan(500);
  });
});

describe("bodies", () => {
  it("are read through the schema", async () => {
    expect(await (await post('{"name":"x","size":3}')).json()).toEqual({ name: "x", size: 3 });
  });

  it.each<[string, BodyInit | null, string]>([
    ["half of JSON", '{"name":', "body"],
    ["two JSONs", "{}{}", "body"],
    ["broken UTF-8", new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]), "body"],
    ["UTF-16", new Uint8Array([0xff, 0xfe, 0x7b, 0x00]), "body"],
    ["depth 10,000", `${"[".repeat(10_000)}${"]".repeat(10_000)}`, ""],
    ["a prototype's key", '{"nested":{"__proto__":{"admin":true}}}', "nested.__proto__"],
    ["an escaped prototype's key", '{"nested":{"__pr\\u006fto__":1}}', "nested.__proto__"],
    ["a constructor", '{"constructor":{}}', "constructor"],
    ["a key given twice", '{"name":"a","name":"b"}', "name"],
    [
      "a key given twice, once escaped, deep inside",
      '{"nested":{"list":[{"n":1},{"n":1,"\\u006e":2}]}}',
      "nested.list.1.n",
    ],
  ])("refuse %s, naming the place", async (_, body, field) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    const [problem] = await problemsOf(answer);
    expect(problem!.field).toContain(field);
  });

  it("may repeat a key in different objects, and hold keys in texts", async () => {
    const body = '{"name":"a \\" : {\\"name\\":1,","nested":{"list":[{"n":1},{"n":2}]}}';
    expect((await post(body)).status).toBe(200);
  });

  it.each([
    ["{}", [{ field: "name", code: "required" }]],
    ["", [{ field: "name", code: "required" }]],
    ["[]", [{ field: "body", code: "invalid_type" }]],
    ["null", [{ field: "body", code: "invalid_type" }]],
    ['{"name":5}', [{ field: "name", code: "invalid_type" }]],
    ['{"name":"x","kind":"c"}', [{ field: "kind", code: "invalid_choice" }]],
    [
      '{"name":"x","role":"owner","org_id":"o"}',
      [
        { field: "role", code: "unknown_field" },
        { field: "org_id", code: "unknown_field" },
      ],
    ],
    ['{"name":"x","nested":{"list":[{"n":1},{"n":"2"}]}}', [{ field: "nested.list.1.n", code: "invalid_type" }]],
    ['{"name":"x","size":1e999}', [{ field: "size" }]],
  ])("%s: problems by field", async (body, expected) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(await problemsOf(answer)).toMatchObject(expected);
  });

  it("are counted while they are read, also when they never end", async () => {
    expect((await post(JSON.stringify({ name: "x".repeat(1024 * 1024) }))).status).toBe(413);
    const lie = { "content-length": "2", "content-type": "application/json" };
    expect((await post(JSON.stringify({ name: "x".repeat(1024 * 1024) }), lie)).status).toBe(413);
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 1_048_576;
        controller.enqueue(new Uint8Array(1_048_576));
      },
    });
    expect((await post(endless)).status).toBe(413);
    expect(sent).toBeLessThan(110 * 1024 * 1024);
  });

  it("keep to the limit of the route", async () => {
    const bytes = (n: number) => fetch("/probe/bytes", { method: "POST", body: new Uint8Array(n) });
    expect(await (await bytes(100)).json()).toEqual({ size: 100 });
    expect((await bytes(101)).status).toBe(413);
    expect(await (await fetch("/probe/bytes", { method: "POST" })).json()).toEqual({ size: 0 });
  });

  it.each(["100", "7", "-1", "nonsense"])("keep to it whatever Content-Length says: %s", async (declared) => {
    const bytes = (n: number) =>
      fetch("/probe/bytes", { method: "POST", body: new Uint8Array(n), headers: { "content-length": declared } });
    expect(await (await bytes(100)).json()).toEqual({ size: 100 });
    expect((await bytes(101)).status).toBe(413);
  });
});

describe("queries", () => {
  it.each([
    ["", { page: 1, size: 20, limit: 20, offset: 0 }],
    ["?page=3&per_page=7", { page: 3, size: 7, limit: 7, offset: 14 }],
    ["?per_page=5000", { page: 1, size: 100, limit: 100, offset: 0 }],
    ["?page=&per_page=", { page: 1, size: 20, limit: 20, offset: 0 }],
  ])("%j pages", async (query, page) => expect(await (await fetch(`/probe/page${query}`)).json()).toEqual(page));

  it.each([
    "page=0",
    "page=-1",
    "page=1.5",
    "page=x",
    "page=1e3",
    "per_page=0",
    "per_page=NaN",
    "page=99999999999999999999",
    "page=100001",
  ])("%s is refused by name", async (query) => {
    const answer = await fetch(`/probe/page?${query}`);
    expect(answer.status).toBe(400);
    expect((await problemsOf(answer))[0]!.field).toBe(query.split("=")[0]);
  });

  it("know their choices, and take an empty value as none", async () => {
    expect(await (await fetch("/probe/query?status=")).json()).toEqual({});
    const answer = await fetch("/probe/query?status=maybe");
    expect(await problemsOf(answer)).toEqual([
      {
        field: "status",
        message: "Must be one of: on, off.",
        code: "invalid_choice",
        provided: "maybe",
        expected: "on, off",
      },
    ]);
  });
});

describe("errors", () => {
  it("of ours are logged with the request id and say nothing outside", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const answer = await fetch("/probe/bug");
    expect(answer.status).toBe(500);
    const text = await answer.text();
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain(".ts");
    const line = String(log.mock.calls[0]![0]);
    expect(JSON.parse(line)).toMatchObject({
      requestId: answer.headers.get("x-request-id"),
      stack: expect.stringContaining("app.test.ts"),
    });
  });

  it("say when to come back", async () => {
    expect((await fetch("/probe/busy")).headers.get("retry-after")).toBe("7");
  });

  it("tell an operator, not a caller, what is not configured", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    const broken = testApp({ apis: [probe], vars: { JWT_SECRET: "short" } });
    const answer = await broken.fetch("/probe/thing/1");
    expect(answer.status).toBe(503);
    expect(await answer.text()).not.toContain("JWT");
    expect(log).toHaveBeenCalledWith("JWT_SECRET: is shorter than 32 bytes");
  });
});

describe("browsers", () => {
  const preflight = (origin: string, app = { fetch }) =>
    app.fetch("/probe/thing", {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization" },
    });

  it("may call from a configured origin", async () => {
    const answer = await preflight("https://app.example");
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://app.example");
    expect(answer.headers.get("access-control-allow-headers")).toContain("Authorization");
    expect(answer.headers.get("access-control-allow-headers")).toContain("If-None-Match");
    const call = await fetch("/probe/thing/1", { headers: { origin: "https://app.example" } });
    expect(call.headers.get("access-control-allow-origin")).toBe("https://app.example");
    expect(call.headers.get("access-control-expose-headers")).toContain("ETag");
    expect(call.headers.get("vary")).toContain("Origin");
    expect(call.headers.get("access-control-allow-credentials")).toBeNull();
  });

  it.each(["https://evil.example", "null", "https://app.example.evil.example", "http://app.example"])(
    "may not from %s",
    async (origin) => {
      expect((await preflight(origin)).headers.get("access-control-allow-origin")).toBeNull();
      expect(
        (await fetch("/probe/thing/1", { headers: { origin } })).headers.get("access-control-allow-origin"),
      ).toBeNull();
    },
  );

  it("may call by a route's own rules where it answers OPTIONS, and by no others", async () => {
    for (const path of ["/probe/door", "/probe/door/"]) {
      const headers = { origin: "https://app.example" };
      const asked = await fetch(path, { method: "OPTIONS", headers });
      expect(asked.headers.get("access-control-allow-origin")).toBe("https://shop.example");
      const called = await fetch(path, { method: "POST", headers });
      expect([await called.text(), called.headers.get("vary")]).toEqual(["in", "Origin"]);
      expect(called.headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  it("may from nowhere when nothing is configured", async () => {
    const closed = testApp({ apis: [probe] });
    expect((await preflight("https://app.example", closed)).headers.get("access-control-allow-origin")).toBeNull();
  });
});
