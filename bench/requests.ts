// The product beside its peers, in one workerd and one run: rounds take turns, and medians are compared. Run: npm run bench -- requests [rounds]
//
// runs/s counts until the last outgoing POST has reached the target (the same event for ours and the peers'), or, where there is none, until the
// last run is final: ours in the index, theirs when `run` returns. CPU is workerd's own time, user and system, until it is quiet again: everything
// that follows from a request is paid for by it: projections, alarms, and objects that are let go after ten idle seconds (their files are closed
// then). Each contender waits for that, so that none pays for another's objects. Cloudflare Workflows let nothing go in this runtime, so closing is
// not in their figures: that is in their favour.
//
// What is the bare chain? The least that does the same to the world with the same durability: a row in an object before the answer, a message in a
// queue with the same batch settings as ours, an object of its own for each request with one row in it, the POST. Its consumer starts a whole batch
// at once, ours 32. It sends its message before it answers and one by one, we in batches after the answer. It knows no duplicates, no index, no
// second row for the outcome and no alarm for what gets lost: those are what the product is compared for.
//
// What is "by hand"? The same POST with all that the product promises for it, and no engine (worker/floor.ts): the floor of these promises here.
//
// The first round does not count, and is WARM times as long: V8 compiles what runs often while it runs, which an isolate in service has behind it.
//
// The sender runs in this process, the target in another; all share the machine's cores.
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { send } from "./load.ts";
import { median, range } from "./numbers.ts";
import { cpuMs } from "./processes.ts";
import { fiveNodes, openProduct, targetUrl, tenNodes } from "./product.ts";
import { startRuntime } from "./runtime.ts";
import { startTarget } from "./target.ts";

const ROUNDS = Number(process.argv[3] ?? 5);
const CONNECTIONS = 50;
/** Rounds' worth of requests before the first that counts. */
const WARM = 3;
/** workerd lets an object go after ten idle seconds. */
const LET_GO_MS = 11_000;
/** Cloudflare Workflows keep every instance's files open locally, and give up near 6,000 instances. */
const MAX_WORKFLOW_INSTANCES = 4_900;

type Sample = { perSecond: number; cpuMs: number };

type Contender = {
  name: string;
  url: string;
  /** A round. */
  requests: number;
  /** Until everything that the last `requests` requests caused is done. */
  done: (requests: number) => Promise<unknown>;
  /** Does not wait for what follows from a request. */
  alone?: boolean;
  /** Makes objects that are let go when they have been idle. */
  makesObjects?: boolean;
};

const target = await startTarget();
const runtime = await startRuntime({
  TARGET: targetUrl(target),
  EGRESS_ALLOW_HOSTS: `127.0.0.1:${target.port}`,
});
const { origin, pid } = runtime;
const product = await openProduct(origin);

/** Workerd has nothing left to do: less than a twentieth of a core for half a second. */
const quiet = async (): Promise<void> => {
  const until = Date.now() + 20_000;
  for (let before = cpuMs(pid); Date.now() < until; ) {
    await sleep(500);
    const now = cpuMs(pid);
    if (now - before <= 20) return;
    before = now;
  }
};

const until = async (reached: () => Promise<boolean>): Promise<void> => {
  const limit = Date.now() + 120_000;
  while (!(await reached())) {
    if (Date.now() > limit) throw new Error("not done after two minutes");
    await sleep(25);
  }
};

let posted = 0;
const allPosted = async (requests: number): Promise<void> => {
  posted += requests;
  await until(async () => (await target.count()) >= posted);
};

const ended: Record<string, number> = {};
const allEnded = (workflow: string) => async (requests: number) => {
  ended[workflow] = (ended[workflow] ?? 0) + requests;
  const read = async () => (await (await fetch(`${origin}/bench/workflows`)).json()) as Record<string, number>;
  await until(async () => (await read())[workflow]! >= ended[workflow]!);
};

let final = 0;
const allFinal = async (requests: number): Promise<void> => {
  final += requests;
  await product.until("final", final);
};

const gate = (state: "open" | "closed") => fetch(`${origin}/bench/gate/${state}`, { method: "PUT" });

const fiveHook = await product.webhook("five nodes", fiveNodes(targetUrl(target)));
const tenHook = await product.webhook("ten nodes", tenNodes());
const acceptHook = await product.webhook("accepted", tenNodes());
const workflows = `${origin}/bench/workflows`;

