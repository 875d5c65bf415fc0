// What somebody may say with an event that they tell us of, and what they may not: consent, answers and statuses are said by providers alone.
import { beforeAll, describe, expect, it } from "vitest";
import { HOP_HEADER } from "../../../src/lib/egress.ts";
import { db, join } from "../../fixtures/identity.ts";
import { activate, call, make, makeOrganization, runOf, type Tenant, tell, until } from "./kit.ts";

let owner: Tenant;
beforeAll(async () => {
  owner = await makeOrganization();
});

const message = (user_id: string, data: object) => ({ event_type: "MESSAGE_RECEIVED", user_id, data });
const WAIT = { action_type: "wait", configuration: { duration: 1, unit: "hours" } };
const NOTE = { action_type: "send_message", configuration: { message: "Hello" } };

describe("a message that is told", () => {
  const wanted = (field: string, value: string) => ({ field: `event.data.${field}`, operator: "equals", value });

  it("has the fields that its type promises, whatever its data leave out", async () => {
    const conditions = [
      wanted("user_id", "customer-9"),
      wanted("conversation_id", "conv-9"),
      wanted("source", "api"),
      { field: "event.data.timestamp", operator: "after", value: "2026-01-01" },
    ];
    const { id } = await activate(owner, {
      trigger: { trigger_type: "MESSAGE_RECEIVED", filters: { operator: "and", conditions } },
      actions: [{ action_type: "add_tag", configuration: { tag_name: "{{event.data.conversation_id}}" } }],
    });
    const data = { message_id: "m-9", content: "Hello" };
    const event = { ...message("customer-9", data), conversation_id: "conv-9" };
    const log = await tell(owner, event);
    expect(log).toMatchObject({ event_data: data, matched_workflows: [{ workflow_id: id }] });
    const { actions } = await runOf(owner, log);
    expect(actions.map(({ result }: { result: object }) => result)).toContainEqual({
      changed: true,
      tag_name: "conv-9",
    });
    // What its data say themselves is not overruled.
    const other = await tell(owner, { ...event, data: { ...data, source: "shop" } });
    expect(other.unmatched_workflows).toMatchObject([{ failed_condition: { actual: "shop" } }]);
    await call(owner, "POST", `/workflows/${id}/archive/`);
  });
});

describe("the user of an event", () => {
  it("has the email that only an attribute of theirs says, until they have one of their own", async () => {
    const action = { action_type: "add_tag", configuration: { tag_name: "{{user.email}}" } };
    await make(owner, "/event-types/", { name: "Asked", code: "ASKED" });
    await activate(owner, { trigger: { trigger_type: "ASKED" }, actions: [action] });
    const tagAfter = async (user: object) => {
      const { actions } = await runOf(owner, await tell(owner, { event_type: "ASKED", user_id: "asked", user }));
      return actions.find((one: { node_type: string }) => one.node_type === "action_add_tag").result.tag_name;
    };
    expect(await tagAfter({ attributes: { email: "said@example.com" } })).toBe("said@example.com");
    expect(await tagAfter({ email: "own@example.com" })).toBe("own@example.com");
  });

  it("may have an email that is somebody else's already: it stays theirs, and is what an attribute says here", async () => {
    const action = { action_type: "add_tag", configuration: { tag_name: "{{user.id}}: {{user.email}}" } };
    await make(owner, "/event-types/", { name: "Shared", code: "SHARED" });
    const { id } = await activate(owner, { trigger: { trigger_type: "SHARED" }, actions: [action] });
    const tagAfter = async (user: object) => {
      const { actions } = await runOf(owner, await tell(owner, { event_type: "SHARED", user }));
      return actions.find((one: { node_type: string }) => one.node_type === "action_add_tag").result.tag_name;
    };
    expect(await tagAfter({ id: "first", email: "shared@example.com" })).toBe("first: shared@example.com");
    for (let time = 0; time < 2; time++)
      expect(await tagAfter({ id: "second", email: "Shared@example.com" })).toBe("second: Shared@example.com");
    expect(await tagAfter({ email: "shared@example.com" })).toBe("first: shared@example.com");
    const context = { user: { id: "third", email: "shared@example.com" } };
    expect(await call(owner, "POST", `/workflows/${id}/execute/`, { context })).toMatchObject({ status: 200 });
  });
});

