// A campaign's object: everybody once, whatever comes in between.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { newId } from "../../src/lib/ids.ts";
import { db, type Tenant } from "../fixtures/identity.ts";
import {
  type Campaigner,
  call,
  makeCampaign,
  makeCampaigner,
  messagesOf,
  reaches,
  read,
  stubOf,
} from "./campaign-kit.ts";
import { firstOrganization, type PlayedTwilio, playTwilio } from "./campaign-twilio.ts";
import { eventually, makeWorkflow, subscribe, trivial } from "./kit.ts";

let first: Tenant;
beforeAll(async () => {
  first = await firstOrganization();
});

let twilio: PlayedTwilio;
beforeEach(() => {
  twilio = playTwilio();
});
afterEach(() => vi.restoreAllMocks());

/** Another segment and other people, in the first organisation. */
const makeCampaigners = async (people: number): Promise<Campaigner> => {
  await db.batch(
    ["contacts", "identities", "segments", "messages"].map((table) =>
      db.prepare(`DELETE FROM ${table} WHERE org_id = ?1`).bind(first.organizationId),
    ),
  );
  return makeCampaigner(people, first);
};

const trigger = (who: Tenant, id: string) => call(who, "POST", `/campaigns/${id}/trigger`);

const withdraw = (who: Tenant, contactId: string) =>
  db
    .prepare("UPDATE contacts SET consent_state = 'STOP', consent_updated_at = ?3 WHERE org_id = ?1 AND id = ?2")
    .bind(who.organizationId, contactId, Date.now())
    .run();

/** What is planned for later is due now, for an object that wakes now. */
const hasten = async (who: Tenant, id: string) => {
  await runInDurableObject(stubOf(who, id), (_, state) => {
    state.storage.sql.exec("UPDATE recipients SET due = 0");
  });
  await runDurableObjectAlarm(stubOf(who, id));
};

describe("a campaign without a provider", () => {
  it("reaches everybody in its segment once, and counts it from the messages", async () => {
    const who = await makeCampaigner(150);
    const id = await makeCampaign(who);
    const triggered = await trigger(who, id);
    expect(triggered).toMatchObject({
      status: 200,
      body: { campaign_id: id, estimated_recipients: 150, execution_started: true },
    });
    const campaign = await reaches(who, id, "COMPLETED", 20_000);
    expect(campaign).toMatchObject({ messages_sent: 150, messages_failed: 0, recipients: 150 });
    const messages = await messagesOf(who, id);
    expect(messages.map(({ contactId }) => contactId)).toEqual(who.contacts.map((one) => one.id));
    expect(messages[3]).toMatchObject({ body: "Hi Person 3!", status: "delivered" });
    expect((await trigger(who, id)).status).toBe(409);
    // Nothing is left of the run but rows.
    const kept = await runInDurableObject(stubOf(who, id), (_, state) => state.storage.sql.databaseSize);
    expect(kept).toBeLessThan(20_000);
  });

  it("is over at once when there is nobody", async () => {
    const who = await makeCampaigner(0);
    const id = await makeCampaign(who);
    expect((await trigger(who, id)).body).toMatchObject({ estimated_recipients: 0 });
    expect(await reaches(who, id, "COMPLETED")).toMatchObject({ messages_sent: 0, recipients: 0 });
  });

  it("starts when its time has come, once, and a time that was slept through counts", async () => {
    const who = await makeCampaigner(2);
    const id = await makeCampaign(who, { schedule_time: new Date(Date.now() + 3_600_000).toISOString() });
    expect(await read(who, id)).toMatchObject({ status: "SCHEDULED" });
    const alarm = () => runInDurableObject(stubOf(who, id), (_, state) => state.storage.getAlarm());
    const at = (await eventually(async () => {
      const set = await alarm();
      return set !== null && set > Date.now() + 60_000 && set;
    })) as number;
    expect(at).toBeLessThanOrEqual(Date.now() + 3_600_000);
    await runDurableObjectAlarm(stubOf(who, id));
    expect(await messagesOf(who, id)).toEqual([]);
    await db
      .prepare("UPDATE campaigns SET schedule_time = ?3 WHERE org_id = ?1 AND id = ?2")
      .bind(who.organizationId, id, Date.now() - 5_000)
      .run();
    await evictDurableObject(stubOf(who, id));
    await runDurableObjectAlarm(stubOf(who, id));
    const campaign = await reaches(who, id, "COMPLETED");
    expect(campaign).toMatchObject({ messages_sent: 2 });
  });

  it("fails when its template was deleted before it began", async () => {
    const who = await makeCampaigner(2);
    const id = await makeCampaign(who);
    await db.prepare("UPDATE campaigns SET template_id = ?2 WHERE id = ?1").bind(id, newId()).run();
    expect((await trigger(who, id)).status).toBe(422);
    await db.prepare("UPDATE campaigns SET status = 'running' WHERE id = ?1").bind(id).run();
    await call(who, "POST", `/campaigns/${id}/pause`);
    await call(who, "POST", `/campaigns/${id}/resume`);
    expect(await reaches(who, id, "FAILED")).toMatchObject({ error: expect.stringContaining("template") });
  });

  it("fails when its channel was taken away before it began, and spends nobody on it", async () => {
    const who = await makeCampaigner(2);
    const id = await makeCampaign(who, { channel: "sms" });
    await db.prepare("UPDATE campaigns SET channel = ?2 WHERE id = ?1").bind(id, newId()).run();
    expect(await trigger(who, id)).toMatchObject({ status: 422, body: { field: "channel" } });
    await db.prepare("UPDATE campaigns SET status = 'paused' WHERE id = ?1").bind(id).run();
    await call(who, "POST", `/campaigns/${id}/resume`);
    expect(await reaches(who, id, "FAILED")).toMatchObject({ error: expect.stringContaining("channel") });
    expect(await messagesOf(who, id)).toEqual([]);
  });
});

