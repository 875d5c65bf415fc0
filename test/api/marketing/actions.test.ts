// What actions do to the people whom they are about, and what code decides.

import { runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { type ClaimedRuns, runsObjectName } from "../../../src/domain/contact/claim-run.ts";
import { newId } from "../../../src/lib/ids.ts";
import { contactStub } from "../../../src/objects/rpc.ts";
import { db, testEnv } from "../../fixtures/identity.ts";
import { call as request } from "../core/kit.ts";
import { activate, call, make, makeOrganization, runOf, type Tenant, tell, until } from "./kit.ts";

let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});

/** An action for whoever an event of its own is about; `about` tells it and answers the run at its end. */
const acting = async (action: object, parts: { condition_id?: string; extra?: object[] } = {}) => {
  const code = `E${crypto.randomUUID().slice(0, 8)}`;
  await make(owner, "/event-types/", { name: code, code });
  const { id } = await activate(owner, { trigger: { trigger_type: code }, actions: parts.extra ?? [] });
  const { condition_id } = parts;
  await make(owner, "/actions/", { name: "Act", workflow: id, ...action, ...(condition_id && { condition_id }) });
  const about = async (user: object, data: object = {}) =>
    runOf(owner, await tell(owner, { event_type: code, user, data }));
  return { id, about };
};

/** A workflow of the core API with one node behind its start. */
const makeParent = async (node: object): Promise<string> => {
  const nodes = { start: { node_type: "trigger_manual", config: {} }, node };
  const connections = [
    {
      connection_id: "c",
      ...{ from_node_id: "start", from_port_name: "output", to_node_id: "node", to_port_name: "input" },
    },
  ];
  const made = await request(owner, "POST", "/api/v1/workflows", { name: "P", entity_id: 1, nodes, connections });
  const id = made.body.data.workflow_id;
  await request(owner, "POST", `/api/v1/workflows/${id}/publish`, {});
  return id;
};

const updating = (updates: object) => acting({ action_type: "update_user", configuration: { updates } });

const contactOf = async (externalId: string) => {
  const row = await db
    .prepare(
      `SELECT c.name, c.attributes, c.tags, c.timezone, c.phone, c.consent_state AS consent,
         (SELECT json_group_object(k.kind, k.value) FROM identities k WHERE k.org_id = c.org_id AND k.contact_id = c.id) AS identities
       FROM identities i JOIN contacts c ON c.org_id = i.org_id AND c.id = i.contact_id
       WHERE i.org_id = ?1 AND i.kind = 'external_id' AND i.value = ?2`,
    )
    .bind(owner.organizationId, externalId)
    .first<Record<string, string>>();
  const { attributes, tags, identities, ...rest } = row!;
  return { ...rest, attributes: JSON.parse(attributes!), tags: JSON.parse(tags!), identities: JSON.parse(identities!) };
};

const tagEventsOf = async (user: string, type: string): Promise<{ tag: string; depth: number }[]> => {
  const { body } = await call(owner, "GET", `/trigger-event-logs/?user_id=${user}&event_type=${type}`);
  return body.results.map((one: { event_data: { tag: string }; depth: number }) => ({
    tag: one.event_data.tag,
    depth: one.depth,
  }));
};

