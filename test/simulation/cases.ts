// A simulated run as a few words, so that a failure can be told, and run again: SEED='…' vitest run --project pure test/simulation/replay.test.ts
import { type Choices, inOrder, random, Scripted } from "./choices.ts";
import type { Weather } from "./outside.ts";
import type { Answer, Script } from "./provider.ts";
import { races } from "./races.ts";
import { type Scenario, scenarios } from "./scenarios.ts";
import { type Plan, type Report, type Stage, simulate, whimsical } from "./simulate.ts";
import { EPOCH } from "./world.ts";

export type Case = {
  scenario: string;
  /** Boundaries at which it crashes. */
  crashes?: readonly number[];
  scope?: "object" | "all";
  alarms?: "late" | "twice";
  /** Everything is left to a die: latencies, order, answers, weather, crashes. */
  seed?: number;
  /** Which of the things that could happen does, at each fork from the race's time on; nothing takes time. */
  order?: readonly number[];
  /** In an ordered run, whether a crash is a way to go on. */
  withCrash?: boolean;
};

/** Worlds that ordered runs of one scenario have come by. */
export type Visited = Set<string>;

/** Times the number of runs that the tests make; the default keeps the whole below a minute on two cores. */
export const EFFORT = Number(process.env.SIMULATION_EFFORT ?? 1);
const LATE_MS = 20 * 60_000;
const STORM: Weather = { queueLoses: 0.1, queueRepeats: 0.2, queueRefuses: 0.1, indexFails: 0.1 };

export const scenarioNamed = (name: string): Scenario => {
  const found = [...scenarios, ...races].find((one) => one.name === name);
  if (!found) throw new Error(`no scenario is called ${name}`);
  return found;
};

const planOf = (one: Case, scenario: Scenario, visited: Visited): Plan => {
  const crashes = { at: one.crashes ?? [], scope: one.scope ?? "object" };
  if (one.seed !== undefined) return wild(random(one.seed), scenario);
  if (one.order) {
    const choices = new Scripted(one.order, one.withCrash === true, visited);
    return { choices, crashes, conditions: { latency: () => 0 }, strict: false };
  }
  if (one.alarms === "late")
    return { choices: inOrder, crashes, conditions: { lateness: () => LATE_MS }, strict: false };
  if (one.alarms === "twice") return { choices: inOrder, crashes, conditions: { again: () => true } };
  return { choices: inOrder, crashes };
};

const MISHAPS: readonly Answer[] = [
  { status: 500 },
  { status: 429, retryAfterSeconds: 20 },
  { hang: "accepted" },
  { hang: "refused" },
  { late: 20_000 },
  { cut: "accepted" },
  { cut: "refused" },
];

const wild = (choices: Choices, scenario: Scenario): Plan => {
  const script: Script = (node, nth) =>
    choices.chance(0.3, "mishap")
      ? MISHAPS[choices.pick(MISHAPS.length)]!
      : (scenario.script?.(node, nth) ?? { status: 200 });
  return {
    choices,
    crashes: { at: [], scope: choices.chance(0.4, "scope") ? "all" : "object" },
    crashChance: choices.pick(3) * 0.02,
    conditions: whimsical(choices),
    weather: STORM,
    script,
    strict: false,
  };
};

export const run = async (
  one: Case,
  { plant, visited = new Set() }: { plant?: Plan["plant"]; visited?: Visited } = {},
): Promise<Report & { forks: readonly number[] }> => {
  const scenario = scenarioNamed(one.scenario);
  const plan = planOf(one, scenario, visited);
  const { choices } = plan;
  const report = await simulate(scenario, {
    ...plan,
    ...(choices instanceof Scripted && one.withCrash ? { crashChance: 1 } : {}),
    plant: (stage) => {
      if (choices instanceof Scripted) watchRace(choices, stage, EPOCH + (scenario.raceAt ?? 0));
      plant?.(stage);
    },
  });
  total.runs++;
  total.crashes += report.crashes;
  total.decisions += report.decisions;
  return { ...report, forks: choices instanceof Scripted ? choices.forks : [] };
};

const watchRace = (choices: Scripted, { world, platform, provider, outside }: Stage, from: number): void => {
  choices.open = () => world.now >= from;
  choices.look = () =>
    [
      world.now,
      world.look(),
      platform.look(),
      JSON.stringify([provider.left, provider.ledger, [...outside.index], [...outside.waiters], outside.log.length]),
    ].join("\n");
};

export type Tally = { runs: number; crashes: number; decisions: number };

/** Of everything that `run` ran in this file. */
const total: Tally = { runs: 0, crashes: 0, decisions: 0 };
export const tellTotal = (): void =>
  console.log(`${total.runs} runs, ${total.crashes} crashes, ${total.decisions} decisions, every one of them sound`);

/**
 * Runs them all and throws at the first that breaks an invariant or takes longer than `mostMs`, with its trace and how to run it again. Says
 * how far it is.
 */
export const runAll = async (
  name: string,
  cases: Iterable<Case>,
  mostMs = Number.POSITIVE_INFINITY,
): Promise<Tally> => {
  const tally = { runs: 0, crashes: 0, decisions: 0 };
  let saidAt = performance.now();
  for (const one of cases) {
    const report = await run(one);
    tally.runs++;
    tally.crashes += report.crashes;
    tally.decisions += report.decisions;
    expectSound(one, report);
    if (report.tookMs > mostMs) expectSound(one, { ...report, violations: [`took ${report.tookMs} ms of ${mostMs}`] });
    if (performance.now() - saidAt < 10_000) continue;
    saidAt = performance.now();
    console.log(`${name}: ${tally.runs} runs, ${tally.crashes} crashes`);
  }
  return tally;
};

export const expectSound = (one: Case, { violations, trace }: Report): void => {
  if (violations.length === 0) return;
  const again = `SEED='${JSON.stringify(one)}' vitest run --project pure test/simulation/replay.test.ts`;
  throw new Error([...violations, "", ...trace.slice(-60), "", again].join("\n"));
};