describe("what each person is owed", () => {
  it("fails a message whose variable has no value, names it, and sends the others", async () => {
    const who = await makeCampaigner(3);
    await db
      .prepare("UPDATE contacts SET attributes = '{}', name = NULL WHERE org_id = ?1 AND id = ?2")
      .bind(who.organizationId, who.contacts[1]!.id)
      .run();
    const id = await makeCampaign(who, {}, "Hi {first}, {city|your city}!");
    await trigger(who, id);
    const campaign = await reaches(who, id, "COMPLETED");
    expect(campaign).toMatchObject({ messages_sent: 2, messages_failed: 1 });
    const messages = await messagesOf(who, id);
    expect(messages[0]).toMatchObject({ body: "Hi Person 0, your city!" });
    expect(messages[1]).toMatchObject({
      status: "failed",
      errorCode: "MISSING_VARIABLE",
      error: "The contact has no value for {first}",
    });
  });

  it("writes to nobody who has opted out, and says why", async () => {
    const who = await makeCampaigner(3);
    await withdraw(who, who.contacts[1]!.id);
    const id = await makeCampaign(who);
    await trigger(who, id);
    expect(await reaches(who, id, "COMPLETED")).toMatchObject({ messages_sent: 2, messages_failed: 0 });
    const { results } = await db
      .prepare("SELECT status, error_code AS code, gates ->> 'failed' AS gate FROM messages WHERE contact_id = ?1")
      .bind(who.contacts[1]!.id)
      .all();
    expect(results).toEqual([{ status: "canceled", code: "CONSENT", gate: "consent" }]);
  });

  it("holds back who sleeps, in a row that says so, and sends when they wake", async () => {
    const who = await makeCampaigners(2);
    // Quiet now for one of them, whatever the hour: their clock says noon, the other's midnight.
    const noon = 12 - new Date().getUTCHours();
    const zone = noon === 0 ? "Etc/GMT" : `Etc/GMT${noon > 0 ? "-" : "+"}${Math.abs(noon)}`;
    const midnight = new Date().getUTCHours();
    const other = midnight === 0 ? "Etc/GMT" : midnight <= 12 ? `Etc/GMT+${midnight}` : `Etc/GMT-${24 - midnight}`;
    const setZone = (contactId: string, timezone: string) =>
      db.prepare("UPDATE contacts SET timezone = ?2 WHERE id = ?1").bind(contactId, timezone).run();
    await setZone(who.contacts[0]!.id, zone);
    await setZone(who.contacts[1]!.id, other);
    const id = await makeCampaign(who, { quiet_hours_start: "21:00", quiet_hours_end: "08:00" });
    await trigger(who, id);
    await eventually(async () => (await messagesOf(who, id)).length === 2 && twilio.sends.length === 1);
    expect(twilio.sends[0]!.to).toBe(who.contacts[0]!.phone);
    const held = (await messagesOf(who, id))[1]!;
    expect(held.status).toBe("scheduled");
    expect(held.holdUntil).toBeGreaterThan(Date.now() + 6 * 3_600_000);
    expect(await read(who, id)).toMatchObject({ status: "RUNNING", messages_sent: 1 });

    await setZone(who.contacts[1]!.id, zone);
    await hasten(who, id);
    expect(await reaches(who, id, "COMPLETED")).toMatchObject({ messages_sent: 2 });
    expect(twilio.sends.map(({ to }) => to)).toEqual(who.contacts.map(({ phone }) => phone));
    expect((await messagesOf(who, id))[1]!.holdUntil).toBeNull();
  });
});

