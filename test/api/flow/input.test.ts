// What clients send that is no flow, too large, or at the same time as others: always a 4xx that names the place, and nothing half done.
import { beforeAll, describe, expect, it } from "vitest";
import { flow as flowApi } from "../../../src/api/flow/index.ts";
import { testApp } from "../../fixtures/app.ts";
import { db } from "../../fixtures/identity.ts";
import { greeting, makeUser, type Tenant } from "./kit.ts";

const { fetch } = testApp();
let user: Tenant;
beforeAll(async () => {
  user = await makeUser();
});

const call = async (method: string, path: string, body?: unknown, who = user) => {
  const text = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
  const answer = await fetch(path, { method, headers: who.headers, ...(text === undefined ? {} : { body: text }) });
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at as a client does, field by field.
  return { status: answer.status, body: (await answer.json()) as any };
};
const create = async (over: object = {}, who = user): Promise<string> =>
  (await call("POST", "/flow/create", { ...greeting, ...over }, who)).body.id;

const [trigger, message] = greeting.flowNodes;
const nodes = (...more: unknown[]) => ({ ...greeting, flowNodes: [trigger, message, ...more] });
const reply = (data: unknown) => ({ id: "n", type: "message", flowReplies: [{ flowReplyType: "Text", data }] });

describe("content that is none", () => {
  it.each([
    ["no JSON", "{", 400, "body"],
    ["a list", [], 400, "body"],
    ["null", "null", 400, "body"],
    ["nothing", undefined, 400, "name"],
    ["no name", { flowNodes: [], flowEdges: [] }, 400, "name"],
    ["an empty name", { ...greeting, name: " " }, 400, "name"],
    ["a long name", { ...greeting, name: "n".repeat(201) }, 400, "name"],
    ["nodes that are no list", { ...greeting, flowNodes: {} }, 400, "flowNodes"],
    ["a node that is a text", nodes("node"), 400, "flowNodes.2"],
    ["a node without an id", nodes({ type: "message" }), 400, "flowNodes.2.id"],
    ["a text that is a number", nodes(reply(7)), 400, "flowNodes.2.flowReplies.0.data"],
    ["a text that is missing", nodes(reply(undefined)), 400, "flowNodes.2.flowReplies.0.data"],
    [
      "an edge to a number",
      { ...greeting, flowEdges: [{ id: "e", sourceNodeId: "a", targetNodeId: 1 }] },
      400,
      "flowEdges.0.targetNodeId",
    ],
    ["a brand that is a text", { ...greeting, brand_id: "1" }, 400, "brand_id"],
    ["a brand that is a half", { ...greeting, brand_id: 1.5 }, 400, "brand_id"],
    ["an unknown field", { ...greeting, organization_id: "x" }, 400, "organization_id"],
    ["a status", { ...greeting, status: "published" }, 400, "status"],
    ["an owner", { ...greeting, user_id: 1 }, 400, "user_id"],
    ["a line break in its name", { ...greeting, name: "a\nb" }, 400, "name"],
    ["NUL in a text", nodes(reply("a\0b")), 400, "flowNodes.2.flowReplies.0.data"],
    [
      "half a character in an unknown field",
      nodes({ ...reply("x"), note: { a: ["\ud800"] } }),
      400,
      "flowNodes.2.note.a.0",
    ],
    [
      "__proto__",
      `{"name":"n","flowEdges":[],"flowNodes":[{"id":"a","type":"message","x":{"__proto__":{"y":1}}}]}`,
      400,
      "flowNodes.0.x.__proto__",
    ],
    ["a node called constructor", nodes({ id: "constructor", type: "message" }), 400, "flowNodes.2.id"],
    ["a field twice", `{"name":"n","flowEdges":[],"flowNodes":[],"n\\u0061me":"m"}`, 400, "name"],
    [
      "1,001 nodes",
      { ...greeting, flowNodes: Array.from({ length: 1_001 }, (_, n) => ({ id: `${n}`, type: "message" })) },
      400,
      "flowNodes",
    ],
    ["30 levels", nodes({ ...reply("x"), deep: JSON.parse(`${"[".repeat(30)}${"]".repeat(30)}`) }), 400, "body"],
    [
      "depth 10,000",
      `{"name":"n","flowEdges":[],"flowNodes":${"[".repeat(10_000)}${"]".repeat(10_000)}}`,
      400,
      /^flowNodes\.0/,
    ],
    ["500 KB", nodes({ ...reply("x"), note: "n".repeat(500_000) }), 400, "flowNodes"],
    ["10 MB", nodes({ ...reply("x"), note: "n".repeat(10_000_000) }), 413, undefined],
  ])("%s is refused with its place and leaves nothing", async (_, sent, status, field) => {
    const answer = await call("POST", "/flow/create", sent);
    expect([answer.status, answer.body.detail]).toEqual([status, expect.any(String)]);
    if (typeof field === "string") expect(answer.body.field).toBe(field);
    else if (field) expect(answer.body.field).toMatch(field);
    expect((await call("GET", "/flow/list")).body).toEqual([]);
  });

  it("changes nothing of a flow that there is", async () => {
    const who = await makeUser();
    const id = await create({}, who);
    const before = (await call("GET", `/flow/detail/${id}`, undefined, who)).body;
    for (const sent of [{ flowNodes: [reply(1)] }, { id: "0".repeat(24) }, { flowEdges: null }, [], "{"])
      expect((await call("PUT", `/flow/update/${id}`, sent, who)).status).toBe(400);
    expect((await call("GET", `/flow/detail/${id}`, undefined, who)).body).toEqual(before);
  });

  it.each(["x", "%00", "%ff", "0".repeat(23), "g".repeat(24), "A".repeat(24), "..%2f..", "a".repeat(3_000)])(
    "the id '%s' is nobody's",
    async (id) => {
      expect((await call("GET", `/flow/detail/${id}`)).status).toBe(404);
      expect((await call("PUT", `/flow/update/${id}`, greeting)).status).toBe(404);
    },
  );

  it("another method is 405 and says which there are", async () => {
    const answer = await fetch("/flow/list", { method: "POST", headers: user.headers });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect(await answer.json()).toMatchObject({ error: "method_not_allowed", detail: expect.any(String) });
  });
});