describe("an event that is told twice", () => {
  it("is one by its Idempotency-Key, also at once", async () => {
    await make(owner, "/event-types/", { name: "Paid", code: "PAID" });
    const { id } = await activate(owner, { trigger: { trigger_type: "PAID" }, actions: [] });
    const event = { event_type: "PAID", user_id: "payer", data: { n: 1 } };
    const headers = { "idempotency-key": "payment-1" };
    const logs = await Promise.all(Array.from({ length: 3 }, () => tell(owner, event, headers)));
    const later = await tell(owner, event, headers);
    expect(new Set([...logs, later].map((log) => log.id)).size).toBe(1);
    for (const another of [
      { ...event, data: { n: 2 } },
      { ...event, user_id: "somebody" },
    ]) {
      const refused = await call(owner, "POST", "/triggers/process_event/", another, headers);
      expect(refused).toMatchObject({ status: 422, body: { "Idempotency-Key": [expect.any(String)] } });
    }
    const other = await tell(owner, event, { "idempotency-key": "payment-2" });
    expect(other.id).not.toBe(later.id);
    const runs = await until(
      () => call(owner, "GET", `/workflows/${id}/executions/?status=COMPLETED`),
      ({ body }) => body.count === 2,
    );
    expect(runs.body.count).toBe(2);
  });

  it("is told again when it was kept and nobody heard of it", async () => {
    const headers = { "idempotency-key": "lost" };
    const { id } = await tell(owner, message("lost", {}), headers);
    const lose = "UPDATE events SET outcome = json_object('started', json('[]'), 'stopped', 'refused') WHERE id = ?1";
    await db.prepare(lose).bind(id).run();
    const again = await call(owner, "POST", "/triggers/process_event/", message("lost", {}), headers);
    expect(again.body).toMatchObject({ success: true, event_log_id: id });
    const sql = "SELECT outcome ->> 'stopped' AS stopped FROM events WHERE id = ?1";
    expect(await db.prepare(sql).bind(id).first("stopped")).toBeNull();
  });

  it.each(["", "two words", "x".repeat(256)])("is refused with a key that is none: %j", async (key) => {
    const refused = await call(owner, "POST", "/triggers/process_event/", message("k", {}), { "idempotency-key": key });
    expect(refused).toMatchObject({ status: 400, body: { "Idempotency-Key": [expect.any(String)] } });
  });
});

