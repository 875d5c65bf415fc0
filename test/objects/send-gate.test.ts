// The send gate in front of a provider that the test plays: what is held back waits and goes later, what is suppressed never goes, and both say why.
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ActionPorts, StepRef } from "../../src/domain/action-ports.ts";
import { credentialsField } from "../../src/domain/channel/channel.ts";
import { conversationIdOf } from "../../src/domain/conversation/conversation-id.ts";
import type { MessagingPolicy } from "../../src/domain/message/policy.ts";
import type { Env } from "../../src/env.ts";
import { newId } from "../../src/lib/ids.ts";
import { makeActionPorts } from "../../src/objects/action-ports.ts";
import { CLOUD_OF_VARIABLES } from "../../src/objects/doors.ts";
import { executionStub } from "../../src/objects/execution/rpc.ts";
import { inboxPort } from "../../src/objects/inbox-port.ts";
import { makePorts } from "../../src/objects/ports.ts";
import { pacerStub } from "../../src/objects/rpc.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";
import { definition, eventually, makeWorkflow } from "./kit.ts";

const organizationId = "00000000-0000-7000-8000-000000000001";
await db.prepare("INSERT INTO organizations (id, name, created_at) VALUES (?1, 'First', 0)").bind(organizationId).run();

const TWILIO = {
  TWILIO_ACCOUNT_SID: "AC1",
  TWILIO_AUTH_TOKEN: "12345",
  TWILIO_FROM: "12345",
  TWILIO_WHATSAPP_FROM: "+15551234567",
  TWILIO_RATE: "1000",
  TWILIO_API_BASE_URL: "https://twilio.test",
};
const portsWith = (vars: Record<string, string>): ActionPorts => makeActionPorts({ ...testEnv, ...vars } as Env);
const twilio = portsWith(TWILIO);

const stepOf = (): StepRef => {
  const executionId = newId();
  return {
    key: `${executionId}:n:1`,
    executionId,
    organizationId,
    workflowId: "w",
    versionId: "v1",
    startedAt: Date.now(),
    eventDepth: 0,
    signal: AbortSignal.timeout(60_000),
  };
};

let numbers = 14155570000;
const makeContact = async (timezone: string | null = null) => {
  const id = newId();
  const phone = `+${++numbers}`;
  await db.batch([
    db
      .prepare("INSERT INTO contacts (org_id, id, timezone, created_at, updated_at) VALUES (?1, ?2, ?3, 1, 1)")
      .bind(organizationId, id, timezone),
    db
      .prepare("INSERT INTO identities (org_id, kind, value, contact_id) VALUES (?1, 'phone', ?2, ?3)")
      .bind(organizationId, phone, id),
  ]);
  return { id, phone };
};

const setPolicy = (policy: Partial<MessagingPolicy>) =>
  db
    .prepare("UPDATE organizations SET messaging_policy = ?2 WHERE id = ?1")
    .bind(organizationId, JSON.stringify(policy))
    .run();
const wrote = async (contactId: string, channel: string, at: number) =>
  db
    .prepare(
      `INSERT INTO conversations (org_id, id, contact_id, channel, last_inbound_at, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, 1, 1)`,
    )
    .bind(organizationId, await conversationIdOf(contactId, channel), contactId, channel, at)
    .run();
const consent = (contactId: string, state: string) =>
  db.prepare("UPDATE contacts SET consent_state = ?2 WHERE id = ?1").bind(contactId, state).run();
const messageOf = async (step: StepRef) => {
  const row = (await db
    .prepare("SELECT * FROM messages WHERE step_key = ?1")
    .bind(step.key)
    .first<Record<string, unknown>>())!;
  return { ...row, id: row.id, gates: row.gates === null ? null : JSON.parse(String(row.gates)) };
};

