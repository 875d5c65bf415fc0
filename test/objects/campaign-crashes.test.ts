// A campaign whose object dies: before and after each of its writes to the index, and with messages on their way. Nobody is missed, nobody is
// written to twice.
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { db, type Tenant, testEnv } from "../fixtures/identity.ts";
import { type Campaigner, call, makeCampaign, makeCampaigner, messagesOf, read, stubOf } from "./campaign-kit.ts";
import { firstOrganization, type PlayedTwilio, playTwilio } from "./campaign-twilio.ts";

const PEOPLE = 14;

let first: Tenant;
let twilio: PlayedTwilio;
beforeAll(async () => {
  first = await firstOrganization();
});
beforeEach(async () => {
  await db.batch(
    ["contacts", "identities", "segments", "messages"].map((table) =>
      db.prepare(`DELETE FROM ${table} WHERE org_id = ?1`).bind(first.organizationId),
    ),
  );
  twilio = playTwilio();
});
afterEach(() => vi.restoreAllMocks());

/** The object is gone, memory and all, as by a crash of its machine. */
const crash = (who: Tenant, id: string): Promise<unknown> =>
  runInDurableObject(stubOf(who, id), (_, state) => state.abort("crashed")).catch(() => undefined);

/** Wakes it, and lets the time pass that it waits for, until the campaign has ended. */
const carryOn = async (who: Tenant, id: string): Promise<void> => {
  for (let round = 0; round < 60; round++) {
    if ((await read(who, id)).status === "COMPLETED") return;
    await runInDurableObject(stubOf(who, id), (_, state) => {
      const [table] = state.storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'recipients'").toArray();
      if (table) state.storage.sql.exec("UPDATE recipients SET due = 1 WHERE due > 1");
    }).catch(() => undefined);
    await runDurableObjectAlarm(stubOf(who, id)).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the campaign does not end");
};

const checkAll = async (who: Campaigner, id: string) => {
  expect(twilio.sends.map(({ to }) => to).sort()).toEqual(who.contacts.map(({ phone }) => phone));
  const messages = await messagesOf(who, id);
  expect(messages.map(({ status, errorCode }) => `${status} ${errorCode}`)).toEqual(
    Array.from({ length: PEOPLE }, () => "queued null"),
  );
  expect(await read(who, id)).toMatchObject({ messages_sent: PEOPLE, recipients: PEOPLE });
};

describe("a campaign whose object dies", () => {
  /** Batches of the index: what is read for judging, then what is claimed, then what became of it, three waves of it. */
  const points = Array.from({ length: 8 }, (_, n) => n + 1).flatMap((n) => [
    { n, when: "before" as const },
    { n, when: "after" as const },
  ]);

  it.each(points)("$when write $n to the index", async ({ n, when }) => {
    const who = await makeCampaigner(PEOPLE, first);
    const id = await makeCampaign(who);
    const batch = testEnv.DB.batch.bind(testEnv.DB);
    let writes = -1;
    vi.spyOn(testEnv.DB, "batch").mockImplementation(async (statements) => {
      // The first is the trigger's own.
      const isIt = ++writes === n;
      if (isIt && when === "before") {
        await crash(who, id);
        throw new Error("the machine is gone");
      }
      const results = await batch(statements);
      if (isIt) {
        await crash(who, id);
        throw new Error("the machine is gone");
      }
      return results as never;
    });
    await call(who, "POST", `/campaigns/${id}/trigger`);
    await carryOn(who, id);
    await checkAll(who, id);
  });

  it.each([1, 5, 6, 7, 13, 14])("with message %i on its way", async (n) => {
    const who = await makeCampaigner(PEOPLE, first);
    const id = await makeCampaign(who);
    let sends = 0;
    twilio.answer = async (send) => {
      if (++sends !== n) return undefined;
      twilio.sends.push(send);
      await crash(who, id);
      throw new TypeError("the machine is gone");
    };
    await call(who, "POST", `/campaigns/${id}/trigger`);
    await carryOn(who, id);
    await checkAll(who, id);
    // Somebody was asked after.
    expect(twilio.lists).toBeGreaterThanOrEqual(1);
  });
});