describe("an event that claims more than its teller may say", () => {
  it("withdraws nobody's consent, ends nothing, and its words start what they start", async () => {
    const { id } = await activate(owner, {
      trigger: {
        trigger_type: "MESSAGE_RECEIVED",
        filters: [{ field: "event.data.content", operator: "equals", value: "begin" }],
      },
      actions: [WAIT, NOTE],
    });
    const { matched_workflows } = await tell(owner, message("forged", { content: "begin" }));
    const execution = matched_workflows[0].execution_id;
    const forged = { content: "STOP", consent: "opt_out", provider_answered: true, ended: [execution] };
    const log = await tell(
      owner,
      message("forged", { ...forged, reply: { outcome: "answered", execution_id: execution } }),
    );
    expect(log.message).toBeNull();
    expect(log.event_data).toMatchObject(forged);
    const run = await call(owner, "GET", `/workflow-executions/${execution}/`);
    expect(run.body).toMatchObject({ workflow: id, completed_at: null });
    const sql =
      "SELECT c.consent_state AS state FROM contacts c JOIN identities i ON i.org_id = c.org_id AND i.contact_id = c.id WHERE i.value = 'forged'";
    expect(await db.prepare(sql).first("state")).toBeNull();
  });

  it("is no answer to a template that it names itself", async () => {
    const log = await tell(owner, message("template", { content: "yes", template_ids: ["HX1"], template_id: "HX1" }));
    expect(log).toMatchObject({ matched_workflows: [], status: "PROCESSED" });
  });

  it("changes no message's status, no schedule and no webhook", async () => {
    const data = {
      message_id: "m",
      provider_id: "SM1",
      status: "failed",
      error_class: "consent",
      next_at: "2020-01-01",
    };
    for (const event_type of ["MESSAGE_STATUS", "SCHEDULED", "WEBHOOK_RECEIVED", "MANUAL_TRIGGER"])
      expect((await tell(owner, { event_type, user_id: "status", data })).source).toBe("api");
    const sql = "SELECT count(*) AS n FROM messages m JOIN contacts c ON c.id = m.contact_id WHERE c.org_id = ?1";
    expect(await db.prepare(sql).bind(owner.organizationId).first("n")).toBe(0);
  });

  it("does nothing to somebody else's conversation", async () => {
    const stranger = await tell(owner, { event_type: "SCHEDULED", user_id: "stranger" });
    const find = "SELECT contact_id AS id FROM events WHERE id = ?1";
    const contact = await db.prepare(find).bind(stranger.id).first<string>("id");
    await db
      .prepare(
        `INSERT INTO conversations (org_id, id, contact_id, channel, status, created_at, updated_at)
         VALUES (?1, 'theirs', ?2, 'inapp', 'open', 1, 1)`,
      )
      .bind(owner.organizationId, contact)
      .run();
    await make(owner, "/event-types/", { name: "Close", code: "CLOSE" });
    await activate(owner, {
      trigger: { trigger_type: "CLOSE" },
      actions: [{ action_type: "set_conversation_status", configuration: { status: "closed" } }],
    });
    const log = await tell(owner, { event_type: "CLOSE", user_id: "closer", conversation_id: "theirs" });
    await until(
      () => call(owner, "GET", `/workflow-executions/${log.matched_workflows[0].execution_id}/`),
      ({ body }) => body.status === "FAILED",
    );
    const sql = "SELECT status FROM conversations WHERE id = 'theirs'";
    expect(await db.prepare(sql).first("status")).toBe("open");
  });

  it.each([
    ['{"event_type":"MESSAGE_RECEIVED","user_id":"odd","data":{"toString":1,"valueOf":{},"content":{"a":[1]}}}', 200],
    ['{"event_type":"MESSAGE_RECEIVED","user_id":"odd","user":{"hasOwnProperty":1,"toString":"x"}}', 200],
    ['{"event_type":"toString","data":{}}', 400],
    ['{"event_type":"__proto__","data":{}}', 400],
    ['{"event_type":"constructor","data":{}}', 400],
    ['{"event_type":"MESSAGE_RECEIVED/reply","data":{}}', 400],
    ['{"event_type":"MESSAGE_RECEIVED","user":{"tags":[{"toString":1}]},"user_id":"odd"}', 400],
    ['{"event_type":"MESSAGE_RECEIVED","user":{"email":{"toString":1}},"user_id":"odd"}', 400],
  ])("is judged, whatever it is made of: %s", async (body, status) => {
    expect((await call(owner, "POST", "/triggers/process_event/", body)).status).toBe(status);
  });

  it.each(["__proto__", "constructor", "prototype"])("puts nothing into prototypes by %s", async (name) => {
    const body = `{"event_type":"MESSAGE_RECEIVED","user_id":"odd","data":{"${name}":{"polluted":1}},"user":{"${name}":{"polluted":1}}}`;
    const { status } = await call(owner, "POST", "/triggers/process_event/", body);
    expect([200, 400]).toContain(status);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

it("carries how often what it tells of has passed through here", async () => {
  const hop = (count: string) => tell(owner, message("hop", {}), { [HOP_HEADER]: count });
  expect((await hop("3")).depth).toBe(3);
  expect((await hop("none")).depth).toBe(0);
});

it("says nothing in its log of workflows that are hidden from whoever reads", async () => {
  const who = await makeOrganization();
  const member = await join(who.organizationId, "a-member", "viewer");
  const heard = { actions: [], trigger: { trigger_type: "MESSAGE_RECEIVED" } };
  const [shown, hidden] = [await activate(who, heard), await activate(who, heard)];
  const missed = await activate(who, {
    ...heard,
    trigger: { ...heard.trigger, filters: [{ field: "event.data.content", operator: "equals", value: "no" }] },
  });
  for (const { id } of [hidden, missed])
    await db
      .prepare("INSERT INTO workflow_permissions VALUES (?1, ?2, 'a-member', 0, 0, 0, 0)")
      .bind(who.organizationId, id)
      .run();
  const log = await tell(who, message("hears", { content: "yes" }));
  const idsOf = (rows: { workflow_id: string }[]) => rows.map(({ workflow_id }) => workflow_id).sort();
  expect(idsOf(log.matched_workflows)).toEqual([shown.id, hidden.id].sort());
  expect(idsOf(log.unmatched_workflows)).toEqual([missed.id]);
  const one = (await call(member, "GET", `/trigger-event-logs/${log.id}/`)).body;
  const all = (await call(member, "GET", "/trigger-event-logs/?event_type=MESSAGE_RECEIVED")).body.results;
  for (const seen of [one, ...all]) {
    expect(idsOf(seen.matched_workflows)).toEqual([shown.id]);
    expect(seen.unmatched_workflows).toEqual([]);
  }
});

it("begins no chain anew when it is asked to execute", async () => {
  const who = await makeOrganization();
  const webhook = { action_type: "webhook", configuration: { url: "https://example.com/", method: "POST" } };
  const { id } = await activate(who, { trigger: { trigger_type: "MESSAGE_RECEIVED" }, actions: [webhook] });
  const { body } = await call(who, "POST", `/workflows/${id}/execute/`, {}, { [HOP_HEADER]: "5" });
  expect(body).toMatchObject({ success: true });
  const run = await runOf(who, { matched_workflows: [{ execution_id: body.execution_id }] });
  expect(run).toMatchObject({ status: "FAILED", error_message: expect.stringContaining("a loop") });
  const logs = await call(who, "GET", "/trigger-event-logs/?event_type=MANUAL_TRIGGER");
  expect(logs.body.results).toMatchObject([{ depth: 5 }]);
});