const contenders: Contender[] = [
  { name: "bare route, one row", url: `${origin}/bench/bare`, requests: 1_000, done: async () => {}, alone: true },
  { name: "webhook accepted", url: acceptHook, requests: 1_000, done: allFinal, alone: true, makesObjects: true },
  { name: "bare chain", url: `${origin}/bench/chain`, requests: 500, done: allPosted, makesObjects: true },
  { name: "by hand", url: `${origin}/bench/floor`, requests: 500, done: allPosted, makesObjects: true },
  { name: "five nodes", url: fiveHook, requests: 500, done: allPosted, makesObjects: true },
  { name: "five nodes, Workflows, POST a step", url: `${workflows}/FIVE_LEAN`, requests: 120, done: allPosted },
  { name: "five nodes, Workflows, each a step", url: `${workflows}/FIVE`, requests: 120, done: allPosted },
  { name: "ten nodes", url: tenHook, requests: 500, done: allFinal, makesObjects: true },
  { name: "ten steps, Workflows", url: `${workflows}/TEN`, requests: 120, done: allEnded("TEN") },
];

const body = (n: number) => ({ n, name: "Ada", amount: 42 });

const round = async ({ url, requests, done, alone, makesObjects, name }: Contender): Promise<Sample> => {
  if (alone) await gate("closed");
  await quiet();
  const cpuBefore = cpuMs(pid);
  const before = performance.now();
  const sendMs = await send({ url, body, requests, connections: CONNECTIONS });
  if (!alone) await done(requests);
  const ms = alone ? sendMs : performance.now() - before;
  if (name === "five nodes") await allFinal(requests);
  const letGo = async () => {
    await quiet();
    if (!makesObjects) return;
    await sleep(LET_GO_MS);
    await quiet();
  };
  if (alone) await quiet();
  else await letGo();
  const cpu = (cpuMs(pid) - cpuBefore) / requests;
  if (alone) {
    await gate("open");
    await done(requests);
    await letGo();
  }
  return { perSecond: (requests / ms) * 1000, cpuMs: cpu };
};

const instances = contenders.filter(({ url }) => url.startsWith(workflows)).reduce((sum, one) => sum + one.requests, 0);
if (instances * (ROUNDS + WARM) > MAX_WORKFLOW_INSTANCES) {
  throw new Error(`at most ${Math.floor(MAX_WORKFLOW_INSTANCES / instances) - WARM} rounds`);
}

const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
console.log(
  `${cpus().length} × ${cpus()[0]!.model}, ${CONNECTIONS} connections, ${ROUNDS} rounds after one that does not count`,
);
for (let n = 0; n <= ROUNDS; n++) {
  // Each round starts with another one, so that none always follows the same neighbour.
  const order = contenders.map((_, index) => contenders[(index + n) % contenders.length]!);
  for (const contender of order) {
    const sample = await round(n === 0 ? { ...contender, requests: contender.requests * WARM } : contender);
    if (n > 0) samples.get(contender.name)!.push(sample);
    console.log(
      `round ${n}  ${contender.name.padEnd(36)}${sample.perSecond.toFixed(0).padStart(6)}/s ${sample.cpuMs.toFixed(2).padStart(7)} CPU-ms`,
    );
  }
}

console.table(
  [...samples].map(([name, all]) => ({
    name,
    "a second": Math.round(median(all.map((one) => one.perSecond))),
    "from – to": range(
      all.map((one) => one.perSecond),
      0,
    ),
    "CPU-ms each": median(all.map((one) => one.cpuMs)).toFixed(2),
    "from – to ": range(
      all.map((one) => one.cpuMs),
      2,
    ),
  })),
);

/** How many times the peer ours is: by rate, and by CPU (the peer's over ours), round by round. */
const compare = (ours: string, peer: string, goal?: number) => {
  const a = samples.get(ours)!;
  const b = samples.get(peer)!;
  const rates = a.map((one, n) => one.perSecond / b[n]!.perSecond);
  const costs = a.map((one, n) => b[n]!.cpuMs / one.cpuMs);
  const [rate, cost] = [median(rates), median(costs)];
  return {
    ours,
    peer,
    "by rate": rate.toFixed(2),
    "from – to": range(rates, 2),
    "by CPU": cost.toFixed(2),
    "from – to ": range(costs, 2),
    goal: goal ?? "",
    met:
      goal === undefined
        ? ""
        : [rate >= goal ? "rate" : "", cost >= goal ? "CPU" : ""].filter(Boolean).join(" and ") || "no",
  };
};
console.table([
  compare("webhook accepted", "bare route, one row", 0.6),
  compare("five nodes", "bare chain", 0.7),
  compare("five nodes", "by hand"),
  compare("by hand", "bare chain"),
  compare("by hand", "five nodes, Workflows, POST a step"),
  compare("five nodes", "five nodes, Workflows, POST a step", 1.5),
  compare("five nodes", "five nodes, Workflows, each a step"),
  compare("ten nodes", "ten steps, Workflows", 5),
]);

await runtime.stop();
target.stop();
