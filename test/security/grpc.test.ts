// SECURITY "Input", over Connect and gRPC-Web, with bytes that no generated client would send: never a 500, the same laws as over REST, and a
// refusal leaves its audit row.
import { beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../src/lib/ids.ts";
import { call, fetchWorker, publishWorkflow, WORKFLOWS } from "../api/core/kit.ts";
import { join, makeOrganization, type Tenant } from "../fixtures/identity.ts";

const SERVICE = "/workflow.v1.WorkflowService";

let owner: Tenant;
let workflowId: string;
beforeAll(async () => {
  owner = await makeOrganization();
  workflowId = await publishWorkflow(owner, {
    nodes: { shape: { node_type: "data_transform", config: { mappings: { x: "{{variables.x}}" } } } },
    connections: [],
  });
});

const send = async (
  body: BodyInit,
  contentType = "application/json",
  who: Tenant | null = owner,
  method = "Execute",
) => {
  const path = `${SERVICE}/${method === "Execute" ? "ExecuteWorkflow" : method}`;
  const answer = await fetchWorker(path, {
    method: "POST",
    headers: { ...who?.headers, "content-type": contentType },
    body,
  });
  const text = new TextDecoder().decode(await answer.arrayBuffer());
  return {
    status: answer.status,
    text,
    code: /"code":"(\w+)"/.exec(text)?.[1],
    trailer: /grpc-status: (\d+)/.exec(text)?.[1],
  };
};

/** Bytes of a protobuf field that holds a length and so many bytes. */
const varint = (n: number): number[] => (n < 128 ? [n] : [(n % 128) + 128, ...varint(Math.floor(n / 128))]);
const field = (number: number, bytes: Iterable<number>): number[] => {
  const all = [...bytes];
  return [number * 8 + 2, ...varint(all.length), ...all];
};
const text = (value: string) => new TextEncoder().encode(value);
const ofMap = (key: string, value: number[]) => field(1, [...field(1, text(key)), ...field(2, value)]);
const double = (value: number) => [2 * 8 + 1, ...new Uint8Array(new Float64Array([value]).buffer)];
const execute = (variables: number[]) =>
  new Uint8Array([...field(1, text(workflowId)), ...field(3, variables), ...[5 * 8, 1]]);
const listsInLists = (levels: number): number[] => {
  let value = [1 * 8, 0];
  for (let level = 0; level < levels; level++) value = field(6, field(1, value));
  return value;
};

describe("a message that is none", () => {
  it.each([
    ["garbage", () => new Uint8Array([0xff, 0xff, 0xff, 0xff])],
    ["a text that is not UTF-8", () => new Uint8Array(field(1, [0xff, 0xfe]))],
    ["lists in lists without end", () => execute(ofMap("x", listsInLists(2_000)))],
  ])("%s: invalid_argument, not a fault of ours", async (_, bytes) => {
    expect(await send(bytes(), "application/proto")).toMatchObject({ status: 400, code: "invalid_argument" });
    const framed = new Uint8Array([
      0,
      ...new Uint8Array(new Uint32Array([bytes().length]).buffer).reverse(),
      ...bytes(),
    ]);
    expect(await send(framed, "application/grpc-web+proto")).toMatchObject({ status: 200, trailer: "3" });
  });

  it.each(["", "{", "[]", '{"workflowId":{}}', '{"workflowId":"\\ud800"}', `{"workflowId":"a","workflowId":"b"}`])(
    "as JSON %j: invalid_argument",
    async (body) => expect(await send(body)).toMatchObject({ status: 400, code: "invalid_argument" }),
  );

  it.each([
    ["empty", []],
    ["cut short", [0, 0, 0]],
    ["with a length of four gigabytes", [0, 255, 255, 255, 255, 1]],
    ["compressed by nothing that we know", [1, 0, 0, 0, 1, 1]],
  ])("an envelope %s ends in a status of gRPC", async (_, bytes) => {
    const answer = await send(new Uint8Array(bytes), "application/grpc-web+proto");
    expect(answer.status).toBe(200);
    expect(Number(answer.trailer)).toBeGreaterThan(0);
  });

  it("is not looked at before the caller is known", async () => {
    expect(await send(new Uint8Array([0xff]), "application/proto", null)).toMatchObject({ status: 401 });
  });

  it("longer than a body may be is answered, whatever its length says", async () => {
    expect(await send("x".repeat(3_000_000))).toMatchObject({ code: "resource_exhausted" });
  });
});

describe("a Struct", () => {
  it("may hold no name that reaches a prototype, as a body may not", async () => {
    for (const name of ["__proto__", "constructor"]) {
      const json = `{"workflowId":"${workflowId}","variables":{"a":{"${name}":{"x":1}}}}`;
      expect(await send(json)).toMatchObject({ status: 400, text: expect.stringContaining(`variables.a.${name}`) });
      const bytes = execute(ofMap(name, double(1)));
      expect(await send(bytes, "application/proto")).toMatchObject({ status: 400, code: "invalid_argument" });
    }
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("may hold no %s, which no JSON says back", async (number) => {
    const answer = await send(execute(ofMap("x", double(number))), "application/proto");
    expect(answer).toMatchObject({ status: 400, text: expect.stringContaining("variables.x") });
  });

  it("says an infinite number no other way either", async () => {
    const answer = await send(`{"workflowId":"${workflowId}","variables":{"x":1e999},"wait":true}`);
    expect(answer).toMatchObject({ status: 400, code: "invalid_argument" });
    const rest = await call(owner, "POST", `${WORKFLOWS}/${workflowId}/execute`, '{"variables":{"x":[1e999]}}');
    expect(rest).toMatchObject({ status: 400, body: { error: { details: { field: "variables.x.0" } } } });
  });

  it("as deep as a body may be is shown: what is too deep for readers as its text", async () => {
    const deep = "[".repeat(60) + "]".repeat(60);
    const body = `{"variables":{"x":${deep}},"wait":true}`;
    const run = await call(owner, "POST", `${WORKFLOWS}/${workflowId}/execute`, body);
    const answer = await send(
      `{"executionId":"${run.body.data.execution_id}"}`,
      undefined,
      owner,
      "GetExecutionStatus",
    );
    expect(answer).toMatchObject({ status: 200, text: expect.stringContaining(`"x":${JSON.stringify(deep)}`) });
  });
});

it("takes an idempotency key of the length that the header may have", async () => {
  const body = { workflowId, idempotencyKey: "k".repeat(256) };
  expect(await send(JSON.stringify(body))).toMatchObject({ status: 400, code: "invalid_argument" });
});

it("a refused call leaves one audit row", async () => {
  const viewer = await join(owner.organizationId, `viewer-${newId()}`, "viewer");
  expect(await send(`{"workflowId":"${workflowId}"}`, undefined, viewer)).toMatchObject({ code: "permission_denied" });
  const audit = await call(owner, "GET", `/api/v2/audit?action=authorization.refused&actor=user:${viewer.userId}`);
  expect(audit.body.entries).toMatchObject([
    { target_type: "workflow", details: { path: `${SERVICE}/ExecuteWorkflow` } },
  ]);
});