/** An SMS channel of the organisation's own with so many messages a second, and somebody to write to. */
const slowChannel = async (owner: string, rate: number) => {
  const [channelId, contactId] = [newId(), newId()];
  const sealed = await makePorts(testEnv).secrets.encrypt(
    owner,
    credentialsField(channelId),
    JSON.stringify({ authToken: "t" }),
  );
  await db.batch([
    db
      .prepare(
        `INSERT INTO channels (org_id, id, kind, provider, name, sender, credentials_sealed, settings, rate, created_by, created_at, updated_at)
         VALUES (?1, ?2, 'sms', 'twilio', 'c', '+15550001111', ?3, '{"accountSid":"AC1"}', ?4, 'test', 1, 1)`,
      )
      .bind(owner, channelId, sealed, rate),
    db
      .prepare("INSERT INTO contacts (org_id, id, created_at, updated_at) VALUES (?1, ?2, 1, 1)")
      .bind(owner, contactId),
    db
      .prepare("INSERT INTO identities (org_id, kind, value, contact_id) VALUES (?1, 'phone', ?2, ?3)")
      .bind(owner, `+${++numbers}`, contactId),
  ]);
  return { contactId, channelId };
};

let forms: URLSearchParams[];
let sids = 0;
beforeEach(async () => {
  forms = [];
  await setPolicy({});
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input as RequestInfo, init as RequestInit);
    forms.push(new URLSearchParams(await request.text()));
    return Response.json({ sid: `SM${++sids}`, status: "queued" }, { status: 201 });
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("quiet hours", () => {
  /** Quiet now in UTC, for about six hours. */
  const quietNow = () => {
    const hour = new Date().getUTCHours();
    const clock = (offset: number) => `${String((hour + offset + 24) % 24).padStart(2, "0")}:00`;
    return { start: clock(-1), end: clock(6) };
  };

  it("hold a message back with its earliest time, on the recipient's clock, and let it go when they are over", async () => {
    await setPolicy({ quietHours: quietNow() });
    const [sleeper, awake] = [await makeContact("UTC"), await makeContact("Asia/Tokyo")];
    const step = stepOf();
    const held = await twilio.messages.send(step, { text: "Hi", contactId: sleeper.id, channel: "sms" });
    expect(held).toMatchObject({ outcome: "deferred", reason: "It is quiet in UTC" });
    const { until } = held as { until: number };
    expect(until).toBeGreaterThan(Date.now() + 4 * 3_600_000);
    expect(await messageOf(step)).toMatchObject({
      status: "scheduled",
      hold_until: until,
      provider_id: null,
      gates: { failed: "quiet_hours", earliestAt: until },
    });
    expect(forms).toEqual([]);
    expect(await twilio.messages.send(stepOf(), { text: "Hi", contactId: awake.id, channel: "sms" })).toMatchObject({
      outcome: "ok",
    });
    // Nothing has left, so whoever asks what became of it may send it.
    expect(await twilio.messages.reconcile(step)).toEqual({ outcome: "absent" });
    await setPolicy({});
    const { id } = await messageOf(step);
    expect(await twilio.messages.send(step, { text: "Hi", contactId: sleeper.id, channel: "sms" })).toMatchObject({
      outcome: "ok",
      value: { messageId: id },
    });
    expect(await messageOf(step)).toMatchObject({ status: "queued", hold_until: null, gates: null });
  });

  it("do not revive a message that was planned before a STOP, also when the person came back since", async () => {
    await setPolicy({ quietHours: quietNow() });
    const { id } = await makeContact("UTC");
    const step = stepOf();
    await twilio.messages.send(step, { text: "Hi", contactId: id, channel: "sms" });
    await consent(id, "STOP");
    await consent(id, "OPT_IN");
    await setPolicy({});
    expect(await twilio.messages.send(step, { text: "Hi", contactId: id, channel: "sms" })).toMatchObject({
      outcome: "refused",
      code: "CONSENT",
    });
    expect(await messageOf(step)).toMatchObject({ status: "canceled", gates: { failed: "consent" } });
    expect(forms).toEqual([]);
  });
});

/** A run that writes to the same person twice. */
const startSendingTwice = async (owner: string, contactId: string, channelId: string) => {
  const send = { type: "action_chat_message", config: { message: "Hi", to: contactId, channel: channelId } };
  const nodes = { t: { type: "trigger_manual", config: {} }, one: send, two: send };
  const workflow = await makeWorkflow(owner, definition(nodes, ["t", "one", "two"]));
  const executionId = newId();
  const stub = executionStub(testEnv, executionId);
  await stub.start({
    ...workflow,
    executionId,
    startNodes: [],
    event: { id: newId(), type: "MANUAL_TRIGGER", source: "test", data: {}, occurredAt: Date.now() },
    variables: {},
    metadata: {},
    dryRun: false,
    eventDepth: 0,
  });
  return { stub, executionId };
};

describe("a run whose message has to wait", () => {
  it("waits, uses up no retry, and goes on when it may", async () => {
    const tenant = await makeOrganization();
    const { contactId, channelId } = await slowChannel(tenant.organizationId, 0.5);
    const { stub } = await startSendingTwice(tenant.organizationId, contactId, channelId);
    const waiting = await eventually(async () => {
      const view = await stub.read(tenant.organizationId);
      return view?.status === "waiting" && view;
    });
    const two = waiting.visits.find(({ nodeId }) => nodeId === "two")!;
    expect(two).toMatchObject({ status: "waiting", error: null });
    expect(two.logs.join()).toContain("The sender has reached its rate");
    await eventually(async () => (await stub.read(tenant.organizationId))?.status === "completed", 10_000);
    expect(forms.length).toBe(2);
    expect(await stub.verify(tenant.organizationId)).toMatchObject({ equal: true });
  });

  it("and is cancelled meanwhile, takes the message with it", async () => {
    const tenant = await makeOrganization();
    const { contactId, channelId } = await slowChannel(tenant.organizationId, 0.2);
    const { stub, executionId } = await startSendingTwice(tenant.organizationId, contactId, channelId);
    const held = await eventually(() =>
      db
        .prepare("SELECT id FROM messages WHERE execution_id = ?1 AND hold_until IS NOT NULL")
        .bind(executionId)
        .first<{ id: string }>(),
    );
    expect(await stub.cancel(tenant.organizationId, "enough")).toMatchObject({ cancelled: true });
    const row = await eventually(async () => {
      const now = await db
        .prepare("SELECT status, error_code, hold_until FROM messages WHERE id = ?1")
        .bind(held.id)
        .first<{ status: string }>();
      return now?.status === "canceled" && now;
    });
    expect(row).toEqual({ status: "canceled", error_code: "RUN_ENDED", hold_until: null });
    expect(forms.length).toBe(1);
  });
});

describe("the window", () => {
  const template = { contentSid: "HX1", variables: { "1": "Ada" } };

  it("closed, refuses free text before the provider sees it", async () => {
    const { id } = await makeContact();
    await wrote(id, "whatsapp", Date.now() - 25 * 3_600_000);
    const step = stepOf();
    expect(await twilio.messages.send(step, { text: "Hi", contactId: id, channel: "whatsapp" })).toMatchObject({
      outcome: "refused",
      code: "WINDOW",
      retryable: false,
    });
    expect(await messageOf(step)).toMatchObject({ status: "canceled", gates: { failed: "window", earliestAt: null } });
    expect(forms).toEqual([]);
  });

  it("closed, falls back to the template; open, sends the text", async () => {
    const [silent, talking] = [await makeContact(), await makeContact()];
    await wrote(talking.id, "whatsapp", Date.now() - 1_000);
    const order = { text: "Hi", channel: "whatsapp", template };
    expect(await twilio.messages.send(stepOf(), { ...order, contactId: silent.id })).toMatchObject({ outcome: "ok" });
    expect(await twilio.messages.send(stepOf(), { ...order, contactId: talking.id })).toMatchObject({ outcome: "ok" });
    expect(forms.map((form) => [form.get("ContentSid"), form.get("ContentVariables"), form.get("Body")])).toEqual([
      ["HX1", '{"1":"Ada"}', null],
      [null, null, "Hi"],
    ]);
  });
});

describe("the frequency cap", () => {
  it("holds what is too much for one person until the oldest leaves the window, and counts no message twice", async () => {
    await setPolicy({ frequencyCap: { max: 2, windowSeconds: 3_600 } });
    const { id } = await makeContact();
    const send = (step: StepRef) => twilio.messages.send(step, { text: "Hi", contactId: id, channel: "sms" });
    const first = stepOf();
    const began = Date.now();
    expect(await send(first)).toMatchObject({ outcome: "ok" });
    expect(await send(first)).toMatchObject({ outcome: "ok" });
    expect(await send(stepOf())).toMatchObject({ outcome: "ok" });
    const third = stepOf();
    const held = await send(third);
    expect(held).toMatchObject({ outcome: "deferred" });
    expect((held as { until: number }).until).toBeGreaterThanOrEqual(began + 3_600_000);
    expect(await messageOf(third)).toMatchObject({ gates: { failed: "cap" } });
    await db.prepare("UPDATE messages SET sent_at = sent_at - 3600000 WHERE step_key = ?1").bind(first.key).run();
    expect(await send(third)).toMatchObject({ outcome: "ok" });
    expect(forms.length).toBe(3);
  });

  it("holds among messages that are sent at the same time", async () => {
    await setPolicy({ frequencyCap: { max: 3, windowSeconds: 3_600 } });
    const { id } = await makeContact();
    const sent = await Promise.all(
      Array.from({ length: 8 }, () => twilio.messages.send(stepOf(), { text: "Hi", contactId: id, channel: "sms" })),
    );
    expect(sent.filter(({ outcome }) => outcome === "ok").length).toBe(3);
    expect(sent.filter(({ outcome }) => outcome === "deferred").length).toBe(5);
    expect(forms.length).toBe(3);
  });
});

describe("the sender's rate", () => {
  it("holds over every sliding second, by slots that are waited for or come back to", async () => {
    const slow = portsWith({ ...TWILIO, TWILIO_FROM: "54321", TWILIO_RATE: "2" });
    const steps = Array.from({ length: 6 }, stepOf);
    const contacts = await Promise.all(steps.map(() => makeContact()));
    const left: number[] = [];
    vi.mocked(globalThis.fetch).mockImplementation(async () => {
      left.push(Date.now());
      return Response.json({ sid: `SM${++sids}`, status: "queued" }, { status: 201 });
    });
    const send = async (index: number) => {
      for (;;) {
        const answer = await slow.messages.send(steps[index]!, {
          text: "Hi",
          contactId: contacts[index]!.id,
          channel: "sms",
        });
        if (answer.outcome !== "deferred") return answer.outcome;
        expect(await messageOf(steps[index]!)).toMatchObject({ status: "scheduled", gates: { failed: "rate" } });
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, answer.until - Date.now())));
      }
    };
    expect(await Promise.all(steps.map((_, index) => send(index)))).toEqual(steps.map(() => "ok"));
    expect(left.length).toBe(6);
    for (const from of left) expect(left.filter((at) => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(2);
  });

  it("has a slot at once on an idle line, by the clock of whoever asks", async () => {
    const { pacing } = makePorts(testEnv);
    const asked = Date.now();
    expect(await pacing.peek("idle")).toBeLessThan(asked);
    await pacing.lease("idle", 1, 1);
    expect(await pacing.peek("idle")).toBeGreaterThan(asked + 1_000);
  });

  it("gives a claim back on a line that only seemed idle: who says STOP meanwhile gets nothing", async () => {
    const slow = portsWith({ ...TWILIO, TWILIO_FROM: "54322", TWILIO_RATE: "1" });
    await pacerStub(testEnv, `${organizationId}/sms:54322`).lease(1, 1);
    const [step, { id }] = [stepOf(), await makeContact()];
    const sending = slow.messages.send(step, { text: "Hi", contactId: id, channel: "sms" });
    const waits = () =>
      db.prepare("SELECT 1 FROM messages WHERE step_key = ?1 AND hold_until > 0").bind(step.key).first();
    await eventually(waits);
    await db
      .prepare("UPDATE contacts SET consent_state = 'STOP', consent_epoch = consent_epoch + 1 WHERE id = ?1")
      .bind(id)
      .run();
    expect(await sending).toMatchObject({ outcome: "refused", code: "CONSENT" });
    expect(forms).toEqual([]);
  });

  it("lets messages leave that a slow database claims later than their slots allow", async () => {
    let batches = 0;
    const batch = async (statements: D1PreparedStatement[]) => {
      if (statements.length < 2) return db.batch(statements);
      batches++;
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      return db.batch(statements);
    };
    const DB = new Proxy(db, {
      get: (of, name) => (name === "batch" ? batch : Reflect.get(of, name).bind(of)),
    });
    const env = { ...testEnv, ...TWILIO, TWILIO_FROM: "54324", TWILIO_RATE: "50", DB } as unknown as Env;
    const contacts = await Promise.all(Array.from({ length: 4 }, () => makeContact()));
    const sent = await Promise.all(
      contacts.map(({ id }) =>
        makeActionPorts(env).messages.send(stepOf(), { text: "Hi", contactId: id, channel: "sms" }),
      ),
    );
    expect(sent.map(({ outcome }) => outcome)).toEqual(["ok", "ok", "ok", "ok"]);
    expect(forms.length).toBe(4);
    // What is read, what is claimed, and what became of it; on a busy machine a claim may be given back and made again, a few times at most.
    expect(batches).toBeLessThanOrEqual(4 * 8);
  });

  it("gives a claim back when nobody can say whose turn it is: nothing has left, and nobody is in doubt of it", async () => {
    const away = { idFromName: () => "", get: () => ({ leaseOne: () => Promise.reject(new Error("away")) }) };
    const env = { ...testEnv, ...TWILIO, TWILIO_FROM: "54323", PACER: away } as unknown as Env;
    const [step, { id }] = [stepOf(), await makeContact()];
    const sending = makeActionPorts(env).messages.send(step, { text: "Hi", contactId: id, channel: "sms" });
    await expect(sending).rejects.toThrow("away");
    expect(await messageOf(step)).toMatchObject({ status: "scheduled", provider_id: null, gates: { failed: "rate" } });
    expect(await twilio.messages.reconcile(step)).toEqual({ outcome: "absent" });
    expect(forms).toEqual([]);
  });

  it("is one line for all that use the sender, over an eviction too", async () => {
    const name = `test/${newId()}`;
    const [one, two] = await Promise.all([
      pacerStub(testEnv, name).lease(10, 30),
      pacerStub(testEnv, name).lease(10, 30),
    ]);
    const raw = testEnv.PACER.get(testEnv.PACER.idFromName(name));
    await runInDurableObject(raw, (_, state) => state.storage.sync());
    const slots = [...one, ...two].sort((a, b) => a - b);
    for (const from of slots)
      expect(slots.filter((at) => at >= from && at < from + 1_050).length).toBeLessThanOrEqual(10);
  });
});

