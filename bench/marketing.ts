// Many events, few of which match one of many marketing workflows: what the consumer spends on each, and how matching grows with the workflows.
// Run: npm run bench -- marketing
//
// The first table is counted by a test, with the real consumer, objects and D1; only its rate depends on the machine. The second times the planning of
// full batches by itself (no I/O), and beside it the same with everybody of the type asked for each event, as it would be without an index.
import { randomUUID } from "node:crypto";
import type { Candidate } from "../src/db/queries/subscriptions.ts";
import { BatchCost, planBatch } from "../src/domain/event/plan-batch.ts";
import type { Listeners } from "../src/domain/event/read-listeners.ts";
import { runEventOf } from "../src/domain/event/run-event.ts";
import type { StreamEvent } from "../src/domain/event.ts";
import type { ConditionTree } from "../src/engine/expression/condition.ts";
import type { Json, JsonObject } from "../src/lib/json.ts";
import { MAX_BATCH_MESSAGES } from "../src/queue/catalogue.ts";
import { matchEvent } from "../src/triggers/match-event.ts";
import { SubscriptionIndex } from "../src/triggers/subscription-index.ts";
import { dataOf, filtersOf, ONE_IN } from "../test/fixtures/marketing-load.ts";
import { countedBy } from "./counted.ts";
import { median } from "./numbers.ts";

const SIZES = [10, 30, 100, 300, 1_000];
const ROUNDS = 15;
/** Ten times the workflows may cost less than ten times as much, by a wide margin. */
const MAX_GROWTH = 30;
const NOW = Date.UTC(2026, 10, 22);

const printed = (rows: Record<string, number | string>[]): void => {
  const names = Object.keys(rows[0]!);
  for (const [row, name] of names.entries()) {
    console.log(`| ${name} | ${rows.map((each) => each[name]).join(" | ")} |`);
    if (row === 0) console.log(`| ${["---", ...rows.map(() => "---:")].join(" | ")} |`);
  }
};

type Kind = { name: string; filters: (n: number) => Json; data: (n: number, workflows: number) => JsonObject };
const KINDS: Kind[] = [
  { name: "equality, nested", filters: filtersOf, data: (n, workflows) => dataOf(n, workflows, n % ONE_IN === 0) },
  {
    name: "words in a message",
    filters: (n) => ({
      operator: "or",
      conditions: [`کد تخفیف ${n}`, `coupon${n}`].map((value) => ({
        field: "event.data.content",
        operator: "icontains",
        value,
      })),
    }),
    data: (n, workflows) => ({
      content:
        n % ONE_IN === 0
          ? `سلام، کد تخفیف ${n % workflows} دارید؟`
          : "Hello, do you have any discount codes for this weekend?",
    }),
  },
];

const candidate = (n: number, filters: Json): Candidate => ({
  ...{ organizationId: "o", eventType: "MESSAGE_RECEIVED", matchKey: null, workflowId: `w${n}`, versionId: `v${n}` },
  ...{ nodeIds: ["t"], triggerType: "trigger_event", filters, terms: null, variables: {} },
});

/** Microseconds an event, of full batches. */
const timed = async (work: () => unknown): Promise<number> => {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const begun = performance.now();
    await work();
    times.push((1000 * (performance.now() - begun)) / MAX_BATCH_MESSAGES);
  }
  return median(times.slice(3));
};

const matching = async ({ filters, data }: Kind, workflows: number) => {
  const candidates = Array.from({ length: workflows }, (_, n) => candidate(n, filters(n)));
  const events = Array.from(
    { length: MAX_BATCH_MESSAGES },
    (_, n): StreamEvent => ({
      ...{ id: randomUUID(), organizationId: "o", type: "MESSAGE_RECEIVED", source: "api", depth: 0 },
      ...{ data: data(n, workflows), occurredAt: NOW },
    }),
  );
  const none = { known: new Set<string>(), processed: new Set<string>(), toldTo: new Map(), templates: new Map() };
  const listeners: Listeners = { ...none, candidates, targets: [], waiting: [], contacts: [], contactRuns: [] };
  const planned = await timed(() => planBatch(events, listeners, NOW, new BatchCost()));
  const subscriptions = candidates.map(({ nodeIds, filters: tree, ...rest }) => ({
    ...{ ...rest, nodeId: nodeIds[0]!, filters: tree as ConditionTree },
  }));
  // An index that is asked once asks everybody.
  const everybody = await timed(() => {
    for (const event of events) matchEvent(runEventOf(event), new SubscriptionIndex(subscriptions), { now: NOW });
  });
  return { planned, everybody };
};

const { columns, code, said } = await countedBy("test/queue/marketing-load.test.ts", "bench");
console.log("\nThrough the consumer, in full batches:\n");
printed(columns);
if (code !== 0) console.log(`\n${said}`);
process.exitCode = code;

// What is measured first would pay for V8's warming up.
for (const kind of KINDS) await matching(kind, 100);
for (const kind of KINDS) {
  console.log(`\nMatching, µs an event: ${kind.name}\n`);
  const rows: Record<string, number | string>[] = [];
  const planned: number[] = [];
  for (const workflows of SIZES) {
    const measured = await matching(kind, workflows);
    planned.push(measured.planned);
    rows.push({
      workflows,
      "with the index": measured.planned.toFixed(0),
      "everybody asked": measured.everybody.toFixed(0),
    });
  }
  printed(rows);
  const growth = planned.at(-1)! / planned[0]!;
  console.log(
    `\n${SIZES.at(-1)} workflows cost ${growth.toFixed(1)} times as much as ${SIZES[0]} (100 would be linear).`,
  );
  if (growth > MAX_GROWTH) process.exitCode = 1;
}
