// A workflow's mail: whoever has opted out of an organisation's messages gets none by this way either.
import { beforeAll, expect, it } from "vitest";
import type { StepRef } from "../../src/domain/action-ports.ts";
import { suppressionHash } from "../../src/domain/contact/suppression.ts";
import type { Env } from "../../src/env.ts";
import { newId } from "../../src/lib/ids.ts";
import { makeActionPorts } from "../../src/objects/action-ports.ts";
import { db, testEnv } from "../fixtures/identity.ts";

const organizationId = newId();
const { email } = makeActionPorts(testEnv as Env);

const stepOf = (): StepRef => ({
  key: `${newId()}:n:1`,
  executionId: newId(),
  organizationId,
  workflowId: "w",
  versionId: "v",
  startedAt: Date.now(),
  eventDepth: 0,
  signal: AbortSignal.timeout(60_000),
});
const codeOfMailTo = async (to: string, more: Partial<StepRef> = {}) => {
  const sent = await email.send({ ...stepOf(), ...more }, { to, subject: "s", body: "b", isHtml: false });
  return sent.outcome === "refused" ? sent.code : sent.outcome;
};
const makeContact = (address: string, consent: string | null) => {
  const id = newId();
  return db.batch([
    db
      .prepare("INSERT INTO contacts (org_id, id, consent_state, created_at, updated_at) VALUES (?1, ?2, ?3, 1, 1)")
      .bind(organizationId, id, consent),
    db
      .prepare("INSERT INTO identities (org_id, kind, value, contact_id) VALUES (?1, 'email', ?2, ?3)")
      .bind(organizationId, address, id),
  ]);
};

beforeAll(() =>
  db.prepare("INSERT INTO organizations (id, name, created_at) VALUES (?1, 'Mail', 0)").bind(organizationId).run(),
);

/** Past consent it fails for want of a server. */
const GOES = "EMAIL_NOT_CONFIGURED";

it.each([
  ["STOP", "CONSENT"],
  ["OPT_OUT", "CONSENT"],
  ["OPT_IN", GOES],
  [null, GOES],
])("to a contact whose consent is %s: %s", async (consent, code) => {
  const address = `${String(consent).toLowerCase()}@example.com`;
  await makeContact(address, consent);
  expect(await codeOfMailTo(address)).toBe(code);
  expect(await codeOfMailTo(`Somebody <${address.toUpperCase()}>`)).toBe(code);
});

it("to nobody that is known goes; to whoever was deleted after opting out it does not, until they are known again", async () => {
  expect(await codeOfMailTo("shop@example.com")).toBe(GOES);
  const identity = { kind: "email" as const, value: "gone@example.com" };
  const hash = await suppressionHash(organizationId, identity);
  await db
    .prepare("INSERT INTO suppressions (org_id, hash, state, at) VALUES (?1, ?2, 'STOP', 1)")
    .bind(organizationId, hash)
    .run();
  expect(await codeOfMailTo("gone@example.com")).toBe("CONSENT");
  await makeContact("gone@example.com", "OPT_IN");
  expect(await codeOfMailTo("gone@example.com")).toBe(GOES);
});

it("another organisation's contact says nothing about ours", async () => {
  expect(await codeOfMailTo("stop@example.com", { organizationId: newId() })).toBe(GOES);
});