describe("a WhatsApp user without a number", () => {
  it.each([
    ["Twilio", "whatsapp"],
    ["the Cloud API", "cloud"],
  ])("is written to under the id that WhatsApp has given them, through %s", async (_, kind) => {
    const bodies: string[] = [];
    vi.mocked(globalThis.fetch).mockImplementation(async (input, init) => {
      bodies.push(await new Request(input as RequestInfo, init as RequestInit).text());
      const answer =
        kind === "cloud" ? { messages: [{ id: `wamid.${newId()}` }] } : { sid: `SM${newId()}`, status: "queued" };
      return Response.json(answer, { status: 201 });
    });
    const cloud = portsWith({ WHATSAPP_ACCESS_TOKEN: "t", WHATSAPP_PHONE_NUMBER_ID: "1", WHATSAPP_APP_SECRET: "s" });
    const { messages } = kind === "cloud" ? cloud : twilio;
    const [id, bsuid] = [newId(), `US.${newId().replaceAll("-", "")}`];
    await db.batch([
      db
        .prepare("INSERT INTO contacts (org_id, id, created_at, updated_at) VALUES (?1, ?2, 1, 1)")
        .bind(organizationId, id),
      db
        .prepare("INSERT INTO identities (org_id, kind, value, contact_id) VALUES (?1, 'whatsapp_bsuid', ?2, ?3)")
        .bind(organizationId, bsuid, id),
    ]);
    // Free text still needs that they wrote.
    const early = await messages.send(stepOf(), { text: "Hi", contactId: id, channel: "whatsapp" });
    expect(early).toMatchObject({ outcome: "refused", code: "WINDOW" });
    const conversations = await Promise.all([
      conversationIdOf(id, "whatsapp"),
      conversationIdOf(id, "whatsapp", CLOUD_OF_VARIABLES),
    ]);
    for (const conversation of conversations)
      await db
        .prepare(
          `INSERT INTO conversations (org_id, id, contact_id, channel, last_inbound_at, created_at, updated_at) VALUES (?1, ?2, ?3, 'whatsapp', ?4, 1, 1)`,
        )
        .bind(organizationId, conversation, id, Date.now())
        .run();
    const step = stepOf();
    expect(await messages.send(step, { text: "Hi", to: bsuid, channel: "whatsapp" })).toMatchObject({ outcome: "ok" });
    expect(await messageOf(step)).toMatchObject({ contact_id: id, recipient: bsuid });
    expect(bodies.length).toBe(1);
    if (kind === "cloud") expect(JSON.parse(bodies[0]!)).toMatchObject({ recipient: bsuid, text: { body: "Hi" } });
    else expect(new URLSearchParams(bodies[0]!).get("To")).toBe(`whatsapp:${bsuid}`);
  });
});

