// What a page of the reports reads when an organisation has a million messages: D1's own count of rows, which does not depend on the machine. The
// rows are put in through the product's tables and triggers; the pages are read by the product's own verbs. Run: npm run bench -- reports [MESSAGES]
import { listCampaigns } from "../src/domain/campaign/read-campaign.ts";
import type { Context } from "../src/domain/context.ts";
import { readDashboard } from "../src/domain/monitoring/dashboard.ts";
import { reportInbound } from "../src/domain/monitoring/inbound.ts";
import type { Ports } from "../src/domain/ports.ts";
import { summarizeCampaign } from "../src/domain/reporting/campaign-summary.ts";
import { type MessageFilter, type MessageReport, reportMessages } from "../src/domain/reporting/report-messages.ts";
import { countingD1 } from "./counting-d1.ts";
import { openLocalD1 } from "./local-d1.ts";

const MESSAGES = Number(process.argv[3] ?? 1_000_000);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DAYS = 90;
const NOW = Date.UTC(2026, 10, 22, 10, 20);
const FIRST = NOW - DAYS * DAY;
const CAMPAIGNS = 40;
/** One campaign that has a fifth of all messages, made within two hours. */
const BIG = "c-big";
const ORGANIZATION = "o";
/** Rows that a page may read. */
const BUDGET = 500;

const { db: database, close } = await openLocalD1("reports");

/** `n` from `?1` to `?2`, and from it numbers that look like chance and are the same on every run. */
const NUMBERS =
  "WITH RECURSIVE s(n) AS (SELECT CAST(?1 AS INTEGER) UNION ALL SELECT n + 1 FROM s WHERE n + 1 < ?2), r AS (SELECT n, abs(n * 2654435761 % 1000003) AS x FROM s)";
const AT = `CASE WHEN x % 5 = 0 THEN ${NOW - 3 * DAY} + x * 7919 % ${2 * HOUR} ELSE ${FIRST} + (n * ${Math.floor((DAYS * DAY) / MESSAGES)}) END`;
const STATUS =
  "CASE WHEN x % 1000 < 900 THEN 'delivered' WHEN x % 1000 < 940 THEN 'sent' WHEN x % 1000 < 965 THEN 'undelivered' WHEN x % 1000 < 990 THEN 'failed' WHEN x % 1000 < 999 THEN 'canceled' ELSE 'queued' END";
const CODES =
  'json_extract(\'["21211","30003","30005","30006","30007","30008","63016","21610","20429","30034"]\', \'$[\' || (x % 10) || \']\')';
const FILL = `${NUMBERS}, m AS (SELECT n, x, ${AT} AS at, ${STATUS} AS status FROM r)
  INSERT INTO messages (org_id, id, contact_id, direction, channel, sender, recipient, body, status, provider_id, campaign_id, error_code,
    created_at, updated_at, sent_at, delivered_at)
  SELECT '${ORGANIZATION}', printf('%012x-%08x', at, n), 'p' || (x % 5000), 'outbound', 'twilio', '+15550000000', '+1555' || printf('%07d', x), 'hello',
    status, 'SM' || n, CASE WHEN x % 5 = 0 THEN '${BIG}' WHEN x % 5 < 4 THEN 'c-' || (x % ${CAMPAIGNS}) END,
    CASE WHEN status IN ('failed', 'undelivered') THEN ${CODES} END,
    at, at, CASE WHEN status NOT IN ('failed', 'canceled') THEN at + 1000 END, CASE WHEN status = 'delivered' THEN at + 4000 END
  FROM m`;
const FILL_INBOUND = `${NUMBERS}
  INSERT INTO messages (org_id, id, contact_id, direction, channel, sender, recipient, body, status, provider_id, consent, created_at, updated_at)
  SELECT '${ORGANIZATION}', 'i' || n, 'p' || (x % 5000), 'inbound', 'twilio', '+1555' || printf('%07d', x), '+15550000000', 'hi', 'received', 'IN' || n,
    CASE WHEN x % 50 = 0 THEN 'opt_out' END, ${FIRST} + n * ${Math.floor((DAYS * DAY) / (MESSAGES / 20))}, 1
  FROM r`;

