// SECURITY "Input" for users, segments and uploads: whatever is sent where, never a 500, and no answer shows a stack or a statement.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makePorts } from "../../src/objects/ports.ts";
import { testApp } from "../fixtures/app.ts";
import { db, makeOrganization, type Tenant, testEnv } from "../fixtures/identity.ts";

const { uploads, inbox, contacts } = makePorts(testEnv);
const { fetch, limiter } = testApp({ ports: { uploads, inbox, contacts } });
let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
  const body = JSON.stringify({ phone_e164: "+14155550000" });
  await fetch("/api/v1/users", { method: "POST", headers: owner.headers, body });
});
beforeEach(() => limiter.clear());

const LEAK = /\n\s+at |\.ts:\d|SQLITE|D1_ERROR|SqlError|TypeError|RangeError|ReferenceError/;
const judge = async (answer: Response, sent: string): Promise<void> => {
  const text = await answer.text();
  expect([answer.status < 500, sent, text.slice(0, 300)]).toEqual([true, sent, text.slice(0, 300)]);
  expect(text).not.toMatch(LEAK);
};

const LITERALS = [
  ...[
    "null",
    "true",
    "0",
    "-1",
    "1.5",
    "1e999",
    "1e308",
    "9007199254740993",
    '""',
    '"a"',
    '" "',
    '"\\u0000"',
    '"\\ud800"',
    '"\\u202e"',
  ],
  ...[
    `"'; DROP TABLE contacts; --"`,
    '"__proto__"',
    '"constructor"',
    '"$[0]"',
    '"%"',
    "[]",
    "{}",
    "[[]]",
    "[null]",
    '{"a":{}}',
    '{"toJSON":"x"}',
  ],
  ...[
    '{"__proto__":{"x":1}}',
    '["a","a"]',
    '"+14155551234"',
    `"${"a".repeat(20_000)}"`,
    `[${"1,".repeat(2_000)}1]`,
    "[".repeat(90) + "]".repeat(90),
  ],
];
const FIELDS = [
  "phone_e164",
  "consent_state",
  "attributes",
  "external_id",
  "email",
  "timezone",
  "tags",
  "id",
  "toString",
];
const send = (method: string, path: string, body: string) => fetch(path, { method, headers: owner.headers, body });

describe("users and segments", () => {
  it.each(FIELDS)("take anything in %s without breaking", async (field) => {
    for (const literal of LITERALS) {
      const rest = field === "phone_e164" ? "" : '"phone_e164":"+14155550009",';
      await judge(await send("POST", "/api/v1/users", `{${rest}"${field}":${literal}}`), literal);
      await judge(await send("PUT", "/api/v1/users/+14155550000", `{"${field}":${literal}}`), literal);
      await judge(await send("PUT", "/api/v1/users/+14155550000", `{"attributes":{"x":${literal}}}`), literal);
    }
  });

  const OPERATORS = [
    "equals",
    "not_equals",
    "contains",
    "in",
    "greater_than",
    "less_than",
    "before",
    "after",
    "exists",
  ];
  it.each(OPERATORS)("take anything in a condition with %s", async (operator) => {
    for (const attribute of ["a", "tags", "consent_state", "created_at", "phone_e164"]) {
      for (const literal of LITERALS) {
        const criteria = `{"attribute":"${attribute}","operator":"${operator}","value":${literal}}`;
        await judge(await send("POST", "/api/v1/segments", `{"name":"s","filter_criteria":${criteria}}`), criteria);
      }
    }
  });

  it("take any path and query", async () => {
    const strange = [
      "x",
      "%00",
      "%ff",
      "%2B1",
      "+",
      "'",
      "..%2f",
      "a".repeat(5_000),
      "%F0%9F",
      "+1415555000000000000000",
      "bulk",
    ];
    for (const one of strange) {
      for (const path of [
        `/users/${one}`,
        `/segments/${one}`,
        `/users/bulk/upload/${one}`,
        `/users?consent_state=${one}&page=${one}`,
      ]) {
        await judge(await fetch(`/api/v1${path}`, { headers: owner.headers }), path);
      }
    }
  });

  it("take any row of a file", async () => {
    const form = new FormData();
    form.append("file", new File([`[${LITERALS.filter((one) => !one.includes("1e999")).join(",")}]`], "u.json"));
    const answer = await fetch("/api/v1/users/bulk/upload", { method: "POST", headers: owner.headers, body: form });
    expect(await answer.json()).toMatchObject({ created: 0, updated: 0, status: "completed" });
    for (const column of ["phone_e164", "consent_state", "tags", "__proto__", "constructor", "a'b"]) {
      const cells = LITERALS.map((one) => `+14155550008,"${one.replaceAll('"', '""')}"`);
      const csv = new FormData();
      csv.append("file", new File([`phone_e164,${column}\n${cells.join("\n")}`], "u.csv"));
      await judge(
        await fetch("/api/v1/users/bulk/upload", { method: "POST", headers: owner.headers, body: csv }),
        column,
      );
    }
    expect(await db.prepare("SELECT count(*) AS n FROM contacts").first("n")).toBeGreaterThan(0);
  });
});