describe("update_user", () => {
  it("changes the user's own fields, keeps others as attributes, and later actions read them", async () => {
    const { about } = await acting(
      {
        action_type: "custom_code",
        configuration: { code: "u = context['user']\nresult = [u['email'], u['phone'], u['plan'], u['tags']]" },
        order: 2,
      },
      {
        extra: [
          {
            action_type: "update_user",
            configuration: {
              updates: {
                email: "{{event.data.mail}}",
                phone: "+15005550811",
                timezone: "Europe/Berlin",
                name: "Ada Lovelace",
                first_name: "Ada",
                plan: "premium",
                tags: ["vip", "new"],
              },
            },
            order: 1,
          },
        ],
      },
    );
    const run = await about({ id: "own", tags: ["old"], plan: "free" }, { mail: "Ada@Example.com" });
    expect(run).toMatchObject({ status: "COMPLETED" });
    expect(await contactOf("own")).toEqual({
      name: "Ada Lovelace",
      attributes: { plan: "premium", name: "Ada Lovelace", first_name: "Ada" },
      tags: ["vip", "new"],
      timezone: "Europe/Berlin",
      phone: "+15005550811",
      consent: null,
      identities: { external_id: "own", email: "ada@example.com", phone: "+15005550811" },
    });
    const code = run.actions.find((one: { node_type: string }) => one.node_type === "action_code");
    expect(code.result).toEqual({ result: ["ada@example.com", "+15005550811", "premium", ["vip", "new"]] });
    await until(
      () => call(owner, "GET", "/trigger-event-logs/?user_id=own&event_type=TAG_REMOVED"),
      ({ body }) => body.count === 1,
    );
    expect(await tagEventsOf("own", "TAG_REMOVED")).toEqual([{ tag: "old", depth: 1 }]);
    expect(await tagEventsOf("own", "TAG_ADDED")).toEqual(
      expect.arrayContaining([
        { tag: "new", depth: 1 },
        { tag: "vip", depth: 1 },
      ]),
    );
  });

  it("removes what is null", async () => {
    const { about } = await updating({ email: null, phone: null, timezone: null, tags: null, plan: null });
    const user = {
      id: "bare",
      email: "bare@example.com",
      phone: "+15005550812",
      timezone: "UTC",
      tags: ["a"],
      plan: 1,
    };
    expect(await about(user)).toMatchObject({ status: "COMPLETED" });
    expect(await contactOf("bare")).toMatchObject({
      ...{ attributes: {}, tags: [], timezone: null, phone: null, identities: { external_id: "bare" } },
    });
  });

  it.each([
    ["a phone that somebody else has", { phone: "+15005550813" }, "already exists"],
    ["an email that somebody else has", { email: "taken@example.com" }, "already exists"],
    ["no email", { email: "{{event.data.mail}}" }, "email: Not an email address."],
    ["no number", { phone: "0912" }, "phone: Invalid phone number format"],
    ["no zone", { timezone: "Mars/North" }, "timezone: Not a time zone."],
    ["no tags", { tags: [["x"]] }, "tags: Must be a list of texts."],
  ])("fails, and changes nothing, with %s", async (_, updates, message) => {
    await tell(owner, {
      event_type: "SCHEDULED",
      user: { id: "taker", phone: "+15005550813", email: "taken@example.com" },
    });
    const { about } = await updating({ ...updates, plan: "gold" });
    const run = await about({ id: "refused" }, { mail: "nowhere" });
    expect(run).toMatchObject({ status: "FAILED", error_message: expect.stringContaining(message) });
    expect((await contactOf("refused")).attributes).toEqual({});
  });

  it.each(["id", "consent_state", "created_at"])("is not saved when it would change %s", async (name) => {
    const configuration = { updates: { [name]: "OPT_IN" } };
    const refused = await call(owner, "POST", "/actions/", { name: "U", action_type: "update_user", configuration });
    expect(refused).toMatchObject({
      status: 400,
      body: { [`configuration.updates.${name}`]: ["This field cannot be changed."] },
    });
  });
});

describe("a condition's code", () => {
  it.each([
    ["python", "result = '0'", true],
    ["python", "result = 'false'", true],
    ["python", "result = 0.0", false],
    ["python", "result = set()", false],
    ["javascript", "result = []", true],
    ["javascript", "result = ''", false],
  ])("decides as %s has it: %s", async (language, custom_code, runs) => {
    const condition = { name: "C", use_custom_code: true, custom_code, language };
    const condition_id = await make(owner, "/conditions/", condition);
    const { about } = await acting({ action_type: "add_note", configuration: { note: "asked" } }, { condition_id });
    const run = await about({ id: "asked" });
    expect(run.status).toBe("COMPLETED");
    expect(run.actions.some((one: { node_type: string }) => one.node_type === "action_add_note")).toBe(runs);
  });
});

describe("code that would not do what it says elsewhere", () => {
  const CODE = "x = 1\nimport os\nresult = x";

  it("is saved with warnings that name the line, at each save", async () => {
    const condition = { name: "C", use_custom_code: true, custom_code: CODE };
    const action = { name: "A", action_type: "custom_code", configuration: { code: CODE } };
    for (const [path, body, field] of [
      ["/conditions/", condition, "custom_code"],
      ["/actions/", action, "configuration.code"],
    ] as const) {
      const made = await call(owner, "POST", path, body);
      const warning = { field, message: expect.any(String), line: 2 };
      expect(made).toMatchObject({ status: 201, body: { warnings: expect.arrayContaining([warning]) } });
      for (const method of ["PUT", "PATCH"])
        expect((await call(owner, method, `${path}${made.body.id}/`, body)).body.warnings).toEqual(made.body.warnings);
      expect((await call(owner, "GET", `${path}${made.body.id}/`)).body).not.toHaveProperty("warnings");
    }
  });
});

