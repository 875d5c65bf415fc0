// Uploads of users over HTTP, through the real objects: what lands, what does not, and that nothing is lost or doubled by a kill.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makePorts } from "../../../src/objects/ports.ts";
import { uploadName } from "../../../src/objects/rpc.ts";
import { testApp } from "../../fixtures/app.ts";
import { db, join, makeOrganization, type Tenant, testEnv } from "../../fixtures/identity.ts";

const { uploads, inbox, contacts } = makePorts(testEnv);
const { fetch, limiter } = testApp({ ports: { uploads, inbox, contacts } });
let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});
beforeEach(() => limiter.clear());

const PATH = "/api/v1/users/bulk/upload";
type Uploaded = {
  message: string;
  processed: number;
  created: number;
  updated: number;
  errors: number;
  validation_errors: { row: number; field: string; message: string }[];
  upload_id: string;
  status: string;
};

const upload = async (
  file: string | Uint8Array<ArrayBuffer>,
  { who = owner, name = "users.csv", type = "text/csv", query = "" } = {},
): Promise<{ status: number; body: Uploaded & { error?: string; details?: { field: string } } }> => {
  const form = new FormData();
  form.append("note", "not the file");
  form.append("file", new File([file], name, { type }));
  const response = await fetch(`${PATH}${query}`, { method: "POST", headers: who.headers, body: form });
  return { status: response.status, body: await response.json() };
};
const json = (list: unknown, options: { who?: Tenant } = {}) =>
  upload(JSON.stringify(list), { ...options, name: "users.json", type: "application/json" });
// biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what is tested
const user = async (phone: string, who = owner): Promise<any> =>
  (await fetch(`/api/v1/users/${phone}`, { headers: who.headers })).json();

const DOCUMENT = `phone_e164,name,city,tier,consent_state
+14155551234,John Doe,San Francisco,premium,OPT_IN
+14155555678,Jane Smith,Austin,standard,OPT_IN
`;

