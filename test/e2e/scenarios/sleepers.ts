// Runs that sleep while everything dies: long ones, whose time comes well after the restart; short ones, whose time comes before the kill, at
// it, while nothing runs, and after it. Each wakes once, and never early. (An hour is shortened: what sleeps is an alarm on the disk.)
import { setTimeout as sleep } from "node:timers/promises";
import type { Edge, Nodes } from "../api.ts";
import { spread } from "../load.ts";
import { until } from "../outside.ts";
import type { Scenario, World } from "../scenario.ts";

const LONG_MS = 40_000;
const LONG = 20;
/** One each of these, started at once; the kill comes in their middle. */
const SHORT_MS = Array.from({ length: 40 }, (_, n) => 50 + n * 50);
const KILL_AFTER_MS = 1_000;
/** How late a wake may be while the product runs, on a busy machine, in ms. */
const LATE_MS = 2_000;

const nodesOf = ({ outside }: World, path: string): Nodes => ({
  begin: ["trigger_manual", {}],
  sleep: ["action_delay", { duration: "{{ variables.ms }}", unit: "milliseconds" }],
  wake: ["action_webhook", { url: `${outside.origin}${path}`, method: "POST", body: { name: "{{ variables.name }}" } }],
});

const EDGES: Edge[] = [
  ["begin", "output", "sleep"],
  ["sleep", "output", "wake"],
];

type Sleeper = { id: string; ms: number };

/** Of each: when it was to wake, and when it did; NaN when it did not. */
const wakes = async (
  { api, outside }: World,
  sleepers: Sleeper[],
): Promise<{ dueAt: number; wokeAt: number; times: number }[]> => {
  const executions = await api.executionsOf(sleepers.map(({ id }) => id));
  return sleepers.map(({ id, ms }, index) => {
    const dueAt = Date.parse(executions[index]!.node_states.sleep!.started_at) + ms;
    const arrivals = outside.arrivals("/wake").filter(({ key }) => key.startsWith(`${id}:wake:`));
    return { dueAt, wokeAt: arrivals[0]?.at ?? Number.NaN, times: arrivals.filter((one) => one.accepted).length };
  });
};

const play = async (world: World): Promise<void> => {
  const { api, product, verdict, outside } = world;
  const workflowId = await api.publish("Sleeper", nodesOf(world, "/wake"), EDGES);
  const begin = async (ms: number): Promise<Sleeper> => ({
    id: await api.execute(workflowId, { ms, name: `${ms}` }),
    ms,
  });

  const long = await Promise.all(Array.from({ length: LONG }, () => begin(LONG_MS)));
  const short = await Promise.all(SHORT_MS.map(begin));
  await sleep(KILL_AFTER_MS);
  const killedAt = Date.now();
  await product.kill();
  verdict.fact(`killed with ${outside.arrivals("/wake").length} of ${short.length} short sleepers awake`);
  verdict.fact(`up again after ${Math.round(await product.start())} ms`);
  const upAt = Date.now();
  const fresh = await Promise.all(SHORT_MS.slice(0, 20).map(begin));

  await api.replaceAndArchive(workflowId, nodesOf(world, "/next-version"));

  const all = [...long, ...short, ...fresh];
  const awake = () => new Set(outside.arrivals("/wake").map(({ key }) => key)).size;
  verdict.check("all wake", await until(() => awake() === all.length, LONG_MS + 60_000), `${awake()} of ${all.length}`);
  const found = await wakes(world, all);
  verdict.check(
    "each once",
    found.every(({ times }) => times === 1),
    found.filter(({ times }) => times !== 1),
  );
  verdict.check(
    "none early",
    found.every(({ dueAt, wokeAt }) => wokeAt >= dueAt),
    found.filter(({ dueAt, wokeAt }) => wokeAt < dueAt),
  );

  const lateness = (group: typeof found) => group.map(({ dueAt, wokeAt }) => wokeAt - dueAt);
  // One that was due just before the kill may have been overtaken by it.
  const onTime = found.filter(({ dueAt, wokeAt }) => wokeAt < killedAt || dueAt < killedAt - LATE_MS || dueAt > upAt);
  verdict.check(
    `those whose time came while the product ran were at most ${LATE_MS} ms late`,
    lateness(onTime).every((ms) => ms <= LATE_MS),
    spread(lateness(onTime)),
  );
  verdict.fact(`long ones, ${LONG_MS / 1000} s: late by ${spread(lateness(found.slice(0, LONG)))}`);
  verdict.fact(
    `sub-second ones after the restart: late by ${spread(lateness(found.slice(long.length + short.length)))}`,
  );
  const missed = found.filter((one) => !onTime.includes(one));
  verdict.fact(
    `${missed.length} whose time came while nothing ran: the last awake ${Math.max(...missed.map(({ wokeAt }) => wokeAt)) - upAt} ms after \`GET /health\` answered`,
  );

  const ended = await until(async () => (await api.total(workflowId, "completed")) === all.length, 120_000);
  verdict.check(
    "the list has them all as completed",
    ended,
    `${await api.total(workflowId, "completed")} of ${all.length}`,
  );
  verdict.equal("none woke in the version that came while they slept", outside.arrivals("/next-version").length, 0);
  verdict.equal("there are no dead letters", await api.deadLetters(), 0);
};

export const sleepers: Scenario = { name: "sleepers", title: "sleepers under SIGKILL", play };