const filling = performance.now();
let written = 0;
await database.batch([
  database
    .prepare(`${NUMBERS} INSERT INTO campaigns (org_id, id, name, status, template_id, segment_id, created_by, created_at, updated_at, started_at)
    SELECT '${ORGANIZATION}', CASE n WHEN ${CAMPAIGNS} THEN '${BIG}' ELSE 'c-' || n END, 'Campaign ' || n, 'completed', 't', 's', 'u', 1, 1, 1 FROM r`)
    .bind(0, CAMPAIGNS + 1),
  database
    .prepare(`${NUMBERS} INSERT INTO contacts (org_id, id, phone, consent_state, last_received_at, created_at, updated_at)
    SELECT '${ORGANIZATION}', 'p' || n, '+1555' || n, CASE WHEN n % 20 THEN 'OPT_IN' ELSE 'STOP' END, ${FIRST} + n * ${Math.floor((DAYS * DAY) / 5000)}, 1, 1 FROM r`)
    .bind(0, 5_000),
]);
const STEP = 20_000;
for (let from = 0; from < MESSAGES; from += STEP) {
  const { meta } = await database
    .prepare(FILL)
    .bind(from, Math.min(MESSAGES, from + STEP))
    .run();
  written += meta.rows_written;
}
for (let from = 0; from < MESSAGES / 20; from += STEP) {
  await database
    .prepare(FILL_INBOUND)
    .bind(from, Math.min(MESSAGES / 20, from + STEP))
    .run();
}
const seconds = (performance.now() - filling) / 1000;
console.log(
  `${MESSAGES} messages in ${seconds.toFixed(0)} s; ${(written / MESSAGES).toFixed(1)} rows written for each, indexes and rollups with it.\n`,
);

const { db, take } = countingD1(database);

const context = {
  principal: { kind: "user", userId: "u", username: "u", organizationId: ORGANIZATION, role: "viewer" },
  ports: { db, now: () => NOW, heartbeat: { upSince: async () => FIRST } } as unknown as Ports,
  requestId: "bench",
} satisfies Context;

const page =
  (filter: MessageFilter, number = 1, size = 20) =>
  () =>
    reportMessages(context, filter, { limit: size, offset: (number - 1) * size });
const lastOf = async (filter: MessageFilter) => {
  let report: MessageReport = await page(filter)();
  for (let n = 0; n < 20; n++)
    report = await reportMessages(context, filter, { limit: 20, offset: 0, after: report.next });
  return report.next;
};
const deep = await lastOf({});

type Case = { name: string; read: () => Promise<unknown>; budget?: number };
const CASES: Case[] = [
  { name: "message status, no filter", read: page({}) },
  { name: "message status, 100 a page", read: page({}, 1, 100) },
  { name: "message status, a status that few have", read: page({ status: "queued" }) },
  { name: "message status, a campaign of 40", read: page({ campaignId: "c-7" }) },
  { name: "message status, a campaign of a fifth of all", read: page({ campaignId: BIG }) },
  {
    name: "message status, that campaign and a status that few have",
    read: page({ campaignId: BIG, status: "failed" }),
  },
  {
    name: "message status, a day",
    read: page({ from: FIRST + 30 * DAY - (FIRST % DAY), to: FIRST + 31 * DAY - (FIRST % DAY) }),
  },
  {
    name: "message status, 60 days",
    read: page({ from: FIRST + 20 * DAY - (FIRST % DAY), to: FIRST + 80 * DAY - (FIRST % DAY) }),
  },
  {
    name: "message status, page 21 by cursor",
    read: () => reportMessages(context, {}, { limit: 20, offset: 0, after: deep }),
  },
  { name: "campaign summary", read: () => summarizeCampaign(context, "c-7") },
  { name: "campaign summary, a fifth of all messages", read: () => summarizeCampaign(context, BIG) },
  { name: "campaigns, 20 with their counts", read: () => listCampaigns(context, undefined, { limit: 20, offset: 0 }) },
  { name: "dashboard", read: () => readDashboard(context) },
  { name: "inbound, 24 hours", read: () => reportInbound(context, { hours: 24, limit: 100 }) },
  // What is bounded by an hour's messages, or by the hours that were asked for.
  { name: "inbound, 720 hours", read: () => reportInbound(context, { hours: 720, limit: 100 }), budget: 1_000 },
  {
    name: "message status, times inside hours",
    read: page({ from: FIRST + 30 * DAY + 1, to: FIRST + 31 * DAY + 1 }),
    budget: (5 * MESSAGES) / (DAYS * 24),
  },
  {
    name: `message status, page ${MESSAGES / 50} by number`,
    read: page({}, MESSAGES / 50),
    budget: (5 * MESSAGES) / (DAYS * 24),
  },
];

console.log("| page | rows read | at most | ms |\n| --- | ---: | ---: | ---: |");
for (const { name, read, budget = BUDGET } of CASES) {
  await read();
  take();
  const begun = performance.now();
  await read();
  const ms = performance.now() - begun;
  const rows = take();
  const fits = rows <= budget;
  if (!fits) process.exitCode = 1;
  console.log(`| ${name} | ${rows} | ${Math.round(budget)}${fits ? "" : " EXCEEDED"} | ${ms.toFixed(1)} |`);
}
await close();