describe("a workflow's bounds for a user", () => {
  const bounded = async () =>
    (await activate(owner, { trigger: { trigger_type: "TAG_REMOVED" }, actions: [], workflow: { max_executions: 1 } }))
      .id;
  const execute = (id: string, user: string) =>
    call(owner, "POST", `/workflows/${id}/execute/`, { context: { user: { id: user } } });

  it("hold for those whom another workflow's run starts it for", async () => {
    const workflow_id = await bounded();
    const sub = { node_type: "action_subworkflow", config: { workflow_id, wait: true, variables: {} } };
    const parent = await makeParent(sub);
    const run = async () =>
      runOf(owner, { matched_workflows: [{ execution_id: (await execute(parent, "child")).body.execution_id }] });
    expect(await run()).toMatchObject({ status: "COMPLETED" });
    expect(await run()).toMatchObject({
      status: "FAILED",
      error_message: expect.stringContaining("1 of the 1 executions"),
    });
    expect(await execute(workflow_id, "child")).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining("1 of the 1") },
    });
    expect((await execute(workflow_id, "another")).status).toBe(200);
  });

  it("give back what was claimed for a run that never began", async () => {
    const id = await bounded();
    expect((await execute(id, "lost")).status).toBe(200);
    expect((await execute(id, "lost")).status).toBe(400);
    const contact = await db
      .prepare("SELECT contact_id AS id FROM identities WHERE org_id = ?1 AND value = 'lost'")
      .bind(owner.organizationId)
      .first<string>("id");
    const stub = contactStub(testEnv, runsObjectName(owner.organizationId, contact!)) as unknown as DurableObjectStub;
    // Somebody claimed it two minutes ago, and died.
    const age = (executionId?: string) =>
      runInDurableObject(stub, (_, { storage }) => {
        const key = `runs:${id}`;
        const runs = storage.kv.get<ClaimedRuns>(key)!;
        const at = Date.now() - 120_000;
        const [first] = runs.unsure!;
        const known = executionId ?? first!.executionId;
        storage.kv.put(key, { ...runs, recent: [known], unsure: [{ executionId: known, at, before: 0 }] });
      });
    await age();
    expect((await execute(id, "lost")).status).toBe(400);
    await runInDurableObject(stub, (_, { storage }) => {
      expect(storage.kv.get<ClaimedRuns>(`runs:${id}`)).toMatchObject({ count: 1, unsure: [] });
    });
    await age(newId());
    expect((await execute(id, "lost")).status).toBe(200);
    expect((await execute(id, "lost")).status).toBe(400);
  });
});

it("events that cause each other end at depth 10, and the log says so", async () => {
  const mine = [{ field: "event.data.tag", operator: "equals", value: "ping" }];
  const when = (trigger_type: string, action: object) =>
    activate(owner, { trigger: { trigger_type, filters: mine }, actions: [action] });
  await when("TAG_ADDED", { action_type: "remove_tag", configuration: { tag_name: "ping" } });
  await when("TAG_REMOVED", { action_type: "update_user", configuration: { updates: { tags: ["ping"] } } });
  await tell(owner, { event_type: "SCHEDULED", user: { id: "loop", tags: ["ping"] } });
  const last = await until(
    () => call(owner, "GET", "/trigger-event-logs/?user_id=loop&page_size=100"),
    ({ body }) => body.results.some((one: { depth: number; processed: boolean }) => one.depth === 10 && one.processed),
    20_000,
  );
  const chain = last.body.results.filter((one: { event_type: string }) => one.event_type.startsWith("TAG_"));
  expect(chain.map((one: { depth: number }) => one.depth)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  expect(chain[0]).toMatchObject({ matched_workflows: [], message: expect.stringContaining("10") });
  expect(chain[1]).toMatchObject({ matched_workflows: [expect.any(Object)], message: null });
});
