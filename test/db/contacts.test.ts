// What follows from contacts' rows by triggers: right whatever is written, in whatever order, by whichever statement of the product.
import { beforeEach, describe, expect, it } from "vitest";
import { setConsent } from "../../src/db/queries/consent.ts";
import { deleteContact, insertContact, insertIdentities } from "../../src/db/queries/contact-writes.ts";
import { addTag, claimIdentity, mergeAttributes, removeTag } from "../../src/db/queries/contacts.ts";
import { factsOfAttributes, factsText } from "../../src/domain/segment/facts.ts";
import { settleFacts } from "../../src/domain/segment/settle-facts.ts";
import { db } from "../fixtures/identity.ts";

const ORG = "o";
let seed = 7;
const random = (below: number): number => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return Math.floor((seed / 2_147_483_648) * below);
};
const STATES = ["OPT_IN", "OPT_OUT", "STOP"] as const;
const VALUES = ["x", "10", 10, true, ["a", 1], { k: 1 }, null, "2024-01-01", ""];

const all = async <T>(sql: string): Promise<T[]> => (await db.prepare(sql).all<T>()).results;

type Row = { id: string; phone: string | null; consent_state: string | null; attributes: string; tags: string };
const contacts = () =>
  all<Row>("SELECT id, phone, consent_state, attributes, tags FROM contacts WHERE org_id = 'o' ORDER BY id");

/** One random write, by the statements that the product uses. */
const write = async (step: number): Promise<void> => {
  const id = `c${random(12)}`;
  const phone = `+1415555${String(random(15)).padStart(4, "0")}`;
  const at = 1_000 + step;
  const attributes = { [`a${random(3)}`]: VALUES[random(VALUES.length)]! };
  switch (random(8)) {
    case 0:
      await db.batch(
        claimIdentity(db, {
          organizationId: ORG,
          id: `${id}-${step}`,
          name: null,
          identity: { kind: "phone", value: phone },
          suppression: "h",
          at,
        }),
      );
      return;
    case 1: {
      const made = insertContact(db, {
        ...{
          organizationId: ORG,
          id,
          phone,
          name: null,
          attributes: JSON.stringify(attributes),
          facts: factsText(attributes),
        },
        ...{ tags: ["t1"], timezone: null, consentState: STATES[random(3)]!, consentSource: "api" },
        ...{ consentActor: "user:1", consentRequest: "r", suppressions: [], at },
      });
      await db.batch([insertIdentities(db, ORG, id, [{ kind: "phone", value: phone }]), made]).catch(() => {});
      return;
    }
    case 2:
      await setConsent(db, {
        organizationId: ORG,
        contactId: id,
        state: STATES[random(3)]!,
        source: "s",
        at,
        onlyOptedOut: random(2) === 0,
      }).run();
      return;
    case 3:
      await mergeAttributes(db, ORG, id, attributes, 32_768, at).run();
      return;
    case 4:
      await addTag(db, ORG, id, `t${random(3)}`, at, 100).run();
      return;
    case 5:
      await removeTag(db, ORG, id, `t${random(3)}`, at).run();
      return;
    case 6:
      await db.prepare("DELETE FROM identities WHERE org_id = 'o' AND contact_id = ?1").bind(id).run();
      return;
    default:
      if (random(3) === 0) await db.batch(deleteContact(db, ORG, id));
  }
};

