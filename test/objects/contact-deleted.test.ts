// People whose contact was deleted, or is known by the other spelling of their number, and what they write then.
import { beforeAll, describe, expect, it } from "vitest";
import { deleteContact } from "../../src/domain/contact/delete-contact.ts";
import { contactObjectName, type InboundMessage } from "../../src/domain/contact/receive.ts";
import { newId } from "../../src/lib/ids.ts";
import { makePorts } from "../../src/objects/ports.ts";
import { contactStub } from "../../src/objects/rpc.ts";
import { db, makeOrganization, testEnv, testPorts } from "../fixtures/identity.ts";

let organizationId: string;
let userId: string;
beforeAll(async () => {
  ({ organizationId, userId } = await makeOrganization());
});

const write = (phone: string, text: string) => {
  const message: InboundMessage = {
    organizationId,
    source: "twilio",
    message: {
      fact: "message_received",
      channel: "sms",
      providerId: `SM${newId()}`,
      from: { kind: "phone", value: phone },
      to: "+15551234567",
      text,
      media: [],
    },
  };
  return contactStub(testEnv, contactObjectName(organizationId, { kind: "phone", value: phone })).receive(message);
};
const contactOf = (phone: string) =>
  db
    .prepare(
      `SELECT c.id, c.consent_state AS state, c.consent_source AS source, c.consent_epoch AS epoch FROM contacts c
       JOIN identities i ON i.org_id = c.org_id AND i.contact_id = c.id WHERE i.org_id = ?1 AND i.value = ?2`,
    )
    .bind(organizationId, phone)
    .first<{ id: string; state: string | null; source: string | null; epoch: number }>();
const remove = async (phone: string) => {
  const { contacts } = makePorts(testEnv);
  const context = {
    principal: { kind: "user" as const, userId, username: "u", organizationId, role: "owner" as const },
    ports: testPorts({ contacts }),
    requestId: "r",
  };
  await deleteContact(context, (await contactOf(phone))!.id);
};

describe("a person whose contact was deleted", () => {
  it("is a new contact with the next message, and still opted out", async () => {
    const phone = "+14155550101";
    await write(phone, "STOP");
    const before = await contactOf(phone);
    expect(before).toMatchObject({ state: "STOP", source: "keyword:STOP", epoch: 1 });
    await remove(phone);
    expect(await contactOf(phone)).toBeNull();
    await write(phone, "Hello again");
    const after = await contactOf(phone);
    expect(after).toMatchObject({ state: "STOP", source: "suppression", epoch: 1 });
    expect(after!.id).not.toBe(before!.id);
    await write(phone, "START");
    expect(await contactOf(phone)).toMatchObject({ state: "OPT_IN", source: "keyword:START", epoch: 2 });
  });

  it("is heard when they say STOP, even if nobody could tell the object", async () => {
    const phone = "+14155550102";
    await write(phone, "Hello");
    const { id } = (await contactOf(phone))!;
    await db.batch([
      db.prepare("DELETE FROM identities WHERE org_id = ?1 AND contact_id = ?2").bind(organizationId, id),
      db.prepare("DELETE FROM contacts WHERE org_id = ?1 AND id = ?2").bind(organizationId, id),
    ]);
    await write(phone, "STOP");
    expect(await contactOf(phone)).toMatchObject({ state: "STOP", source: "keyword:STOP" });
  });
});

it("a message from the other spelling of a number is the same person's", async () => {
  await write("+551187654321", "Oi");
  const known = await contactOf("+551187654321");
  await write("+5511987654321", "STOP");
  expect(await contactOf("+5511987654321")).toBeNull();
  expect(await contactOf("+551187654321")).toMatchObject({ id: known!.id, state: "STOP" });
});
