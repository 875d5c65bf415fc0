// SECURITY "Input" and "Output": every operation of the OpenAPI document with wrong types in its fields, strange ids and strange queries. Never a
// 500, and no answer shows a stack, a file or a statement. The same seeds give the same requests.
import { beforeAll, describe, expect, it } from "vitest";
import { call, fetchWorker, makeOrganization, publishWorkflow, type Tenant, WORKFLOWS } from "../api/core/kit.ts";

// biome-ignore lint/suspicious/noExplicitAny: a JSON Schema is walked, whatever it is.
type Schema = any;

const ROUNDS = 20;
const LEAK = /\n\s+at |\.ts:\d|SQLITE|D1_ERROR|SqlError|TypeError|RangeError|ReferenceError/;

/** Park and Miller's generator; its first numbers after a small seed are small. */
const randomOf = (seed: number) => {
  let state = (seed * 69_621) % 2_147_483_647;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  for (let warm = 0; warm < 5; warm++) next();
  return next;
};

const LITERALS = [
  ...["null", "true", "0", "-1", "1.5", "-0", "1e999", "1e308", "9007199254740993", "123456789012345678901234567890"],
  ...['""', '"a"', '" "', '"\\u0000"', '"\\ud800"', '"\\u202e"', '"{{ x }}"', '"{% if %}"', '"{{ (1..99999999) }}"'],
  ...['"__proto__"', '"constructor"', '"toString"', '"-1 OR 1=1"', `"'; DROP TABLE workflows; --"`, '"\\r\\nX: y"'],
  ...[
    "[]",
    "{}",
    "[[]]",
    "[null]",
    '{"a":{}}',
    '{"length":1e9}',
    '{"then":1}',
    '{"toJSON":"x"}',
    '{"__proto__":{"x":1}}',
  ],
  `"${"a".repeat(20_000)}"`,
];
const QUERIES = [
  "",
  "%00",
  "%ff",
  "-1",
  "1e9",
  "0x10",
  "9".repeat(20),
  "a",
  "%27",
  "%22",
  "*",
  "NEAR(",
  "{x}:y",
  "%F0%9F",
  "1.0",
  "[]",
];
const IDS = [
  "x",
  "%00",
  "%ff",
  "%2e%2e",
  "..%2f..",
  "%zz",
  "a".repeat(3_000),
  "null",
  "'%20OR%201=1--",
  "ffffffff-ffff-7fff-bfff-ffffffffffff",
];
const BROKEN = ["{", "nul", '"', "[", '{"a":1,}', "NaN", "{'a':1}", '{"a":1}{}'];

let owner: Tenant;
beforeAll(async () => {
  const { headers, ...tenant } = await makeOrganization("6001");
  owner = { ...tenant, headers: { ...headers, "x-user-id": "6001" } };
});

type Fuzzed = {
  /** Where its OpenAPI document is. */
  at: string;
  /** Makes what the paths name, and gives the ids. */
  prepare: () => Promise<Record<string, string>>;
};

const APIS: Record<string, Fuzzed> = {
  core: {
    at: `${WORKFLOWS}/openapi.json`,
    prepare: async () => {
      const workflow_id = await publishWorkflow(owner);
      const run = await call(owner, "POST", `${WORKFLOWS}/${workflow_id}/execute`, {});
      const hook = await call(owner, "POST", `${WORKFLOWS}/${workflow_id}/webhooks`, { name: "h" });
      const { webhook_id, token } = hook.body.data;
      return { workflow_id, execution_id: run.body.data.execution_id, webhook_id, token };
    },
  },
  stream: {
    at: "/api/v1/openapi.json",
    prepare: async () => {
      const make = async (what: string, body: unknown) => (await call(owner, "POST", `/api/v1/${what}`, body)).body;
      await make("users", { phone_e164: "+14155551234", consent_state: "OPT_IN" });
      const template_id = (await make("templates", { name: "t", content: "Hi {name}!", variables: ["name"] })).id;
      const filter_criteria = { attribute: "city", operator: "equals", value: "Austin" };
      const segment_id = (await make("segments", { name: "s", filter_criteria })).id;
      const campaign_id = (await make("campaigns", { name: "c", template_id, segment_id })).id;
      return { phone_e164: encodeURIComponent("+14155551234"), template_id, segment_id, campaign_id };
    },
  },
  flow: {
    at: "/flow/openapi.json",
    prepare: async () => {
      const flowNodes = [
        { id: "n1", type: "trigger_keyword", isStartNode: true, triggerKeywords: ["fuzz"] },
        { id: "n2", type: "message", flowReplies: [{ flowReplyType: "Text", data: "Hello" }] },
      ];
      const flowEdges = [{ id: "e", sourceNodeId: "n1", targetNodeId: "n2" }];
      const { body } = await call(owner, "POST", "/flow/create", { name: "f", flowNodes, flowEdges });
      return { flow_id: body.id };
    },
  },
};

