// Segments over many contacts: rows that D1 reads for an evaluation, and its time beside SQLite's own over a plain table of the same people (one row
// each, attributes as JSON), asked the same in the way in which one would write it by hand. Contacts are put in by the product's own writer.
// Run: npm run bench -- segments [CONTACTS]
import { DatabaseSync } from "node:sqlite";
import { countMatching, selectMatching } from "../src/db/queries/segments.ts";
import { planSegment } from "../src/domain/segment/plan-segment.ts";
import type { UploadPlan } from "../src/domain/upload/upload.ts";
import { writeRows } from "../src/domain/upload/write-rows.ts";
import type { ConditionTree } from "../src/engine/expression/condition-tree.ts";
import { openLocalD1 } from "./local-d1.ts";
import { median } from "./numbers.ts";

const CONTACTS = Number(process.argv[3] ?? 100_000);
const BATCH = 500;
const TRIES = 9;
/** Times of the plain query that ours may take. */
const FACTOR = 3;
const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 22);
const ORGANIZATION = "o";

const { db, close } = await openLocalD1("segments");

const CITIES = ["San Francisco", "Austin", "Boston", "Chicago", "Denver", "Miami", "Portland", "Seattle"];
const TIERS = ["premium", "standard", "standard", "free", "free", "free", "free", "trial"];
const personOf = (n: number) => ({
  phone: `+1415${String(2_000_000 + n)}`,
  consentState: (n % 20 === 0 ? "STOP" : "OPT_IN") as "STOP" | "OPT_IN",
  attributes: {
    name: `Person ${n}`,
    city: CITIES[Math.floor(n / 7) % CITIES.length]!,
    tier: TIERS[Math.floor(n / 11) % TIERS.length]!,
    score: n % 1_000,
    signup_date: new Date(NOW - (n % 1_000) * DAY).toISOString().slice(0, 10),
  },
  tags: n % 50 === 0 ? ["vip"] : [],
});

const plan: UploadPlan = {
  organizationId: ORGANIZATION,
  uploadId: "u",
  actor: "bench",
  requestId: "bench",
  createdAt: NOW,
  format: "json",
};
const filling = performance.now();
for (let from = 0; from < CONTACTS; from += BATCH) {
  const rows = Array.from({ length: Math.min(BATCH, CONTACTS - from) }, (_, index) => ({
    row: from + index + 1,
    read: { row: personOf(from + index) },
  }));
  await writeRows(db, plan, rows, NOW);
}
const seconds = (performance.now() - filling) / 1000;
const facts = (await db.prepare("SELECT count(*) AS n FROM contact_facts").first<number>("n"))!;
console.log(
  `${CONTACTS} contacts in ${seconds.toFixed(1)} s (${Math.round(CONTACTS / seconds)}/s), ${(facts / CONTACTS).toFixed(1)} facts each.\n`,
);

const plain = new DatabaseSync(":memory:");
plain.exec("CREATE TABLE users (id INTEGER PRIMARY KEY, phone TEXT, consent TEXT, tags TEXT, attributes TEXT)");
const insert = plain.prepare("INSERT INTO users VALUES (?, ?, ?, ?, ?)");
plain.exec("BEGIN");
for (let n = 0; n < CONTACTS; n++) {
  const { phone, consentState, tags, attributes } = personOf(n);
  insert.run(n, phone, consentState, JSON.stringify(tags), JSON.stringify(attributes));
}
plain.exec("COMMIT");

const is = (name: string, operator: string, value?: unknown) =>
  ({ field: `attributes.${name}`, operator, ...(value === undefined ? {} : { value }) }) as ConditionTree;