describe("a campaign over a provider", () => {
  it("sends each message once, with its text, through the sender's slots", async () => {
    const who = await makeCampaigners(40);
    // Four lanes, three of them objects of their own.
    const id = await makeCampaign(who, { rate_limit_per_second: 60 });
    await trigger(who, id);
    await reaches(who, id, "COMPLETED", 20_000);
    expect(twilio.sends.map(({ to }) => to).sort()).toEqual(who.contacts.map(({ phone }) => phone));
    expect(twilio.sends.find(({ to }) => to === who.contacts[7]!.phone)!.body).toBe("Hi Person 7!");
  });

  it("reaches more people than one wake of all its lanes takes up", async () => {
    const who = await makeCampaigners(900);
    const id = await makeCampaign(who);
    await trigger(who, id);
    await reaches(who, id, "COMPLETED", 50_000);
    expect(new Set(twilio.sends.map(({ to }) => to)).size).toBe(900);
    expect(twilio.sends.length).toBe(900);
  });

  it("keeps to its own rate, which is lower than its sender's", async () => {
    const who = await makeCampaigners(12);
    const id = await makeCampaign(who, { rate_limit_per_second: 4 });
    await trigger(who, id);
    await reaches(who, id, "COMPLETED", 30_000);
    expect(twilio.sends.length).toBe(12);
    const times = twilio.sends.map(({ at }) => at);
    for (const from of times) {
      expect(times.filter((at) => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(4);
    }
  });

  it("lets nobody wait for an answer that does not come", async () => {
    const who = await makeCampaigners(20);
    const { promise: hung, resolve: hangUp } = Promise.withResolvers<undefined>();
    twilio.answer = ({ to }) => (to === who.contacts[4]!.phone ? hung : undefined);
    const id = await makeCampaign(who, { rate_limit_per_second: 12 });
    await trigger(who, id);
    await eventually(async () => twilio.sends.length === 19, 6_000);
    expect(await read(who, id)).toMatchObject({ status: "RUNNING" });
    hangUp(undefined);
    expect(await reaches(who, id, "COMPLETED")).toMatchObject({ messages_sent: 20 });
    expect(twilio.sends.length).toBe(20);
  });

  it("tries again what was refused for now, fails what was refused for good, and minds what a carrier says of consent", async () => {
    const who = await makeCampaigners(4);
    const [busy, wrong, gone] = who.contacts.map(({ phone }) => phone);
    let busyTimes = 0;
    twilio.answer = ({ to }) => {
      if (to === busy && ++busyTimes < 3)
        return Response.json({ code: 20429, message: "Too Many Requests" }, { status: 429 });
      if (to === wrong) return Response.json({ code: 21211, message: "Invalid 'To' Phone Number" }, { status: 400 });
      if (to === gone) return Response.json({ code: 21610, message: "Unsubscribed" }, { status: 400 });
      return undefined;
    };
    const id = await makeCampaign(who);
    await trigger(who, id);
    expect(await reaches(who, id, "COMPLETED", 20_000)).toMatchObject({ messages_sent: 2, messages_failed: 2 });
    expect(busyTimes).toBe(3);
    const messages = await messagesOf(who, id);
    expect(messages.map(({ status, errorCode }) => [status, errorCode])).toEqual([
      ["queued", null],
      ["failed", "21211"],
      ["failed", "21610"],
      ["queued", null],
    ]);
    const consent = await db
      .prepare("SELECT consent_state AS state, consent_source AS source FROM contacts WHERE id = ?1")
      .bind(who.contacts[2]!.id)
      .first();
    expect(consent).toEqual({ state: "OPT_OUT", source: "carrier" });
  });

  it("sends nothing after consent was withdrawn, though the campaign was planned before", async () => {
    const who = await makeCampaigners(30);
    const id = await makeCampaign(who);
    const stopped = who.contacts[29]!;
    twilio.answer = async ({ to }) => {
      if (to === who.contacts[0]!.phone) await withdraw(who, stopped.id);
      return undefined;
    };
    await trigger(who, id);
    await reaches(who, id, "COMPLETED", 20_000);
    expect(twilio.sends.length).toBe(29);
    expect(twilio.sends.some(({ to }) => to === stopped.phone)).toBe(false);
    expect((await messagesOf(who, id)).at(-1)).toMatchObject({ status: "canceled", errorCode: "CONSENT" });
  });

  it("looks up what nobody heard of, finds it, and sends nothing again", async () => {
    const who = await makeCampaigners(2);
    const lost = who.contacts[1]!.phone;
    twilio.answer = (send) => {
      if (send.to !== lost) return undefined;
      twilio.sends.push(send);
      throw new TypeError("network connection lost");
    };
    const id = await makeCampaign(who);
    await trigger(who, id);
    await eventually(async () => (await messagesOf(who, id))[1]?.errorCode === "UNKNOWN_OUTCOME");
    expect(await read(who, id)).toMatchObject({ status: "RUNNING" });
    await hasten(who, id);
    expect(await reaches(who, id, "COMPLETED")).toMatchObject({ messages_sent: 2 });
    expect(twilio.sends.length).toBe(2);
    expect(twilio.lists).toBe(1);
  });

  it.each([
    ["park", "scheduled", "UNKNOWN_OUTCOME", 1],
    ["resend", "queued", null, 2],
  ] as const)("%s: what the provider has no trace of", async (onUnknown, status, errorCode, sends) => {
    const who = await makeCampaigners(2);
    const lost = who.contacts[1]!.phone;
    let times = 0;
    twilio.answer = ({ to }) => {
      if (to === lost && ++times === 1) throw new TypeError("network connection lost");
      return undefined;
    };
    const id = await makeCampaign(who, { on_unknown: onUnknown });
    await trigger(who, id);
    await eventually(async () => (await messagesOf(who, id))[1]?.errorCode === "UNKNOWN_OUTCOME");
    for (let look = 0; look < 4; look++) {
      if ((await read(who, id)).status === "RUNNING") await hasten(who, id);
    }
    await reaches(who, id, "COMPLETED");
    expect((await messagesOf(who, id))[1]).toMatchObject({ status, errorCode });
    expect(twilio.sends.length).toBe(sends);
    const unknown = onUnknown === "park" ? 1 : 0;
    const { body } = await call(who, "GET", `/reporting/campaigns/${id}/summary`);
    // Nobody counts as pending of whom nobody knows anything, and all numbers are all recipients.
    expect(body).toMatchObject({ recipients: 2, performance_metrics: { messages_unknown: unknown } });
    const { messages_pending: pending, messages_unknown } = body.performance_metrics as Record<string, number>;
    expect([pending! + messages_unknown!, (await read(who, id)).messages_unknown]).toEqual([2, unknown]);
  });

  it("pauses itself when the sender is to blame, and goes on when somebody has mended it", async () => {
    const who = await makeCampaigners(60);
    const id = await makeCampaign(who);
    twilio.answer = () => Response.json({ code: 20003, message: "Authenticate" }, { status: 401 });
    await trigger(who, id);
    const paused = await reaches(who, id, "PAUSED", 20_000);
    expect(paused.error).toContain("Authenticate");
    const failed = Number(paused.messages_failed);
    expect(failed).toBeGreaterThanOrEqual(20);
    expect(failed).toBeLessThan(60);
    twilio.answer = () => undefined;
    await call(who, "POST", `/campaigns/${id}/resume`);
    await reaches(who, id, "COMPLETED", 20_000);
    expect(twilio.sends.length).toBe(60 - failed);
  });
});

describe("a provider that cannot be reached", () => {
  it("is left alone after some tries, and everybody else goes when it is back", async () => {
    const people = 300;
    const who = await makeCampaigners(people);
    let lost = 0;
    twilio.answer = () => {
      lost++;
      throw new TypeError("network connection lost");
    };
    const id = await makeCampaign(who, { on_unknown: "resend" });
    await trigger(who, id);
    await eventually(async () => lost >= 20, 20_000);
    // It goes on for as long as it wants to.
    for (let before = 0; before !== lost; ) {
      before = lost;
      await new Promise((resolve) => setTimeout(resolve, 1_500));
    }
    expect(lost).toBeLessThan(people / 2);
    expect(await read(who, id)).toMatchObject({ status: "RUNNING" });
    twilio.answer = () => undefined;
    // A new life knows nothing of the rest, as after some minutes.
    await runInDurableObject(stubOf(who, id), (_, state) => state.abort("crashed")).catch(() => undefined);
    for (let look = 0; look < 4; look++) {
      if ((await read(who, id)).status === "RUNNING") await hasten(who, id);
    }
    await reaches(who, id, "COMPLETED", 20_000);
    expect(twilio.sends.map(({ to }) => to).toSorted()).toEqual(who.contacts.map(({ phone }) => phone).toSorted());
  });
});

describe("what others hear of it", () => {
  it("is told as MESSAGE_SENT where somebody listens, once a message, and is no event where nobody does", async () => {
    const who = await makeCampaigner(4);
    const unheard = await makeCampaign(who);
    await trigger(who, unheard);
    await reaches(who, unheard, "COMPLETED");
    const workflow = await makeWorkflow(who.organizationId, trivial("trigger_event", { event_type: "MESSAGE_SENT" }));
    await subscribe(workflow, { eventType: "MESSAGE_SENT" });
    const heard = await makeCampaign(who);
    await trigger(who, heard);
    await reaches(who, heard, "COMPLETED");
    const events = await eventually(async () => {
      const { results } = await db
        .prepare(
          "SELECT contact_id AS contactId, source FROM events WHERE org_id = ?1 AND type = 'MESSAGE_SENT' ORDER BY 1",
        )
        .bind(who.organizationId)
        .all();
      return results.length >= 4 && results;
    });
    expect(events).toEqual(who.contacts.map(({ id }) => ({ contactId: id, source: `campaign:${heard}` })));
  });
});

describe("pause, resume, cancel", () => {
  it("a paused campaign sends nothing until it is resumed, and then goes on where it was", async () => {
    const who = await makeCampaigners(30);
    const id = await makeCampaign(who, { rate_limit_per_second: 20 });
    await trigger(who, id);
    await eventually(async () => twilio.sends.length >= 3);
    expect((await call(who, "POST", `/campaigns/${id}/pause`)).body).toMatchObject({ status: "PAUSED" });
    const sent = twilio.sends.length;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(twilio.sends.length).toBe(sent);
    expect((await call(who, "POST", `/campaigns/${id}/pause`)).status).toBe(409);
    await call(who, "POST", `/campaigns/${id}/resume`);
    await reaches(who, id, "COMPLETED", 20_000);
    expect(twilio.sends.map(({ to }) => to).sort()).toEqual(who.contacts.map(({ phone }) => phone));
  });

  it("a paused campaign that is freed of its quiet hours keeps nobody waiting for their end", async () => {
    const who = await makeCampaigners(2);
    const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
    await db.prepare("UPDATE contacts SET timezone = 'Etc/GMT' WHERE org_id = ?1").bind(who.organizationId).run();
    const id = await makeCampaign(who, { quiet_hours_start: at(-2), quiet_hours_end: at(2) });
    await trigger(who, id);
    await eventually(async () => (await messagesOf(who, id)).filter(({ holdUntil }) => holdUntil).length === 2);
    await call(who, "POST", `/campaigns/${id}/pause`);
    await call(who, "PUT", `/campaigns/${id}`, { quiet_hours_start: null, quiet_hours_end: null });
    expect(twilio.sends).toEqual([]);
    await call(who, "POST", `/campaigns/${id}/resume`);
    expect(await reaches(who, id, "COMPLETED")).toMatchObject({ messages_sent: 2 });
  });

  it("a cancelled campaign sends nothing more, for good; what waited is canceled", async () => {
    const who = await makeCampaigners(30);
    const id = await makeCampaign(who, { rate_limit_per_second: 20 });
    await trigger(who, id);
    await eventually(async () => twilio.sends.length >= 3);
    await call(who, "POST", `/campaigns/${id}/cancel`);
    const sent = twilio.sends.length;
    await eventually(async () => (await messagesOf(who, id)).every(({ status }) => status !== "scheduled"));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(twilio.sends.length).toBe(sent);
    const messages = await messagesOf(who, id);
    expect(messages.filter(({ status }) => status === "queued").length).toBe(sent);
    for (const doing of ["trigger", "pause", "resume", "cancel"]) {
      expect((await call(who, "POST", `/campaigns/${id}/${doing}`)).status).toBe(409);
    }
  });

  it("one of several commands at once wins, and what is shown is what holds", async () => {
    const who = await makeCampaigner(5);
    const id = await makeCampaign(who);
    const answers = await Promise.all(
      ["trigger", "trigger", "cancel", "cancel"].map((doing) => call(who, "POST", `/campaigns/${id}/${doing}`)),
    );
    const good = answers.filter(({ status }) => status === 200).length;
    expect(good).toBeGreaterThanOrEqual(1);
    expect(answers.filter(({ status }) => status === 409).length).toBe(4 - good);
    const { results } = await db
      .prepare("SELECT action FROM audit WHERE target_id = ?1 AND action <> 'campaign.created'")
      .bind(id)
      .all();
    expect(results.length).toBe(good);
  });
});
