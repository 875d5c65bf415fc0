// A workflow tried on what really happened: who would have got what, by the draft and by what is published, and what the gates of that time would have
// said. Nothing is sent, started or written.
import { beforeAll, describe, expect, it } from "vitest";
import { backtest } from "../../../src/api/enhanced/executions/backtest-schema.ts";
import { credentialsField } from "../../../src/domain/channel/channel.ts";
import { conversationIdOf } from "../../../src/domain/conversation/conversation-id.ts";
import { newId } from "../../../src/lib/ids.ts";
import { makePorts } from "../../../src/objects/ports.ts";
import { db, makeOrganization, type Tenant, testEnv } from "../../fixtures/identity.ts";
import { call } from "../core/kit.ts";

const DAY = 86_400_000;
const HOUR = 3_600_000;
/** A Monday, 09:00 UTC. */
const MONDAY = Date.UTC(2026, 10, 9, 9);

let owner: Tenant;
let people = 15_550_200_000;
beforeAll(async () => {
  owner = await makeOrganization();
  await channel("sms");
});

const channel = async (kind: "sms" | "whatsapp") => {
  const id = newId();
  const { organizationId } = owner;
  const { secrets } = makePorts(testEnv);
  const sealed = await secrets.encrypt(organizationId, credentialsField(id), JSON.stringify({ authToken: "t" }));
  await db
    .prepare(
      `INSERT INTO channels (org_id, id, kind, provider, name, sender, credentials_sealed, settings, rate, created_by, created_at, updated_at)
       VALUES (?1, ?2, ?3, 'twilio', 'c', ?4, ?5, '{"accountSid":"AC1"}', 1, 'test', 1, 1)`,
    )
    .bind(organizationId, id, kind, kind === "sms" ? "+15550001111" : "+15550002222", sealed)
    .run();
  return id;
};

/** Somebody with a number, who said these things of consent at these times. */
const person = async (name: string, said: [state: string, at: number][] = []) => {
  const id = newId(1);
  const { organizationId } = owner;
  await db.batch([
    db
      .prepare(
        "INSERT INTO contacts (org_id, id, name, attributes, created_at, updated_at) VALUES (?1, ?2, ?3, '{}', 1, 1)",
      )
      .bind(organizationId, id, name),
    db
      .prepare("INSERT INTO identities (org_id, kind, value, contact_id) VALUES (?1, 'phone', ?2, ?3)")
      .bind(organizationId, `+${++people}`, id),
    ...said.map(([state, at]) =>
      db
        .prepare("UPDATE contacts SET consent_state = ?3, consent_updated_at = ?4 WHERE org_id = ?1 AND id = ?2")
        .bind(organizationId, id, state, at),
    ),
  ]);
  return id;
};

const happened = async (
  type: string,
  contactId: string,
  at: number,
  data: object = {},
  more: { conversationId?: string } = {},
) => {
  const id = newId(at);
  await db
    .prepare(
      `INSERT INTO events (org_id, id, type, source, contact_id, conversation_id, data, occurred_at, received_at, depth)
       VALUES (?1, ?2, ?3, 'test', ?4, ?5, ?6, ?7, ?7, 0)`,
    )
    .bind(owner.organizationId, id, type, contactId, more.conversationId ?? null, JSON.stringify(data), at)
    .run();
  return id;
};

const node = (id: string, type: string, config: object = {}) => ({
  id,
  type,
  position: { x: 0, y: 0 },
  data: { label: id, config },
});
const chain = (...nodes: ReturnType<typeof node>[]) => ({
  nodes,
  edges: nodes.slice(1).map((to, index) => ({ id: `e${index}`, source: nodes[index]!.id, target: to.id })),
});

const say = (message: string) => chain(node("say", "action_chat_message", { message }));

const active = async (workflowData: object, triggerConfig: object, more: object = {}): Promise<string> => {
  const { status, body } = await call(owner, "POST", "/api/v2/workflows", {
    ...{
      name: "W",
      workflowData,
      triggerType: "trigger_event",
      triggerConfig,
      settings: {},
      status: "active",
      ...more,
    },
  });
  expect(status, JSON.stringify(body)).toBe(201);
  return body.workflow.id;
};