type Case = { name: string; condition: ConditionTree; plain: string };
const CASES: Case[] = [
  {
    name: "city and tier (the document's)",
    condition: {
      operator: "and",
      conditions: [is("city", "equals", "San Francisco"), is("tier", "equals", "premium")],
    },
    plain: "attributes ->> 'city' = 'San Francisco' AND attributes ->> 'tier' = 'premium'",
  },
  {
    name: "signed up after (the document's)",
    condition: is("signup_date", "after", "2026-10-22"),
    plain: "attributes ->> 'signup_date' > '2026-10-22'",
  },
  { name: "one in a thousand", condition: is("score", "equals", 7), plain: "attributes ->> 'score' = 7" },
  { name: "half of all", condition: is("tier", "equals", "free"), plain: "attributes ->> 'tier' = 'free'" },
  { name: "a range of numbers", condition: is("score", "greater", 900), plain: "attributes ->> 'score' > 900" },
  { name: "part of a text", condition: is("name", "contains", "99"), plain: "instr(attributes ->> 'name', '99') > 0" },
  {
    name: "everybody but one city",
    condition: { operator: "not", conditions: [is("city", "equals", "Austin")] },
    plain: "NOT coalesce(attributes ->> 'city' = 'Austin', 0)",
  },
  {
    name: "a tag, and consent",
    condition: {
      operator: "and",
      conditions: [
        { field: "tags", operator: "contains", value: "vip" },
        { field: "consent_state", operator: "equals", value: "OPT_IN" },
      ],
    },
    plain: "EXISTS (SELECT 1 FROM json_each(tags) WHERE value = 'vip') AND consent = 'OPT_IN'",
  },
  {
    name: "either, and not",
    condition: {
      operator: "and",
      conditions: [
        { operator: "or", conditions: [is("city", "in", ["Austin", "Miami"]), is("score", "less", 10)] },
        { operator: "not", conditions: [is("tier", "in", ["free", "trial"])] },
      ],
    },
    plain:
      "(attributes ->> 'city' IN ('Austin', 'Miami') OR attributes ->> 'score' < 10) AND NOT coalesce(attributes ->> 'tier' IN ('free', 'trial'), 0)",
  },
];

const timed = async <T>(work: () => T | Promise<T>): Promise<{ ms: number; value: T }> => {
  const times: number[] = [];
  let value = await work();
  for (let n = 0; n < TRIES; n++) {
    const begun = performance.now();
    value = await work();
    times.push(performance.now() - begun);
  }
  return { ms: median(times), value };
};

console.log("| segment | contacts | rows read | ms in D1 | ms with the way there | plain SQLite, ms | times |");
console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
for (const { name, condition, plain: where } of CASES) {
  const query = planSegment(condition, NOW);
  const statement = countMatching(db, ORGANIZATION, query);
  const ours = await timed(() => statement.all<{ n: number }>());
  const durations: number[] = [];
  for (let n = 0; n < TRIES; n++) durations.push((await statement.all()).meta.duration);
  const asked = plain.prepare(`SELECT count(*) AS n FROM users WHERE ${where}`);
  const theirs = await timed(() => asked.get() as { n: number });
  const { n } = ours.value.results[0]!;
  if (n !== theirs.value.n) throw new Error(`${name}: ${n} contacts here, ${theirs.value.n} in the plain table`);
  const times = ours.ms / theirs.ms;
  const fits = times <= FACTOR;
  if (!fits) process.exitCode = 1;
  console.log(
    `| ${name} | ${n} | ${ours.value.meta.rows_read} | ${median(durations).toFixed(1)} | ${ours.ms.toFixed(1)} | ${theirs.ms.toFixed(1)} | ${times.toFixed(2)}${fits ? "" : " EXCEEDED"} |`,
  );
}

const everybody = planSegment({ operator: "and", conditions: [] }, NOW);
const begun = performance.now();
let read = 0;
let pages = 0;
for (let after = ""; ; ) {
  const { results } = await selectMatching(db, ORGANIZATION, everybody, after, 20_000).all<{ id: string }>();
  read += results.length;
  pages++;
  if (results.length < 20_000) break;
  after = results.at(-1)!.id;
}
console.log(`\nAn audience of ${read} ids in ${pages} pages: ${(performance.now() - begun).toFixed(0)} ms.`);
plain.close();
await close();