describe("a conversation that begins with our message", () => {
  it("leaves nothing behind when all goes well", async () => {
    const { id } = await makeContact();
    await twilio.messages.send(stepOf(), { text: "Hi", contactId: id, channel: "sms" });
    await twilio.messages.send(stepOf(), { text: "Hi", contactId: id, channel: "sms" });
    expect((await db.prepare("SELECT count(*) AS n FROM untold_events").first<{ n: number }>())!.n).toBe(0);
    await eventually(async () => {
      const { results } = await db
        .prepare("SELECT 1 FROM events WHERE contact_id = ?1 AND type = 'CONVERSATION_CREATED'")
        .bind(id)
        .all();
      return results.length === 1;
    });
  });
});

describe("a status that comes before we know the message by its provider's id", () => {
  it("is parked, and taken up when the id is written", async () => {
    const { id } = await makeContact();
    const sid = `SM${newId()}`;
    vi.mocked(globalThis.fetch).mockImplementation(async () => {
      const now = Date.now();
      // Twilio calls back, without our message's id, before it answers.
      for (const status of ["delivered", "sent"])
        await inboxPort(testEnv).accept(
          {
            id: newId(now),
            organizationId,
            type: "MESSAGE_STATUS",
            source: "twilio",
            data: { provider_id: sid, channel: "sms", status },
            occurredAt: now,
            depth: 0,
          },
          `status:${sid}:${status}`,
        );
      await eventually(async () => {
        const { results } = await db
          .prepare("SELECT status FROM parked_statuses WHERE provider_id = ?1")
          .bind(sid)
          .all();
        return results.length === 2;
      });
      return Response.json({ sid, status: "queued" }, { status: 201 });
    });
    const step = stepOf();
    expect(await twilio.messages.send(step, { text: "Hi", contactId: id, channel: "sms" })).toMatchObject({
      outcome: "ok",
    });
    expect(await messageOf(step)).toMatchObject({ status: "delivered", provider_id: sid });
    expect((await db.prepare("SELECT 1 FROM parked_statuses WHERE provider_id = ?1").bind(sid).all()).results).toEqual(
      [],
    );
  });
});