const tried = async (id: string, body: object) => {
  const answer = await call(owner, "POST", `/api/v2/workflows/${id}/backtest`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  expect(backtest.parse(answer.body)).toEqual(answer.body);
  return answer.body;
};

type Said = { text: string };
type Judged = { outcome: string; refusal: { gate: string | null; code: string } | null };
const week = { since: new Date(MONDAY - DAY).toISOString(), until: new Date(MONDAY + 6 * DAY).toISOString() };

const nothingHappened = async () => {
  const { results } = await db
    .prepare(
      `SELECT (SELECT count(*) FROM messages WHERE org_id = ?1) AS messages, (SELECT count(*) FROM executions WHERE org_id = ?1) AS executions,
         (SELECT count(*) FROM events WHERE org_id = ?1) AS events, (SELECT count(*) FROM notes WHERE org_id = ?1) AS notes,
         (SELECT group_concat(tags || attributes || coalesce(consent_state, '')) FROM contacts WHERE org_id = ?1) AS contacts`,
    )
    .bind(owner.organizationId)
    .all();
  return results[0];
};

describe("the draft beside what is published", () => {
  it("says who is added, lost, told something else, or the same", async () => {
    const type = `order_${newId().slice(-6)}`;
    const [ann, bob, eve] = [await person("Ann"), await person("Bob"), await person("Eve")];
    await happened(type, ann, MONDAY, { total: 50 });
    await happened(type, bob, MONDAY + HOUR, { total: 150 });
    await happened(type, eve, MONDAY + 2 * HOUR, { total: 250 });
    await happened(type, eve, MONDAY + 30 * DAY, { total: 250 });
    const over = (value: number) => [{ field: "event.data.total", operator: "greater", value }];
    const id = await active(say("Thanks {{contact.name}}"), { event_type: type, filters: over(100) });
    const before = await nothingHappened();
    const body = await tried(id, {
      ...week,
      definition: say("Thank you, {{contact.name}}: {{event.data.total}}"),
      triggerConfig: {
        event_type: type,
        filters: {
          operator: "and",
          conditions: [...over(10), { field: "event.data.total", operator: "less", value: 200 }],
        },
      },
    });
    expect(await nothingHappened()).toEqual(before);
    expect(body.events).toEqual({ tried: 3, draftStarted: 2, publishedStarted: 2 });
    expect(body.truncated).toBe(false);
    expect(body.summary.changes).toEqual({ added: 1, lost: 1, changed: 1, same: 0 });
    expect(
      body.recipients.map((one: { name: string; change: string; draft: Said[]; published: Said[] }) => [
        ...[one.name, one.change],
        ...[one.draft[0]?.text, one.published[0]?.text],
      ]),
    ).toEqual([
      ["Ann", "added", "Thank you, Ann: 50", undefined],
      ["Bob", "changed", "Thank you, Bob: 150", "Thanks Bob"],
      ["Eve", "lost", undefined, "Thanks Eve"],
    ]);
    expect(body.starts).toMatchObject([
      { draft: null, published: expect.stringContaining("event.data.total") },
      { draft: expect.stringContaining("event.data.total"), published: null },
    ]);
    expect(body.recipients[0].draft[0]).toMatchObject({
      ...{ channel: "sms", at: new Date(MONDAY).toISOString(), outcome: "sent", refusal: null, held: [] },
      to: expect.stringMatching(/^\+1555/),
    });
  });

  it("is bounded by the events it may try, and says where it ends", async () => {
    const type = `many_${newId().slice(-6)}`;
    const ann = await person("Ann");
    for (let n = 0; n < 5; n++) await happened(type, ann, MONDAY + n * HOUR);
    const id = await active(say("Hi"), { event_type: type });
    const body = await tried(id, { ...week, limit: 3 });
    expect(body.events.tried).toBe(3);
    expect(body).toMatchObject({
      truncated: true,
      truncatedAt: { reason: "limit", at: new Date(MONDAY + 3 * HOUR).toISOString() },
    });
    expect((await tried(id, { ...week, limit: 5 })).truncated).toBe(false);
    const ask = (more: object) => call(owner, "POST", `/api/v2/workflows/${id}/backtest`, { ...week, ...more });
    expect((await ask({ limit: 1_001 })).status).toBe(400);
    expect((await ask({ limit: 0 })).status).toBe(400);
    expect((await ask({ since: week.until })).body.validation).toMatchObject([{ field: "until" }]);
    expect((await ask({ since: "yesterday" })).body.validation).toMatchObject([{ field: "since" }]);
    expect((await ask({ definition: chain(node("x", "nope")) })).body).toMatchObject({
      error: { code: "INVALID_WORKFLOW_DATA" },
      validation: [{ field: "definition.nodes.0.type" }],
    });
    expect((await ask({ triggerType: "nope" })).body.validation).toMatchObject([{ field: "triggerType" }]);
  });
});

describe("gates, as they would have judged then", () => {
  it("refuse who had opted out by then, whatever they say now", async () => {
    const type = `gate_${newId().slice(-6)}`;
    const back = await person("Back", [
      ["STOP", MONDAY - HOUR],
      ["OPT_IN", MONDAY + DAY],
    ]);
    const gone = await person("Gone", [
      ["OPT_IN", MONDAY - HOUR],
      ["OPT_OUT", MONDAY + DAY],
    ]);
    await happened(type, back, MONDAY);
    await happened(type, gone, MONDAY);
    await happened(type, back, MONDAY + 2 * DAY);
    await happened(type, gone, MONDAY + 2 * DAY);
    const id = await active(say("Hi {{contact.name}}"), { event_type: type });
    const { recipients, summary } = await tried(id, week);
    const outcomes = recipients.map(
      ({
        name,
        draft: [message],
      }: {
        name: string;
        draft: { outcome: string; refusal: { gate: string } | null }[];
      }) => [...[name, message!.outcome, message!.refusal?.gate ?? null]],
    );
    expect(outcomes.sort()).toEqual([
      ["Back", "refused", "consent"],
      ["Back", "sent", null],
      ["Gone", "refused", "consent"],
      ["Gone", "sent", null],
    ]);
    expect(summary.draft).toMatchObject({ runs: 4, sent: 2, refused: { consent: 2 }, failed: 2 });
  });

  it("hold back by night and by the cap, and let it go in its time", async () => {
    const type = `night_${newId().slice(-6)}`;
    const policy = {
      quietHours: { start: "22:00", end: "08:00" },
      frequencyCap: { max: 1, windowSeconds: 86_400 },
      timezone: "UTC",
    };
    const set = (value: object | null) =>
      db
        .prepare("UPDATE organizations SET messaging_policy = ?2 WHERE id = ?1")
        .bind(owner.organizationId, value && JSON.stringify(value))
        .run();
    await set(policy);
    const owl = await person("Owl");
    await db.prepare("UPDATE contacts SET timezone = 'UTC' WHERE id = ?1").bind(owl).run();
    await happened(type, owl, MONDAY + 14 * HOUR);
    await happened(type, owl, MONDAY + 15 * HOUR);
    const id = await active(say("Hi"), { event_type: type });
    const { recipients, summary } = await tried(id, week);
    await set(null);
    const morning = MONDAY + 23 * HOUR;
    expect(recipients[0].draft).toMatchObject([
      {
        at: new Date(morning).toISOString(),
        outcome: "sent",
        held: [{ gate: "quiet_hours", until: new Date(morning).toISOString() }],
      },
    ]);
    // The first takes what the cap allows: the second waits for a day more.
    expect(recipients[1].draft[0].outcome).toBe("sent");
    expect(recipients[1].draft[0].held.map(({ gate }: { gate: string }) => gate)).toEqual(["quiet_hours", "cap"]);
    expect(Date.parse(recipients[1].draft[0].at)).toBeGreaterThan(morning + DAY - 1);
    expect(summary.draft.held).toEqual({ quiet_hours: 2, cap: 1 });
  });

  it("keep WhatsApp's window as it was open then", async () => {
    const channelId = await channel("whatsapp");
    const type = `window_${newId().slice(-6)}`;
    const fresh = await person("Fresh");
    const stale = await person("Stale");
    for (const [contactId, at] of [
      [fresh, MONDAY - HOUR],
      [stale, MONDAY - 2 * DAY],
      [stale, MONDAY + DAY],
    ] as const) {
      const conversationId = await conversationIdOf(contactId, "whatsapp", channelId);
      await db.batch([
        db
          .prepare(
            `INSERT OR IGNORE INTO conversations (org_id, id, contact_id, channel, channel_id, last_inbound_at, created_at, updated_at) VALUES (?1, ?2, ?3, 'whatsapp', ?4, ?5, 1, 1)`,
          )
          .bind(owner.organizationId, conversationId, contactId, channelId, at),
        db
          .prepare(
            `INSERT INTO messages (org_id, id, contact_id, conversation_id, direction, channel, channel_id, sender, recipient, status, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, 'inbound', 'whatsapp', ?5, 'x', 'y', 'received', ?6, ?6)`,
          )
          .bind(owner.organizationId, newId(at), contactId, conversationId, channelId, at),
      ]);
    }
    await happened(type, fresh, MONDAY);
    await happened(type, stale, MONDAY + 1);
    const data = chain(node("say", "action_chat_message", { message: "Hi", channel: channelId }));
    const { recipients } = await tried(await active(data, { event_type: type }), week);
    expect(
      recipients.map(
        ({ name, draft: [one] }: { name: string; draft: { outcome: string; refusal: { gate: string } | null }[] }) => [
          name,
          one!.outcome,
          one!.refusal?.gate,
        ],
      ),
    ).toEqual([
      ["Fresh", "sent", undefined],
      ["Stale", "refused", "window"],
    ]);
  });
});

it("goes through what people really did next, by a virtual clock, with tags that it would have set", async () => {
  const type = `signup_${newId().slice(-6)}`;
  const [quick, silent] = [await person("Quick"), await person("Silent")];
  await happened(type, quick, MONDAY);
  await happened(type, silent, MONDAY);
  await happened("MESSAGE_RECEIVED", quick, MONDAY + HOUR, { content: "yes please" });
  const data = {
    nodes: [
      node("tag", "action_add_tag", { tag_name: "lead" }),
      node("ask", "action_chat_message", { message: "Interested, {{contact.tags.0}}?" }),
      node("wait", "action_wait_for_event", { event_type: "MESSAGE_RECEIVED", timeout: 2, unit: "days" }),
      node("nice", "action_chat_message", { message: "You said {{nodes.wait.output.data.content}}" }),
      node("remind", "action_chat_message", { message: "Still there?" }),
    ],
    edges: [
      { id: "1", source: "tag", target: "ask" },
      { id: "2", source: "ask", target: "wait" },
      { id: "3", source: "wait", target: "nice", sourceHandle: "received" },
      { id: "4", source: "wait", target: "remind", sourceHandle: "timeout" },
    ],
  };
  const { recipients, summary } = await tried(await active(data, { event_type: type }), week);
  const texts = Object.fromEntries(
    recipients.map(({ name, draft }: { name: string; draft: { text: string; at: string }[] }) => [
      name,
      draft.map(({ text, at }) => [text, Date.parse(at) - MONDAY]),
    ]),
  );
  expect(texts).toEqual({
    Quick: [
      ["Interested, lead?", 0],
      ["You said yes please", HOUR],
    ],
    Silent: [
      ["Interested, lead?", 0],
      ["Still there?", 2 * DAY],
    ],
  });
  expect(summary.draft.actions).toEqual({ "contact.tag": 2 });
  expect(await db.prepare("SELECT tags FROM contacts WHERE id = ?1").bind(quick).first("tags")).toBe("[]");
});

it("asks questions of the people who were there: their next words are the answer, nobody else's", async () => {
  const type = `ask_${newId().slice(-6)}`;
  const [yes, late] = [await person("Yes"), await person("Late")];
  await happened(type, yes, MONDAY);
  await happened(type, late, MONDAY);
  await happened("MESSAGE_RECEIVED", yes, MONDAY + HOUR, { content: "seven" });
  await happened("MESSAGE_RECEIVED", yes, MONDAY + 2 * HOUR, { content: "7" });
  await happened("MESSAGE_RECEIVED", late, MONDAY + 3 * DAY, { content: "8" });
  const data = {
    nodes: [
      node("ask", "action_question", {
        message: "How many?",
        variable: "n",
        answer_type: "number",
        fallback: "A number, please",
      }),
      node("thanks", "action_chat_message", { message: "{{variables.n}} it is" }),
      node("bye", "action_chat_message", { message: "Never mind" }),
    ],
    edges: [
      { id: "1", source: "ask", target: "thanks", sourceHandle: "answered" },
      { id: "2", source: "ask", target: "ask", sourceHandle: "invalid" },
      { id: "3", source: "ask", target: "bye", sourceHandle: "timeout" },
    ],
  };
  const { recipients } = await tried(await active(data, { event_type: type }), week);
  const texts = Object.fromEntries(
    recipients.map(({ name, draft }: { name: string; draft: Said[] }) => [name, draft.map(({ text }) => text)]),
  );
  expect(texts).toEqual({ Yes: ["How many?", "A number, please", "7 it is"], Late: ["How many?", "Never mind"] });
});

it("finds whom a message names, and says whom it would have made known", async () => {
  const type = `named_${newId().slice(-6)}`;
  const ann = await person("Ann", [["STOP", MONDAY - HOUR]]);
  const phone = await db.prepare("SELECT value FROM identities WHERE contact_id = ?1").bind(ann).first<string>("value");
  const bob = await person("Bob");
  await happened(type, bob, MONDAY, { to: phone });
  await happened(type, bob, MONDAY + 1, { to: "+15550009999" });
  await happened(type, bob, MONDAY + 2, { to: "nobody-we-know" });
  const data = chain(
    node("say", "action_chat_message", { message: "Hi", to: "{{event.data.to}}", on_error: "continue" }),
  );
  const { recipients } = await tried(await active(data, { event_type: type }), week);
  expect(
    recipients.map(({ name, to, draft }: { name: string | null; to: string | null; draft: Judged[] }) => [
      ...[name, to, draft[0]!.outcome, draft[0]!.refusal?.code ?? null],
    ]),
  ).toEqual([
    ["Ann", phone, "refused", "CONSENT"],
    [null, "+15550009999", "sent", null],
    [null, "nobody-we-know", "refused", "NO_RECIPIENT"],
  ]);
  const known = "SELECT count(*) AS n FROM identities WHERE org_id = ?1 AND value = '+15550009999'";
  expect(await db.prepare(known).bind(owner.organizationId).first("n")).toBe(0);
});

it("a workflow that was never published has nothing beside its draft; another API's is tried as it is", async () => {
  const type = `core_${newId().slice(-6)}`;
  await happened(type, await person("Ann"), MONDAY);
  const { body } = await call(owner, "POST", "/api/v1/workflows", {
    ...{ name: "C", entity_id: 1 },
    nodes: {
      t: { node_type: "trigger_event", config: { event_type: type } },
      say: { node_type: "action_chat_message", config: { message: "Core {{contact.name}}" } },
    },
    connections: [{ from_node_id: "t", to_node_id: "say" }],
  });
  const id = body.data.workflow_id;
  const result = await tried(id, week);
  expect(result).toMatchObject({ publishedVersion: null, summary: { published: null } });
  expect(result.recipients[0].draft[0].text).toBe("Core Ann");
  expect(result.notes.join()).toMatch(/never been published/);
  const drawn = await call(owner, "POST", `/api/v2/workflows/${id}/backtest`, { ...week, definition: say("x") });
  expect(drawn.status).toBe(409);
});