describe("an upload", () => {
  it("answers in the document's shape when it is done", async () => {
    const { status, body } = await upload(DOCUMENT);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      message: "Bulk upload completed",
      processed: 2,
      created: 2,
      updated: 0,
      errors: 0,
      validation_errors: [],
    });
    expect(await user("+14155551234")).toMatchObject({
      consent_state: "OPT_IN",
      consent_source: `upload:${body.upload_id}`,
      attributes: { name: "John Doe", city: "San Francisco", tier: "premium" },
    });
    const again = await upload(DOCUMENT);
    expect(again.body).toMatchObject({ processed: 2, created: 0, updated: 2, errors: 0 });
    const read = await fetch(`${PATH}/${body.upload_id}`, { headers: owner.headers });
    expect(await read.json()).toEqual(body);
  });

  it("lists bad rows by number and field, and lands the others", async () => {
    const who = await makeOrganization();
    const { body } = await upload(
      "phone_e164,consent_state,email\n1234,OPT_IN,\n+14155550001,MAYBE,\n\n+14155550002,stop,a@b.co\n,OPT_IN,x\n+14155550003,,nope\n+14155550004,,\n",
      { who },
    );
    expect(body).toMatchObject({ processed: 6, created: 2, updated: 0, errors: 4 });
    expect(body.validation_errors.map(({ row, field }) => `${row} ${field}`)).toEqual([
      "1 phone_e164",
      "2 consent_state",
      "4 phone_e164",
      "4 email",
      "5 email",
    ]);
    expect(await user("+14155550002", who)).toMatchObject({ consent_state: "STOP", email: "a@b.co" });
  });

  it("gives nobody a mail address at which somebody had opted out without opting them out as well", async () => {
    const who = await makeOrganization();
    const head = "phone_e164,email,consent_state\n";
    await upload(`${head}+14155550001,a@b.co,STOP\n+14155550002,c@d.co,STOP\n+14155550003,e@f.co,\n`, { who });
    await fetch("/api/v1/users/+14155550001", { method: "DELETE", headers: who.headers });
    await upload(`${head}+14155550002,new@d.co,\n+14155550003,a@b.co,\n+14155550004,g@h.co,\n`, { who });
    await upload(`${head}+14155550005,C@d.co,\n+14155550006,e@f.co,\n`, { who });
    const states = await Promise.all(["2", "3", "4", "5", "6"].map((n) => user(`+1415555000${n}`, who)));
    expect(states.map((one) => one.consent_state)).toEqual(["STOP", "STOP", "OPT_IN", "STOP", "OPT_IN"]);
    await upload(`${head}+14155550007,a@b.co,OPT_IN\n+14155550008,i@j.co,OPT_IN\n`, { who });
    expect((await user("+14155550008", who)).consent_state).toBe("OPT_IN");
  });

  it("refuses an element that says a thing twice: of two consents none is believed", async () => {
    const who = await makeOrganization();
    const twice = '[{"phone_e164":"+14155550001","consent_state":"STOP","consent_state":"OPT_IN"}]';
    const { body } = await upload(twice, { who, name: "users.json", type: "application/json" });
    expect(body).toMatchObject({ created: 0, errors: 1, validation_errors: [{ row: 1, field: "consent_state" }] });
  });

  it("makes a number that is there twice once, and then changes it", async () => {
    const who = await makeOrganization();
    const { body } = await upload("phone_e164,a,b\n+14155550001,1,\n+14155550002,2,\n+14155550001,3,x\n", { who });
    expect(body).toMatchObject({ processed: 3, created: 2, updated: 1 });
    expect((await user("+14155550001", who)).attributes).toEqual({ a: "3", b: "x" });
  });

  it("without a word on consent never undoes an opt-out, not even of who was deleted", async () => {
    const who = await makeOrganization();
    await upload("phone_e164,consent_state\n+14155550001,STOP\n+14155550002,OPT_OUT\n", { who });
    await fetch("/api/v1/users/+14155550002", { method: "DELETE", headers: who.headers });
    const { body } = await upload("phone_e164,name\n+14155550001,A\n+14155550002,B\n+14155550003,C\n", { who });
    expect(body).toMatchObject({ created: 2, updated: 1 });
    const states = await Promise.all(["1", "2", "3"].map((n) => user(`+1415555000${n}`, who)));
    expect(states.map((one) => [one.consent_state, one.consent_source])).toEqual([
      ["STOP", expect.stringContaining("upload:")],
      ["OPT_OUT", "suppression"],
      ["OPT_IN", null],
    ]);
    await upload("phone_e164,consent_state\n+14155550002,OPT_IN\n", { who });
    expect((await user("+14155550002", who)).consent_state).toBe("OPT_IN");
  });

  it("of JSON is a list of what makes a user", async () => {
    const who = await makeOrganization();
    const { status, body } = await json(
      [
        { phone_e164: "+14155550001", attributes: { age: 7, list: [1] }, tags: ["a"], external_id: "x" },
        { phone_e164: "+14155550002", role: "owner" },
        { phone_e164: 5 },
        "text",
        { phone_e164: "+14155550003", external_id: "x" },
        { phone_e164: "+14155550001", attributes: { age: null }, tags: ["b"] },
      ],
      { who },
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({ processed: 6, created: 1, updated: 1, errors: 4 });
    expect(body.validation_errors.map(({ row, field, message }) => `${row} ${field}: ${message}`)).toEqual([
      "2 role: Unknown field.",
      "3 phone_e164: Must be text.",
      "4 row: Must be an object.",
      "5 external_id: Is another user's.",
    ]);
    expect(await user("+14155550001", who)).toMatchObject({
      attributes: { list: [1] },
      tags: ["a", "b"],
      external_id: "x",
    });
  });

  it("tells of every contact that is new, once", async () => {
    const who = await makeOrganization();
    const { body } = await upload("phone_e164,tags\n+14155550001,a;b\n+14155550002,\n+14155550001,c\n", { who });
    const name = uploadName(who.organizationId, body.upload_id);
    const stub = testEnv.UPLOAD.get(testEnv.UPLOAD.idFromName(name));
    const accepted = await runInDurableObject(stub, (_, { storage }) =>
      storage.sql.exec<{ type: string }>("SELECT event ->> '$.type' AS type FROM pending ORDER BY 1").toArray(),
    );
    const logged = await db
      .prepare("SELECT type FROM events WHERE org_id = ?1 ORDER BY 1")
      .bind(who.organizationId)
      .all<{ type: string }>();
    const types = [...new Set([...accepted, ...logged.results].map(({ type }) => type))].sort();
    expect(types).toEqual(["TAG_ADDED", "USER_CREATED"]);
  });

  it.each([
    ["an empty file", ""],
    ["a file without the column", "name,city\nA,B\n"],
    ["a column that is there twice", "phone_e164,a,a\n+14155550001,1,2\n"],
    ["no list", '{"phone_e164":"+14155550001"}', "users.json"],
  ])("is refused for %s", async (_, file, name = "users.csv") => {
    const { status, body } = await upload(file, { name });
    expect([status, body.error, body.details?.field]).toEqual([400, "validation_error", "file"]);
  });

  it("is refused for a workbook, in words that help", async () => {
    const { status, body } = await upload("PK\x03\x04\x14\0\x06\0", { name: "users.xlsx" });
    expect([status, body.message]).toEqual([400, "Is a workbook or an archive; save the sheet as CSV."]);
  });

  it("is refused without a file, to viewers, and beyond its size", async () => {
    const none = new FormData();
    none.append("other", new File(["x"], "x.csv"));
    expect((await fetch(PATH, { method: "POST", headers: owner.headers, body: none })).status).toBe(400);
    const plain = await fetch(PATH, { method: "POST", headers: owner.headers, body: DOCUMENT });
    expect(plain.status).toBe(400);
    const viewer = await join(owner.organizationId, "viewer-of-uploads", "viewer");
    expect((await upload(DOCUMENT, { who: viewer })).status).toBe(403);
    const large = await upload(new Uint8Array(65 * 1024 * 1024).fill(0x61));
    expect(large.status).toBe(413);
  });

  it.each([
    [
      "without an end",
      "multipart/form-data; boundary=b",
      '--b\r\ncontent-disposition: form-data; name="file"; filename="u.csv"\r\n\r\nphone_e164\r\n+1415',
    ],
    ["without a boundary", "multipart/form-data", DOCUMENT],
    ["with another boundary", "multipart/form-data; boundary=b", "--c\r\n\r\nx\r\n--c--\r\n"],
    ["without anything", "multipart/form-data; boundary=b", ""],
  ])("is refused %s", async (_, type, body) => {
    const answer = await fetch(PATH, { method: "POST", headers: { ...owner.headers, "content-type": type }, body });
    expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([400, "validation_error"]);
  });

  it("belongs to its organisation", async () => {
    const { body } = await upload("phone_e164\n+14155559001\n");
    const stranger = await makeOrganization();
    expect((await fetch(`${PATH}/${body.upload_id}`, { headers: stranger.headers })).status).toBe(404);
  });

  it("goes on after a kill, and neither loses nor doubles a row", async () => {
    const who = await makeOrganization();
    const rows = Array.from({ length: 3_000 }, (_, n) => `+1415556${String(n).padStart(4, "0")},v${n},"two\nlines"`);
    const bad = rows.toSpliced(1_500, 0, "x,y,z");
    const { status, body } = await upload(["phone_e164,a,b", ...bad].join("\r\n"), { who, query: "?wait_seconds=0" });
    expect(status).toBe(202);
    expect(["receiving", "processing", "completed"]).toContain(body.status);
    const name = uploadName(who.organizationId, body.upload_id);
    const stub = testEnv.UPLOAD.get(testEnv.UPLOAD.idFromName(name));
    let seen = { status: "", processed: 0 };
    for (let kills = 0; seen.status !== "completed"; kills++) {
      expect(kills).toBeLessThan(400);
      if (kills < 6) await evictDurableObject(stub).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 60));
      seen = (await (await fetch(`${PATH}/${body.upload_id}`, { headers: who.headers })).json()) as typeof seen;
    }
    expect(seen).toMatchObject({ processed: 3_001, created: 3_000, updated: 0, errors: 1 });
    const total = await db
      .prepare(
        "SELECT (SELECT count(*) FROM contacts WHERE org_id = ?1) AS rows, (SELECT n FROM contact_counts WHERE org_id = ?1) AS n",
      )
      .bind(who.organizationId)
      .first();
    expect(total).toEqual({ rows: 3_000, n: 3_000 });
  });
});