const fuzzer = (document: Schema, ids: Record<string, string>, seed: number) => {
  const random = randomOf(seed);
  const chance = (share: number): boolean => random() < share;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const value = (given: Schema, depth = 0): string => {
    const schema = given?.$ref ? document.components.schemas[given.$ref.split("/").at(-1)] : (given ?? {});
    if (depth > 5 || chance(0.12)) return pick(LITERALS);
    if (schema.allOf) return value(schema.allOf[0], depth);
    if (schema.anyOf) return value(pick(schema.anyOf), depth);
    if (schema.enum) return JSON.stringify(pick(schema.enum));
    if (schema.type === "array") return `[${[0, 1].map(() => value(schema.items, depth + 1)).join()}]`;
    if (schema.type === "object") {
      const known = Object.entries(schema.properties ?? {}).filter(() => chance(0.8));
      const more =
        schema.additionalProperties && chance(0.8) ? ["n1", pick(["valueOf", "", " ", "a.b", 'a"b', "é"])] : [];
      const members = [...known, ...more.map((name) => [name, schema.additionalProperties])] as [string, Schema][];
      return `{${members.map(([name, inner]) => `${JSON.stringify(name)}:${value(inner, depth + 1)}`).join()}}`;
    }
    if (schema.type === "string") return chance(0.5) ? `"n${Math.floor(random() * 3)}"` : pick(LITERALS);
    if (schema.type === "boolean") return chance(0.6) ? "true" : pick(LITERALS);
    return chance(0.6) ? String(Math.floor(random() * 100)) : pick(LITERALS);
  };
  const request = (path: string, operation: Schema) => {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
      chance(0.75) ? (ids[name] ?? pick(IDS)) : pick(IDS),
    );
    const query = (operation.parameters ?? [])
      .filter(({ in: place }: Schema) => place === "query" && chance(0.7))
      .map(({ name }: Schema) => `${name}=${chance(0.4) ? pick(["1", "asc", "status", "true"]) : pick(QUERIES)}`);
    const schema = operation.requestBody?.content["application/json"]?.schema;
    return { url: `${filled}?${query.join("&")}`, body: chance(0.07) ? pick(BROKEN) : value(schema ?? {}) };
  };
  return request;
};

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

describe.each(Object.entries(APIS))("%s", (_, { at, prepare }) => {
  const seen: number[] = [];
  let document: Schema;
  let ids: Record<string, string>;
  beforeAll(async () => {
    document = await (await fetchWorker(at)).json();
    ids = await prepare();
    expect(Object.values(ids).every((id) => typeof id === "string")).toBe(true);
  });

  it.each(METHODS)("%s is never our fault, and says nothing of our insides", async (method) => {
    const paths = Object.entries(document.paths as Record<string, Schema>).filter(
      ([, operations]) => operations[method],
    );
    for (const [index, [path, operations]] of paths.entries()) {
      for (let round = 1; round <= ROUNDS; round++) {
        const { url, body } = fuzzer(document, ids, index * 1_000 + round)(path, operations[method]);
        // What ends things is tried on ids that nobody has.
        if (method === "delete" && Object.values(ids).some((id) => url.includes(id))) continue;
        const answer = await fetchWorker(url, {
          method: method.toUpperCase(),
          headers: owner.headers,
          ...(method === "get" ? {} : { body }),
        });
        const text = await answer.text();
        const tried = `${method} ${url.slice(0, 200)} ${body.slice(0, 500)}\n${text.slice(0, 500)}`;
        expect(answer.status, tried).toBeLessThan(500);
        expect(LEAK.test(text), tried).toBe(false);
        seen.push(answer.status);
      }
    }
  });

  it("was tried in earnest: some were accepted, and more refused", () => {
    expect(seen.filter((status) => status < 300).length).toBeGreaterThan(20);
    expect(seen.filter((status) => status >= 400).length).toBeGreaterThan(60);
  });
});
