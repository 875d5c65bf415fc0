// Segments over HTTP, over contacts that come by every way: the document's shapes, who is in, and what is refused by its place.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { changeConsent } from "../../../src/domain/contact/change-consent.ts";
import { addTag, updateContact } from "../../../src/domain/contact/change-contact.ts";
import { audiencePage } from "../../../src/domain/segment/audience.ts";
import { testApp } from "../../fixtures/app.ts";
import { db, join, makeOrganization, type Tenant } from "../../fixtures/identity.ts";

const inbox = { accept: async ({ id }: { id: string }) => ({ eventId: id, duplicate: false }) };
const contacts = { forget: async () => {}, claimRun: async () => ({ allowed: true }) as const };
const { fetch, limiter } = testApp({ ports: { inbox, contacts } });
let owner: Tenant;
const ids: Record<string, string> = {};

const call = async (method: string, path: string, body?: unknown, who = owner) => {
  const response = await fetch(`/api/v1${path}`, {
    method,
    headers: who.headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what is tested
  return { status: response.status, body: (await response.json()) as any };
};
const condition = (attribute: string, operator: string, value?: unknown) => ({ attribute, operator, value });
const make = async (filter_criteria: unknown, who = owner) =>
  (await call("POST", "/segments", { name: "s", filter_criteria }, who)).body;
/** The last digits of those who are in. */
const whoIsIn = async (filter_criteria: unknown): Promise<string> => {
  const segment = await make(filter_criteria);
  const { body } = await call("POST", `/segments/${segment.id}/evaluate`);
  expect(body.matching_users).toBe(body.sample_users.length);
  return body.sample_users
    .map((phone: string) => phone.at(-1))
    .sort()
    .join("");
};
const step = (key: string) => ({
  key,
  executionId: "e",
  organizationId: owner.organizationId,
  workflowId: "w",
  versionId: "v",
  startedAt: 1,
  eventDepth: 0,
  signal: new AbortController().signal,
});
const world = { db, inbox, now: Date.now };

const PEOPLE = [
  { attributes: { city: "San Francisco", tier: "premium", score: 10 }, consent_state: "OPT_IN", tags: ["vip"] },
  { attributes: { city: "San Francisco", tier: "standard", score: "9.5" }, consent_state: "OPT_OUT" },
  { attributes: { city: "Austin", tier: "premium", signup_date: "2024-03-01" }, tags: ["vip", "10"] },
  { attributes: { city: "50%_off", signup_date: "2023-12-31T23:59:59Z" } },
];

beforeAll(async () => {
  owner = await makeOrganization();
  for (const [index, one] of PEOPLE.entries()) {
    const { body } = await call("POST", "/users", { phone_e164: `+1415555000${index + 1}`, ...one });
    ids[index + 1] = body.id;
  }
});
beforeEach(() => limiter.clear());

describe("a segment", () => {
  const PREMIUM = {
    operator: "AND",
    conditions: [condition("city", "equals", "San Francisco"), condition("tier", "equals", "premium")],
  };

  it("is made with its size, read, changed, listed, evaluated and deleted, in the document's shapes", async () => {
    const made = await call("POST", "/segments", {
      name: "Premium SF Users",
      description: "Premium tier users in San Francisco",
      filter_criteria: PREMIUM,
    });
    expect(made).toMatchObject({
      status: 201,
      body: { name: "Premium SF Users", filter_criteria: PREMIUM, estimated_audience_size: 1 },
    });
    const { id } = made.body;
    const evaluated = await call("POST", `/segments/${id}/evaluate`);
    expect(evaluated.body).toEqual({
      segment_id: id,
      matching_users: 1,
      sample_users: ["+14155550001"],
      evaluation_time_ms: expect.any(Number),
    });
    const changed = await call("PUT", `/segments/${id}`, { filter_criteria: condition("tier", "exists", true) });
    expect(changed.body).toMatchObject({ name: "Premium SF Users", estimated_audience_size: 3 });
    const list = await call("GET", "/segments?per_page=1");
    expect(list.body).toMatchObject({
      total: 1,
      segments: [{ id, description: "Premium tier users in San Francisco" }],
    });
    expect((await call("GET", `/segments/${id}`)).body.filter_criteria).toEqual(condition("tier", "exists", true));
    expect((await call("DELETE", `/segments/${id}`)).status).toBe(200);
    expect((await call("GET", `/segments/${id}`)).status).toBe(404);
  });

  it.each([
    ["a condition alone", condition("city", "equals", "Austin"), "3"],
    ["a text and its part, % and _ plain", condition("city", "contains", "%_o"), "4"],
    ["a number and the text of one", condition("score", "greater_than", 9), "12"],
    ["a text that is a number", condition("score", "less_than", "10"), "2"],
    ["in", condition("city", "in", ["Austin", "50%_off"]), "34"],
    ["not equal, or missing", condition("tier", "not_equals", "premium"), "24"],
    ["before and after", condition("signup_date", "after", "2024-01-01"), "3"],
    ["before", condition("signup_date", "before", "2024-01-01"), "4"],
    ["missing", condition("tier", "exists", false), "4"],
    ["consent", condition("consent_state", "equals", "OPT_IN"), "134"],
    ["consent withdrawn", condition("consent_state", "in", ["OPT_OUT", "STOP"]), "2"],
    ["a tag", condition("tags", "contains", "vip"), "13"],
    ["a tag that looks like a number", condition("tags", "equals", 10), "3"],
    ["no tags", condition("tags", "exists", false), "24"],
    ["a number of a phone", condition("phone_e164", "equals", "+14155550003"), "3"],
    ["when they came", condition("created_at", "after", "2020-01-01"), "1234"],
    ["when they did not come yet", condition("created_at", "greater_than", "2120-01-01"), ""],
    [
      "or, not, nested",
      {
        operator: "OR",
        conditions: [
          { operator: "NOT", conditions: [condition("city", "exists", true)] },
          {
            operator: "AND",
            conditions: [condition("tags", "contains", "vip"), condition("city", "equals", "Austin")],
          },
        ],
      },
      "3",
    ],
  ])("of %s", async (_, criteria, expected) => {
    expect(await whoIsIn(criteria)).toBe(expected);
  });

  it("follows whoever writes: steps of workflows, tags, words of opting out", async () => {
    const mine = condition("plan", "equals", "gold");
    expect(await whoIsIn(mine)).toBe("");
    await updateContact(world, step("e:u:1"), ids[4]!, { plan: "gold", city: "Lyon" });
    expect(await whoIsIn(mine)).toBe("4");
    expect(await whoIsIn(condition("city", "equals", "50%_off"))).toBe("");
    await addTag(world, step("e:t:1"), ids[4]!, "late");
    expect(await whoIsIn(condition("tags", "contains", "late"))).toBe("4");
    await changeConsent(db, {
      organizationId: owner.organizationId,
      contactId: ids[4]!,
      state: "STOP",
      source: "keyword:STOP",
      onlyOptedOut: false,
      at: Date.now(),
    });
    expect(await whoIsIn(condition("consent_state", "equals", "STOP"))).toBe("4");
    await call("PUT", "/users/+14155550004", { attributes: { plan: null, city: "50%_off" } });
    expect(await whoIsIn(mine)).toBe("");
    expect(await whoIsIn(condition("city", "equals", "50%_off"))).toBe("4");
  });

  it("is read page by page in the order of ids", async () => {
    const everybody = { operator: "and" as const, conditions: [] };
    const read: string[] = [];
    for (let after = ""; ; after = read.at(-1)!) {
      const page = await audiencePage(db, owner.organizationId, everybody, Date.now(), after, 3);
      read.push(...page);
      if (page.length < 3) break;
    }
    expect(read).toEqual(Object.values(ids).sort());
  });

  it("holds nobody of another organisation, and nobody without a number", async () => {
    const stranger = await makeOrganization();
    expect((await make(condition("city", "exists", true), stranger)).estimated_audience_size).toBe(0);
    await db
      .prepare("INSERT INTO contacts (org_id, id, created_at, updated_at) VALUES (?1, 'room', 1, 1)")
      .bind(stranger.organizationId)
      .run();
    expect((await make(condition("city", "exists", false), stranger)).estimated_audience_size).toBe(0);
  });

  it("stays while a campaign needs it", async () => {
    const segment = await make(condition("city", "exists", true));
    const template = await call("POST", "/templates", { name: "t", content: "Hi" });
    await call("POST", "/campaigns", { name: "c", template_id: template.body.id, segment_id: segment.id });
    expect((await call("DELETE", `/segments/${segment.id}`)).status).toBe(409);
  });
});

describe("filter_criteria", () => {
  const of = (criteria: unknown) => call("POST", "/segments", { name: "s", filter_criteria: criteria });
  const deep = (depth: number): unknown =>
    depth === 0 ? condition("a", "exists") : { operator: "AND", conditions: [deep(depth - 1)] };

  it.each([
    ["missing", undefined, "filter_criteria"],
    ["a list", [], "filter_criteria"],
    ["null", null, "filter_criteria"],
    ["an unknown operator", condition("a", "like", "x"), "filter_criteria.operator"],
    ["another API's operator", condition("a", "regex", "x"), "filter_criteria.operator"],
    ["no attribute", { operator: "equals", value: 1 }, "filter_criteria.attribute"],
    ["no value", { attribute: "a", operator: "equals" }, "filter_criteria.value"],
    ["an unknown field", { ...condition("a", "exists"), sql: "1" }, "filter_criteria.sql"],
    ["no list where one is needed", condition("a", "in", "x"), "filter_criteria.value"],
    ["no time where one is needed", condition("a", "after", "soon"), "filter_criteria.value"],
    ["exists of a text", condition("a", "exists", "yes"), "filter_criteria.value"],
    ["a consent that nobody has", condition("consent_state", "equals", "opted"), "filter_criteria.value"],
    ["an order of tags", condition("tags", "greater_than", 1), "filter_criteria.operator"],
    [
      "NOT of two",
      { operator: "NOT", conditions: [condition("a", "exists"), condition("b", "exists")] },
      "filter_criteria.conditions",
    ],
    ["an empty group", { operator: "AND", conditions: [] }, "filter_criteria.conditions"],
    ["a group of what", { operator: "XOR", conditions: [condition("a", "exists")] }, "filter_criteria.operator"],
    [
      "a place deep inside",
      {
        operator: "AND",
        conditions: [condition("a", "exists"), { operator: "NOT", conditions: [condition("b", "nope")] }],
      },
      "filter_criteria.conditions.1.conditions.0.operator",
    ],
    [
      "more looks into everybody's texts than the others' database bears",
      {
        operator: "OR",
        conditions: [
          condition("tags", "contains", "vip"),
          ...Array.from({ length: 21 }, (_, index) => condition("a", "contains", `x${index}`)),
        ],
      },
      "filter_criteria.conditions.21.operator",
    ],
    ["too deep a tree", deep(12), `filter_criteria${".conditions.0".repeat(10)}`],
  ])("is refused for %s", async (_, criteria, field) => {
    const { status, body } = await of(criteria);
    expect([status, body.error, body.details?.field]).toEqual([400, "validation_error", field]);
  });

  it("may be as wide as it is allowed to be", async () => {
    const many = Array.from({ length: 199 }, (_, n) =>
      condition(
        `a${n}`,
        "in",
        Array.from({ length: 5 }, (_, v) => `v${v}`),
      ),
    );
    expect((await of({ operator: "OR", conditions: many })).status).toBe(201);
    const long = condition(
      "a",
      "in",
      Array.from({ length: 1_000 }, (_, v) => `v${v}`),
    );
    expect((await of(long)).status).toBe(201);
    expect((await of({ operator: "OR", conditions: [...many, ...many] })).status).toBe(400);
  });

  it("is read by viewers and written by editors", async () => {
    const viewer = await join(owner.organizationId, "viewer-of-segments", "viewer");
    const body = { name: "s", filter_criteria: condition("a", "exists") };
    expect((await call("POST", "/segments", body, viewer)).status).toBe(403);
    expect((await call("GET", "/segments", undefined, viewer)).status).toBe(200);
  });
});
