// Webhooks to a workflow with one outgoing POST: first in peace, for the numbers; then with the whole product killed in the middle, killed again
// while it recovers, and killed once more near the end. Every delivery that was answered ends, once; every POST has one key.
import { setTimeout as sleep } from "node:timers/promises";
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

const underKills = async (world: World): Promise<void> => {
  const { product, verdict, count, outside } = world;
  const { workflowId, url } = await setUp(world, "/killed");
  const waiting = KILLS.map((share) => Math.floor(share * count));
  let restarts = Promise.resolve();
  let lastStart = 0;
  const restart = async (answered: number) => {
    const arrived = outside.arrivals("/killed").length;
    await product.kill();
    verdict.fact(`killed after ${answered} answers and ${arrived} POSTs`);
    if (waiting.length === KILLS.length - 1) {
      verdict.fact(`up again after ${Math.round(await product.start())} ms; killed while it recovers`);
      await sleep(150);
      await product.kill();
    }
    verdict.fact(`up again after ${Math.round(await product.start())} ms`);
    lastStart = Date.now();
  };
  const delivered = await sendAll({
    url,
    count,
    connections: CONNECTIONS,
    name: "killed",
    payload: (n) => ({ n }),
    onAnswer: (answered) => {
      if (waiting.length === 0 || answered < waiting[0]!) return;
      waiting.shift();
      restarts = restarts.then(() => restart(answered));
    },
  });
  await restarts;
  const again = delivered.filter(({ failures }) => failures > 0).length;
  verdict.fact(`${again} deliveries had to be made more than once`);
  await until(async () => (await world.api.total(workflowId, "completed")) === count, QUIET_MS);
  verdict.fact(`the list had everything as ended ${Date.now() - lastStart} ms after the last start`);
  const ends = (await world.api.executionsOf(delivered.map(({ executionId }) => executionId))).map(
    ({ end_time: end }) => Date.parse(end!),
  );
  verdict.fact(`everything had ended ${Math.max(...ends) - lastStart} ms after it`);
  await checkAll(world, "/killed", workflowId, delivered);
};

export const webhooks: Scenario = {
  name: "webhooks",
  title: "webhooks under SIGKILL",
  play: async (world) => {
    await inPeace(world);
    await underKills(world);
  },
};