describe("triggers on contacts", () => {
  beforeEach(async () => {
    for (const table of ["contacts", "identities", "contact_counts"]) await db.prepare(`DELETE FROM ${table}`).run();
  });

  it("keep counts, first numbers, facts, epochs and history true after many random writes", async () => {
    for (let step = 0; step < 600; step++) await write(step);
    await settleFacts(db, ORG);
    const rows = await contacts();
    expect(rows.length).toBeGreaterThan(5);

    const counted = await all<{ state: string; n: number; others: number }>(
      "SELECT consent_state AS state, n, without_number AS others FROM contact_counts WHERE n <> 0 OR without_number <> 0 ORDER BY 1",
    );
    const recount = new Map<string, [number, number]>();
    for (const { phone, consent_state } of rows) {
      const state = consent_state ?? "OPT_IN";
      const [n, others] = recount.get(state) ?? [0, 0];
      recount.set(state, phone === null ? [n, others + 1] : [n + 1, others]);
    }
    expect(counted.map(({ state, n, others }) => [state, [n, others]])).toEqual([...recount].sort());

    const numbers = await all<{ id: string; phone: string }>(
      "SELECT contact_id AS id, min(value) AS phone FROM identities WHERE kind = 'phone' GROUP BY 1",
    );
    const known = new Map(numbers.map(({ id, phone }) => [id, phone]));
    for (const { id, phone } of rows) expect([id, phone]).toEqual([id, known.get(id) ?? null]);

    const facts = await all<{ name: string; fact: string; contact_id: string }>(
      "SELECT name, fact, contact_id FROM contact_facts",
    );
    const expected = rows.flatMap(({ id, attributes, tags }) => [
      ...factsOfAttributes(JSON.parse(attributes)).map(([name, fact]) => `${id} a.${name} ${fact}`),
      ...(JSON.parse(tags) as string[]).map((tag) => `${id} c.tags ~s${tag}`),
    ]);
    expect(facts.map((one) => `${one.contact_id} ${one.name} ${one.fact}`).sort()).toEqual(
      [...new Set(expected)].sort(),
    );

    const history = await all<{ id: string; epoch: number; state: string }>(
      `SELECT c.id, c.consent_epoch AS epoch, h.state FROM contacts c
       LEFT JOIN consent_history h ON h.org_id = c.org_id AND h.contact_id = c.id AND h.epoch = c.consent_epoch ORDER BY c.id`,
    );
    expect(history.map(({ id, state }) => [id, state])).toEqual(rows.map((row) => [row.id, row.consent_state]));
    const [{ orphans }] = (await all<{ orphans: number }>(
      "SELECT count(*) AS orphans FROM consent_history h WHERE NOT EXISTS (SELECT 1 FROM contacts c WHERE c.org_id = h.org_id AND c.id = h.contact_id)",
    )) as [{ orphans: number }];
    expect(orphans).toBe(0);
  });

  it("raise the epoch by each change of the state, and by nothing else", async () => {
    await db.batch(
      claimIdentity(db, {
        organizationId: ORG,
        id: "c",
        name: null,
        identity: { kind: "phone", value: "+14155550000" },
        suppression: "h",
        at: 1,
      }),
    );
    const say = (state: (typeof STATES)[number], at: number, onlyOptedOut = false) =>
      setConsent(db, { organizationId: ORG, contactId: "c", state, source: `s${at}`, at, onlyOptedOut }).run();
    await say("OPT_IN", 2, true);
    await say("STOP", 10);
    await say("STOP", 11);
    await say("OPT_IN", 5);
    await say("OPT_IN", 20, true);
    const history = await all<{ epoch: number; state: string; source: string; at: number }>(
      "SELECT epoch, state, source, at FROM consent_history WHERE contact_id = 'c' ORDER BY epoch",
    );
    expect(history).toEqual([
      { epoch: 1, state: "STOP", source: "s10", at: 10 },
      { epoch: 2, state: "OPT_IN", source: "s20", at: 20 },
    ]);
  });

  it("cost few rows: a change of attributes writes only the facts that differ", async () => {
    const attributes = { a: "x", b: "y", c: "z" };
    await insertContact(db, {
      ...{
        organizationId: ORG,
        id: "d",
        phone: "+14155550001",
        name: null,
        attributes: JSON.stringify(attributes),
        facts: factsText(attributes),
      },
      ...{
        tags: [],
        timezone: null,
        consentState: null,
        consentSource: "api",
        consentActor: "u",
        consentRequest: "r",
        suppressions: [],
        at: 1,
      },
    }).run();
    const next = { ...attributes, c: "w" };
    const { meta } = await db
      .prepare("UPDATE contacts SET attributes = ?1, facts = ?2 WHERE id = 'd'")
      .bind(JSON.stringify(next), factsText(next))
      .run();
    // The row, the fact that went, the fact that came.
    expect(meta.rows_written).toBe(3);
  });
});
