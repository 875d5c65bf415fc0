// SECURITY "Input": bodies that are too large, too deep, cut off, or that say two things at once.
import { beforeAll, describe, expect, it } from "vitest";
import { call, fetchWorker, makeOrganization, type Tenant, WORKFLOWS } from "../api/core/kit.ts";
import { testApp } from "../fixtures/app.ts";

let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});

const post = (body: unknown, headers?: Record<string, string>) => call(owner, "POST", WORKFLOWS, body, headers);
const named = (rest: string) => `{"name":"w","entity_id":1,${rest}}`;
const rows = (n: number, row: (index: number) => string) => Array.from({ length: n }, (_, index) => row(index)).join();

describe("a body", () => {
  it.each([
    ["10 MB", () => named(`"description":"${"a".repeat(10_000_000)}"`), 413, undefined],
    [
      "100,000 nodes",
      () => named(`"nodes":{${rows(100_000, (n) => `"n${n}":{"node_type":"flow_end"}`)}}`),
      413,
      undefined,
    ],
    ["20,000 nodes", () => named(`"nodes":{${rows(20_000, (n) => `"n${n}":{"node_type":"flow_end"}`)}}`), 400, "nodes"],
    ["300,000 values", () => named(`"global_variables":{"a":[${"1,".repeat(300_000)}1]}`), 400, "body"],
    [
      "depth 10,000",
      () => named(`"global_variables":{"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}`),
      400,
      /^global_variables\.a\.0/,
    ],
    ["objects, 100,000 deep", () => `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`, 400, /^a\.a/],
    ["a key twice", () => named('"n\\u0061me":"other"'), 400, "name"],
    [
      "__proto__, spelt out",
      () => named('"global_variables":{"\\u005f_proto__":{}}'),
      400,
      "global_variables.__proto__",
    ],
    [
      "a node called constructor",
      () => named('"nodes":{"constructor":{"node_type":"flow_end"}}'),
      400,
      "nodes.constructor",
    ],
    ["somebody else's organisation", () => named('"org_id":"x","created_by":"y","status":"active"'), 400, "org_id"],
    ["NUL in a name", () => '{"name":"a\\u0000b","entity_id":1}', 400, "name"],
    ["half a character in a name", () => '{"name":"a\\ud800b","entity_id":1}', 400, "name"],
    ["a number beyond all numbers", () => named('"global_variables":{"x":-1e999}'), 400, "global_variables.x"],
  ])("with %s is refused and leaves nothing", async (_, body, status, field) => {
    const answer = await post(body());
    expect(answer.status).toBe(status);
    if (field)
      expect(answer.body.error.details.field).toEqual(typeof field === "string" ? field : expect.stringMatching(field));
    expect((await call(owner, "GET", `${WORKFLOWS}?entity_id=1`)).body.data).toEqual([]);
  });

  it.each([
    ["overlong", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["cut", [0xe2, 0x82]],
  ])("of UTF-8 that is %s is refused", async (_, bytes) => {
    const text = new TextEncoder().encode('{"name":"');
    const body = new Uint8Array([...text, ...bytes, ...new TextEncoder().encode('","entity_id":1}')]);
    const answer = await fetchWorker(WORKFLOWS, { method: "POST", headers: owner.headers, body });
    expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([
      400,
      "INVALID_JSON",
    ]);
  });

  it.each(["gzip", "deflate", "br"])("in %s is never unpacked", async (encoding) => {
    const bomb = new Blob(["a".repeat(1_000_000)]).stream().pipeThrough(new CompressionStream("gzip"));
    const body = await new Response(bomb).arrayBuffer();
    const headers = { ...owner.headers, "content-encoding": encoding };
    expect((await fetchWorker(WORKFLOWS, { method: "POST", headers, body })).status).toBe(400);
  });

  it("that breaks off is the sender's fault", async () => {
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode('{"name":'));
        controller.error(new Error("gone"));
      },
    });
    const answer = await testApp().fetch(WORKFLOWS, { method: "POST", headers: owner.headers, body });
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: "INVALID_JSON" } }]);
  });
});

const drawing = (node: object, rest: object = {}) => ({
  name: "w",
  workflowData: { nodes: [{ id: "t", type: "trigger_manual", position: { x: 0, y: 0 }, ...node }], edges: [], ...rest },
});
const M = "/api/v1/workflow/api";

describe("control characters", () => {
  it.each(["a\u0000b", "a\r\nX-Evil: 1", "a\u0085b"])("stand in no name and no key: %j", async (bad) => {
    const names: [path: string, body: object][] = [
      ["/api/v2/workflows", { ...drawing({}), name: bad }],
      ["/api/v2/workflows", { ...drawing({}), tags: [bad] }],
      ["/api/v2/workflows", drawing({ id: bad })],
      ["/api/v2/workflows", drawing({ type: bad })],
      ["/api/v2/workflows", drawing({ data: { config: { [bad]: 1 } } })],
      ["/api/v2/workflows", drawing({}, { variables: { [bad]: 1 } })],
      ["/api/v2/webhooks", { name: bad }],
      ["/api/v2/api-keys", { name: bad }],
      ["/api/v2/contacts", { phone: "+12025550100", attributes: { [bad]: 1 } }],
      [`${WORKFLOWS}`, { name: bad, entity_id: 1 }],
      [`${WORKFLOWS}`, { name: "w", entity_id: 1, global_variables: { [bad]: 1 } }],
      [`${M}/workflows/`, { name: bad }],
      [`${M}/triggers/`, { name: bad, trigger_type: "USER_CREATED" }],
      [`${M}/actions/`, { name: bad, action_type: "add_tag", configuration: { tag_name: "t" } }],
      [`${M}/actions/`, { name: "a", action_type: "add_tag", configuration: { tag_name: bad } }],
      [`${M}/event-types/`, { name: bad, code: "CONTROLLED" }],
      [`${M}/triggers/process_event/`, { event_type: "MANUAL_TRIGGER", data: { [bad]: 1 } }],
      ["/api/v1/templates", { name: bad, content: "x" }],
    ];
    const answers = await Promise.all(
      names.map(async ([path, body]) => {
        const { status } = await call(owner, "POST", path, body);
        return `${path} ${JSON.stringify(body).slice(0, 80)}: ${status}`;
      }),
    );
    expect(answers.filter((answer) => !/: (400|422)$/.test(answer))).toEqual([]);
  });

  it("stand in what people write as far as they are lines and tabs", async () => {
    const told = (description: string) => call(owner, "POST", "/api/v2/webhooks", { name: "w", description });
    expect((await told("one\r\n\ttwo")).status).toBe(201);
    expect((await told("a\u0000b")).body.validation).toMatchObject([{ field: "description" }]);
    expect((await told("a\u001b[2Jb")).status).toBe(400);
  });
});