describe("a draft", () => {
  it("may hold what is unfinished", async () => {
    const who = await makeUser();
    for (const over of [
      { flowNodes: [], flowEdges: [] },
      { flowNodes: [{ id: "a", type: "not yet known" }] },
      { flowNodes: [trigger, trigger, { id: "q", type: "question", flowReplies: null }] },
      { flowNodes: [{ id: "d", type: "delay", delayDuration: -5, delayUnit: "years" }] },
      {
        flowNodes: [{ id: "c", type: "condition", flowNodeConditions: [{ flowConditionType: "Like", variable: "" }] }],
      },
    ]) {
      const id = await create(over, who);
      const status = await call("POST", `/flow/status/${id}`, { status: "published" }, who);
      expect([status.status, status.body.findings.length > 0]).toEqual([400, true]);
    }
  });

  it("as large as it may be is kept, listed and read", async () => {
    const who = await makeUser();
    const note = "n".repeat(380);
    const flowNodes = Array.from({ length: 900 }, (_, n) => ({ id: `node-${n}`, type: "message", note }));
    for (let n = 0; n < 25; n++) await create({ name: `Large ${n}`, flowNodes }, who);
    const { body } = await call("GET", "/flow/list", undefined, who);
    expect(body.map(({ name }: { name: string }) => name)).toEqual(
      Array.from({ length: 25 }, (_, n) => `Large ${24 - n}`),
    );
    expect(body.every((flow: { flowNodes: unknown[] }) => flow.flowNodes.length === 900)).toBe(true);
  });
});

describe("at the same time", () => {
  it("an edit does not undo a stop, and what is published is what is shown", async () => {
    const who = await makeUser();
    const id = await create({}, who);
    await call("POST", `/flow/status/${id}`, { status: "published" }, who);
    const answers = await Promise.all([
      ...Array.from({ length: 6 }, (_, n) => call("PUT", `/flow/update/${id}`, { name: `Name ${n}` }, who)),
      call("POST", `/flow/status/${id}`, { status: "stop" }, who),
    ]);
    expect(answers.at(-1)!.status).toBe(200);
    expect(answers.map(({ status }) => status).every((status) => status === 200 || status === 409)).toBe(true);
    const read = (await call("GET", `/flow/detail/${id}`, undefined, who)).body;
    expect(read.status).toBe("stop");
    const listening = await db
      .prepare("SELECT count(*) AS n FROM subscriptions WHERE workflow_id = ?1")
      .bind(id)
      .first("n");
    expect(listening).toBe(0);
  });
});

describe("the OpenAPI document", () => {
  it("describes every route of the router, and no other", async () => {
    const { status, body } = await call("GET", "/flow/openapi.json");
    expect(status).toBe(200);
    expect(body.openapi).toBe("3.1.0");
    const described = Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`),
    );
    const routed = flowApi.routes.routes.map(({ method, path }) => `${method} ${path}`);
    expect(described.sort()).toEqual([...new Set(routed)].sort());
  });

  it("says what a flow is made of", async () => {
    const { body } = await call("GET", "/flow/openapi.json");
    const { FlowContent, FlowData } = body.components.schemas;
    expect(FlowContent.required).toEqual(["name", "flowNodes", "flowEdges"]);
    expect(FlowData.required).toEqual(expect.arrayContaining(["id", "status", "brand_id", "user_id", "created_at"]));
    const node = FlowContent.properties.flowNodes.items;
    expect(Object.keys(node.properties)).toEqual(expect.arrayContaining(["triggerKeywords", "answerValidation"]));
    const create = body.paths["/flow/create"].post;
    expect(create.requestBody.content["application/json"].schema.allOf).toEqual([
      { $ref: "#/components/schemas/FlowContent" },
    ]);
    expect(create.parameters.map(({ name }: { name: string }) => name)).toContain("x-user-id");
  });
});
