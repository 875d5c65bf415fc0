// A workflow's mail: to a contact a message behind the one send gate, with a row that says what became of it; to nobody's address a mail.
import { beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import type { StepRef } from "../../src/domain/action-ports.ts";
import { suppressionHash } from "../../src/domain/contact/suppression.ts";
import { GATES, type GateReport } from "../../src/domain/message/gates.ts";
import type { MessagingPolicy } from "../../src/domain/message/policy.ts";
import { explain, readMessage } from "../../src/domain/message/read-messages.ts";
import type { Env } from "../../src/env.ts";
import { newId } from "../../src/lib/ids.ts";
import { makeActionPorts } from "../../src/objects/action-ports.ts";
import { makePorts } from "../../src/objects/ports.ts";
import { db, testEnv } from "../fixtures/identity.ts";

const organizationId = newId();
const servers = inject("smtp");
const mailWith = (vars: Record<string, string>) => makeActionPorts({ ...testEnv, ...vars } as Env).email;
const EMAIL_FROM = "Signalbox <box@example.com>";
const email = mailWith({ SMTP_URL: `smtp://127.0.0.1:${servers.plain}`, EMAIL_FROM });

const stepOf = (more: Partial<StepRef> = {}): StepRef => ({
  key: `${newId()}:n:1`,
  executionId: newId(),
  organizationId,
  workflowId: "w",
  versionId: "v",
  startedAt: Date.now(),
  eventDepth: 0,
  signal: AbortSignal.timeout(60_000),
  ...more,
});
const orderTo = (to: string) => ({ to, subject: `To ${to}`, body: "<p>b</p>", isHtml: true });
const codeOfMailTo = async (to: string, more: Partial<StepRef> = {}) => {
  const sent = await email.send(stepOf(more), orderTo(to));
  return sent.outcome === "refused" ? sent.code : sent.outcome;
};
const makeContact = async (address: string, consent: string | null) => {
  const id = newId();
  await db.batch([
    db
      .prepare(
        "INSERT INTO contacts (org_id, id, consent_state, timezone, created_at, updated_at) VALUES (?1, ?2, ?3, 'UTC', 1, 1)",
      )
      .bind(organizationId, id, consent),
    db
      .prepare("INSERT INTO identities (org_id, kind, value, contact_id) VALUES (?1, 'email', ?2, ?3)")
      .bind(organizationId, address, id),
  ]);
  return id;
};
const setPolicy = (policy: Partial<MessagingPolicy>) =>
  db
    .prepare("UPDATE organizations SET messaging_policy = ?2 WHERE id = ?1")
    .bind(organizationId, JSON.stringify(policy))
    .run();
const rowOf = ({ key }: StepRef) =>
  db.prepare("SELECT * FROM messages WHERE step_key = ?1").bind(key).first<Record<string, unknown>>();
/** What a user of the API is told of a message. */
const told = (id: unknown) =>
  readMessage(
    {
      principal: { organizationId, role: "viewer", userId: "u" },
      ports: makePorts(testEnv as Env),
    } as unknown as Parameters<typeof readMessage>[0],
    String(id),
  );
const mailbox = async (): Promise<{ to: string[]; raw: string }[]> =>
  (await fetch(`http://127.0.0.1:${servers.mailbox}/`)).json();
const mailsTo = async (address: string) => (await mailbox()).filter(({ to }) => to.includes(address));

beforeAll(() =>
  db.prepare("INSERT INTO organizations (id, name, created_at) VALUES (?1, 'Mail', 0)").bind(organizationId).run(),
);
beforeEach(() => setPolicy({}));

it.each([
  ["STOP", "CONSENT"],
  ["OPT_OUT", "CONSENT"],
  ["OPT_IN", "ok"],
  [null, "ok"],
])("to a contact whose consent is %s: %s", async (consent, code) => {
  const address = `${String(consent).toLowerCase()}@example.com`;
  await makeContact(address, consent);
  expect(await codeOfMailTo(address)).toBe(code);
  expect(await codeOfMailTo(`Somebody <${address.toUpperCase()}>`)).toBe(code);
});

describe("to a contact", () => {
  it("that was refused is a message with every gate in its order", async () => {
    await makeContact("no@example.com", "STOP");
    const step = stepOf();
    const refused = await email.send(step, orderTo("no@example.com"));
    expect(refused).toMatchObject({ outcome: "refused", code: "CONSENT", retryable: false });
    const row = await rowOf(step);
    expect(row).toMatchObject({ status: "canceled", channel: "email", recipient: "no@example.com", provider_id: null });
    const message = await told(row!.id);
    expect((message.gates as GateReport).gates.map(({ gate }) => gate)).toEqual(GATES);
    expect(message).toMatchObject({ outcome: "suppressed", gates: { failed: "consent", earliestAt: null } });
    expect(explain(message)).toBe("It was not sent: The contact has opted out (STOP)");
    // Asked again it says the same, and writes nothing more.
    expect(await email.send(step, orderTo("no@example.com"))).toMatchObject({ outcome: "refused", code: "CONSENT" });
    expect(await mailsTo("no@example.com")).toEqual([]);
  });

  it("that was taken is a message that was sent, once whatever is asked again", async () => {
    const contactId = await makeContact("yes@example.com", null);
    const step = stepOf();
    const sent = await email.send(step, orderTo("Yes@example.com"));
    const row = (await rowOf(step))!;
    expect(sent).toEqual({
      outcome: "ok",
      value: { messageId: row.id, providerId: row.provider_id, to: "Yes@example.com" },
    });
    expect(row).toMatchObject({
      contact_id: contactId,
      channel: "email",
      status: "sent",
      body: "<p>b</p>",
      gates: null,
    });
    expect(await email.send(step, orderTo("Yes@example.com"))).toEqual(sent);
    expect(await email.reconcile(step)).toEqual(sent);
    const [mail, ...more] = await mailsTo("Yes@example.com");
    expect(more).toEqual([]);
    expect(mail!.raw).toContain("Subject: To Yes@example.com");
    expect(mail!.raw).toContain("text/html");
  });

  it("waits for quiet hours to end and counts for the frequency cap", async () => {
    await makeContact("cap@example.com", null);
    const hour = new Date().getUTCHours();
    const clock = (offset: number) => `${String((hour + offset + 24) % 24).padStart(2, "0")}:00`;
    await setPolicy({ quietHours: { start: clock(-1), end: clock(6) } });
    const step = stepOf();
    const held = await email.send(step, orderTo("cap@example.com"));
    expect(held).toMatchObject({ outcome: "deferred", reason: "It is quiet in UTC" });
    expect(await rowOf(step)).toMatchObject({ status: "scheduled", hold_until: (held as { until: number }).until });
    await setPolicy({ frequencyCap: { max: 1, windowSeconds: 3600 } });
    expect(await email.send(step, orderTo("cap@example.com"))).toMatchObject({ outcome: "ok" });
    expect(await email.send(stepOf(), orderTo("cap@example.com"))).toMatchObject({ outcome: "deferred" });
    expect((await mailsTo("cap@example.com")).length).toBe(1);
  });

  it("of which nobody knows whether it left is listed, and not sent again", async () => {
    await makeContact("cut@example.com", null);
    const cut = mailWith({ SMTP_URL: `smtp://127.0.0.1:${servers.cutAfterData}`, EMAIL_FROM });
    const step = stepOf();
    expect(await cut.send(step, orderTo("cut@example.com"))).toMatchObject({ outcome: "unknown" });
    expect(await cut.reconcile(step)).toMatchObject({ outcome: "unknown" });
    expect(await rowOf(step)).toMatchObject({ status: "scheduled", error_code: "UNKNOWN_OUTCOME" });
    expect(await cut.send(step, orderTo("cut@example.com"))).toMatchObject({ outcome: "unknown" });
  });

  it("that the server was too busy for goes again as the same message", async () => {
    await makeContact("busy@example.com", null);
    const busy = mailWith({ SMTP_URL: `smtp://127.0.0.1:${servers.busy}`, EMAIL_FROM });
    const step = stepOf();
    expect(await busy.send(step, orderTo("busy@example.com"))).toMatchObject({ outcome: "refused", retryable: true });
    const { id } = (await rowOf(step))!;
    expect(await email.send(step, orderTo("busy@example.com"))).toMatchObject({ outcome: "ok" });
    expect(await rowOf(step)).toMatchObject({ id, status: "sent", error_code: null });
  });
});

it("to nobody that is known goes without a row; to whoever was deleted after opting out it does not, until they are known again", async () => {
  const step = stepOf();
  const sent = await email.send(step, orderTo("shop@example.com"));
  expect(sent).toMatchObject({ outcome: "ok", value: { to: "shop@example.com" } });
  expect(await rowOf(step)).toBeNull();
  expect(await email.reconcile(step)).toMatchObject({ outcome: "unknown" });
  expect((await mailsTo("shop@example.com")).length).toBe(1);
  const identity = { kind: "email" as const, value: "gone@example.com" };
  const hash = await suppressionHash(organizationId, identity);
  await db
    .prepare("INSERT INTO suppressions (org_id, hash, state, at) VALUES (?1, ?2, 'STOP', 1)")
    .bind(organizationId, hash)
    .run();
  const refused = stepOf();
  expect(await email.send(refused, orderTo("gone@example.com"))).toMatchObject({ outcome: "refused", code: "CONSENT" });
  expect(await rowOf(refused)).toMatchObject({ status: "canceled" });
  await db
    .prepare(
      "UPDATE contacts SET consent_state = 'OPT_IN' WHERE consent_state = 'STOP' AND id IN (SELECT contact_id FROM identities WHERE value = 'gone@example.com')",
    )
    .run();
  expect(await codeOfMailTo("gone@example.com")).toBe("ok");
});

it("another organisation's contact says nothing about ours", async () => {
  expect(await codeOfMailTo("stop@example.com", { organizationId: newId() })).toBe("ok");
});

it("needs a mail server", async () => {
  const { SMTP_URL: _, ...without } = testEnv as Env & { SMTP_URL?: string };
  const answer = await makeActionPorts(without as Env).email.send(stepOf(), orderTo("null@example.com"));
  expect(answer).toMatchObject({ outcome: "refused", code: "EMAIL_NOT_CONFIGURED" });
});
