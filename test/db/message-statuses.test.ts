// The lattice of statuses in the database: whatever comes late, twice, shuffled or contradicting, the highest is shown, and what lost is kept.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MESSAGE_STATUSES, type MessageStatus } from "../../src/channels/status.ts";
import { raiseStatuses, type StatusReport } from "../../src/db/queries/messages.ts";
import { newId } from "../../src/lib/ids.ts";
import { testEnv } from "../fixtures/identity.ts";

const db = testEnv.DB;
const ORG = newId();

const aMessage = async (status = "scheduled") => {
  const id = newId();
  await db
    .prepare(
      `INSERT INTO messages (org_id, id, contact_id, direction, channel, sender, recipient, status, created_at, updated_at)
       VALUES (?1, ?2, 'c', 'outbound', 'sms', '', '', ?3, 1, 1)`,
    )
    .bind(ORG, id, status)
    .run();
  return id;
};
const report = (id: string, status: string, more: Partial<StatusReport> = {}): StatusReport => ({
  organizationId: ORG,
  id,
  providerId: `SM${id}`,
  status,
  errorCode: null,
  errorName: null,
  error: null,
  at: 2,
  ...more,
});
const raise = (...reports: StatusReport[]) => raiseStatuses(db, MESSAGE_STATUSES, reports).run();
const read = async (id: string) => {
  const row = (await db.prepare("SELECT * FROM messages WHERE id = ?1").bind(id).first<Record<string, unknown>>())!;
  return { ...row, conflict: row.conflict === null ? null : JSON.parse(String(row.conflict)) };
};
const failure = { errorCode: "30008", errorName: "Unknown error", error: "lost" };

/** What stands when one comes after the other. */
const higher = (one: MessageStatus, other: MessageStatus): MessageStatus =>
  MESSAGE_STATUSES.indexOf(one) > MESSAGE_STATUSES.indexOf(other) ? one : other;

describe("statuses", () => {
  it.each([
    ["queued", "accepted", "queued"],
    ["scheduled", "accepted", "accepted"],
    ["accepted", "scheduled", "accepted"],
    ["sent", "queued", "sent"],
    ["sent", "sending", "sent"],
    ["sent", "delivered", "delivered"],
    ["read", "delivered", "read"],
    ["delivered", "read", "read"],
    ["queued", "failed", "failed"],
    ["sent", "undelivered", "undelivered"],
    ["scheduled", "canceled", "canceled"],
    ["failed", "sent", "failed"],
    ["undelivered", "queued", "undelivered"],
    ["canceled", "sending", "canceled"],
  ] as const)("%s then %s shows %s, without a conflict", async (current, incoming, shown) => {
    const id = await aMessage(current);
    await raise(report(id, incoming));
    expect(await read(id)).toMatchObject({ status: shown, conflict: null });
  });

  it("end at the same, in every order and however often they come", async () => {
    const status = fc.constantFrom(...MESSAGE_STATUSES);
    await fc.assert(
      fc.asyncProperty(fc.array(status, { minLength: 1, maxLength: 6 }), async (told) => {
        const id = await aMessage();
        let expected: MessageStatus = "scheduled";
        for (const one of told) {
          await raise(report(id, one));
          expected = higher(expected, one);
          expect(await read(id)).toMatchObject({ status: expected });
        }
      }),
      { numRuns: 40 },
    );
  });

  it("of a failure that comes after proof of delivery change nothing, and are kept as a conflict", async () => {
    for (const proof of ["delivered", "read"]) {
      const id = await aMessage("queued");
      await raise(report(id, proof));
      await raise(report(id, "undelivered", { ...failure, at: 9 }));
      expect(await read(id)).toMatchObject({
        status: proof,
        error_code: null,
        error_name: null,
        error: null,
        conflict: { status: "undelivered", error_code: "30008", at: 9 },
      });
    }
  });

  it("of proof that comes after a failure win, and what it was blamed for is kept as the conflict only", async () => {
    const id = await aMessage("queued");
    await raise(report(id, "failed", { ...failure, at: 5 }));
    expect(await read(id)).toMatchObject({
      status: "failed",
      error_code: "30008",
      error_name: "Unknown error",
      conflict: null,
    });
    await raise(report(id, "delivered", { at: 7 }));
    expect(await read(id)).toMatchObject({
      status: "delivered",
      error_code: null,
      error_name: null,
      delivered_at: 7,
      conflict: { status: "failed", error_code: "30008" },
    });
  });

  it("carry the provider's own count of segments, and its name for an error", async () => {
    const id = await aMessage();
    await raise(report(id, "queued", { segments: 3 }));
    await raise(report(id, "sent"));
    expect(await read(id)).toMatchObject({ segments: 3, sent_at: 2 });
    await raise(report(id, "undelivered", failure));
    expect(await read(id)).toMatchObject({
      segments: 3,
      error_code: "30008",
      error_name: "Unknown error",
      error: "lost",
    });
  });

  it("move nobody else's message, by our id or by the provider's", async () => {
    const id = await aMessage("queued");
    await raise(report(id, "sent"));
    await raise({ ...report(id, "failed"), organizationId: newId() });
    await raise({ ...report(id, "failed"), id: null, organizationId: newId() });
    expect(await read(id)).toMatchObject({ status: "sent" });
    await raise({ ...report(id, "delivered"), id: null });
    expect(await read(id)).toMatchObject({ status: "delivered" });
  });
});
