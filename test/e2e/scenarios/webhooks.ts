// Webhooks to a workflow with one outgoing POST: first in peace, for the numbers; then with the whole product killed in the middle, killed again
// while it recovers, and killed once more near the end. Every delivery that was answered ends, once; every POST has one key.
import { setTimeout as sleep } from "node:timers/promises";
import { killsAt } from "../kills.ts";
import { type Delivered, sendAll, spread } from "../load.ts";
import { until } from "../outside.ts";
import type { Scenario, World } from "../scenario.ts";

const CONNECTIONS = 50;
/** For everything to end after the last delivery was answered. */
const QUIET_MS = 120_000;

const setUp = async ({ api, outside, product }: World, path: string): Promise<{ workflowId: string; url: string }> => {
  const workflowId = await api.publish(
    `POST ${path}`,
    {
      hook: ["trigger_webhook", {}],
      post: ["action_webhook", { url: `${outside.origin}${path}`, method: "POST", body: { n: "{{ event.data.n }}" } }],
    },
    [["hook", "output", "post"]],
  );
  return { workflowId, url: `${product.origin}${await api.webhook(workflowId)}` };
};

/** Of every delivery: how long from its call to its POST. */
const endToEnd = ({ outside }: World, path: string, delivered: Delivered[]): number[] => {
  const accepted = outside.arrivals(path).filter((one) => one.accepted);
  const arrivedAt = new Map(accepted.map(({ key, at }) => [key.split(":")[0], at]));
  return delivered.map(({ executionId, sentAt }) => (arrivedAt.get(executionId) ?? Number.NaN) - sentAt);
};

const checkAll = async (world: World, path: string, workflowId: string, delivered: Delivered[]): Promise<void> => {
  const { api, outside, verdict, count } = world;
  const quiet = await until(async () => (await api.total(workflowId, "completed")) === count, QUIET_MS);
  verdict.check(`${count} executions are completed`, quiet, `completed: ${await api.total(workflowId, "completed")}`);
  verdict.equal("each delivery has its own execution", new Set(delivered.map((one) => one.executionId)).size, count);
  const listed = await api.executions(workflowId);
  verdict.equal(
    "the list has them all and no others",
    listed.map((one) => one.execution_id).sort(),
    delivered.map((one) => one.executionId).sort(),
  );
  const ends = await api.executionsOf(delivered.map(({ executionId }) => executionId));
  verdict.check(
    "each says so itself",
    ends.every(({ status, execution_path: way }) => status === "completed" && way.join() === "hook,post"),
  );

  const arrivals = outside.arrivals(path);
  const keys = new Map(arrivals.map(({ key, body }) => [key, (body as { n: number }).n]));
  verdict.equal(
    "POSTs have one step key a delivery",
    [...keys.values()].sort((a, b) => a - b),
    [...Array(count).keys()],
  );
  verdict.check(
    "each key is its execution's",
    delivered.every(({ executionId, n }) =>
      [...keys].some(([key, of]) => of === n && key.startsWith(`${executionId}:post:`)),
    ),
  );
  const accepted = arrivals.filter((one) => one.accepted);
  verdict.equal("each was done once", [accepted.length, new Set(accepted.map((one) => one.key)).size], [count, count]);
  verdict.equal("there are no dead letters", await api.deadLetters(), 0);
  verdict.fact(`${arrivals.length - keys.size} of ${arrivals.length} POSTs were repetitions under the same key`);
};

const inPeace = async (world: World): Promise<void> => {
  const { verdict, count } = world;
  const { workflowId, url } = await setUp(world, "/peace");
  const started = Date.now();
  const delivered = await sendAll({ url, count, connections: CONNECTIONS, name: "peace", payload: (n) => ({ n }) });
  const answeredMs = Date.now() - started;
  const posted = () => new Set(world.outside.arrivals("/peace").map(({ key }) => key)).size;
  await until(() => posted() >= count, QUIET_MS);
  const doneMs = Math.max(...world.outside.arrivals("/peace").map(({ at }) => at)) - started;
  verdict.fact(
    `${count} webhooks at ${CONNECTIONS} connections: all answered in ${answeredMs} ms, all POSTs out in ${doneMs} ms`,
  );
  verdict.fact(`answer: ${spread(delivered.map(({ ms }) => ms))}`);
  verdict.fact(`from call to POST: ${spread(endToEnd(world, "/peace", delivered))}`);
  await checkAll(world, "/peace", workflowId, delivered);
};

/** Shares of the answers at which the product is killed. */
const KILLS = [0.35, 0.8];
/** How far a start has come when it is killed again, in ms. */
const RECOVERING_MS = 150;

const underKills = async (world: World): Promise<void> => {
  const { api, product, verdict, count, outside } = world;
  const { workflowId, url } = await setUp(world, "/killed");
  let lastStart = 0;
  let isFirst = true;
  const kills = killsAt(KILLS, count, async (answered) => {
    const arrived = outside.arrivals("/killed").length;
    await product.kill();
    verdict.fact(`killed after ${answered} answers and ${arrived} POSTs`);
    if (isFirst) {
      isFirst = false;
      verdict.fact(`up again after ${Math.round(await product.start())} ms; killed while it recovers`);
      await sleep(RECOVERING_MS);
      await product.kill();
    }
    verdict.fact(`up again after ${Math.round(await product.start())} ms`);
    lastStart = Date.now();
  });
  const load = { url, count, connections: CONNECTIONS, name: "killed", payload: (n: number) => ({ n }) };
  const delivered = await sendAll({ ...load, onAnswer: kills.onAnswer });
  await kills.over();
  const again = delivered.filter(({ failures }) => failures > 0).length;
  verdict.fact(`${again} deliveries had to be made more than once`);
  await until(async () => (await api.total(workflowId, "completed")) === count, QUIET_MS);
  verdict.fact(`the list had everything as ended ${Date.now() - lastStart} ms after the last start`);
  const ends = await api.executionsOf(delivered.map(({ executionId }) => executionId));
  const end = Math.max(...ends.map(({ end_time: time }) => Date.parse(time!)));
  verdict.fact(`everything had ended ${end - lastStart} ms after it`);
  await checkAll(world, "/killed", workflowId, delivered);
};

const REPEATS = 5;

/** Senders who call several times at once, as senders do: each delivery starts one run. */
const repeatedAtOnce = async (world: World): Promise<void> => {
  const { api, verdict, outside } = world;
  const { workflowId, url } = await setUp(world, "/repeated");
  const load = { url, count: CONNECTIONS, connections: 10, name: "repeated", payload: (n: number) => ({ n }) };
  const calls = await Promise.all(Array.from({ length: REPEATS }, () => sendAll(load)));
  const ids = new Set(calls.flat().map(({ executionId }) => executionId));
  verdict.equal(
    `${CONNECTIONS} deliveries, each called ${REPEATS} times at once, are as many executions`,
    ids.size,
    CONNECTIONS,
  );
  await until(async () => (await api.total(workflowId, "completed")) === CONNECTIONS, QUIET_MS);
  verdict.equal(
    "and as many POSTs",
    [await api.total(workflowId), outside.arrivals("/repeated").length],
    [CONNECTIONS, CONNECTIONS],
  );
};

export const webhooks: Scenario = {
  name: "webhooks",
  title: "webhooks under SIGKILL",
  play: async (world) => {
    await inPeace(world);
    await underKills(world);
    await repeatedAtOnce(world);
  },
};
