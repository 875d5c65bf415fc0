// One simulated run, from its start until nothing can happen any more, with everything that was seen on the way. The real Execution class runs
// here; what it talks to is replaced by platform.ts, provider.ts and outside.ts.
import { vi } from "vitest";

vi.mock("cloudflare:workers", () => ({
  DurableObject: class {
    readonly ctx: unknown;
    readonly env: unknown;
    constructor(context: unknown, env: unknown) {
      this.ctx = context;
      this.env = env;
    }
  },
}));
vi.mock("../../src/objects/action-ports.ts", async () => (await import("./seams.ts")).actionPorts);
vi.mock("../../src/objects/ports.ts", async () => (await import("./seams.ts")).ports);
vi.mock("../../src/domain/execution/project.ts", async () => (await import("./seams.ts")).index);
vi.mock("../../src/domain/waiter/listen.ts", async () => (await import("./seams.ts")).listen);
vi.mock("../../src/domain/workflow/definition-of-version.ts", async () => (await import("./seams.ts")).definitions);
vi.mock("../../src/lib/ids.ts", async (original) => (await import("./seams.ts")).ids(await original()));
vi.mock("../../src/objects/execution/programs.ts", async (original) =>
  (await import("./seams.ts")).programs(await original()),
);
vi.mock("../../src/engine/step.ts", async (original) => (await import("./seams.ts")).engine(await original()));

import type { StartRequest } from "../../src/domain/ports.ts";
import type { Env } from "../../src/env.ts";
import { Execution } from "../../src/objects/execution/execution.ts";
import { checkAfterCrash, checkAtRest, inspect } from "./check.ts";
import type { Choices } from "./choices.ts";
import { CALM, Outside, type Weather } from "./outside.ts";
import { type Conditions, currentLife, type Hosted, type Life, Platform } from "./platform.ts";
import { manualEvent, Provider, type Script } from "./provider.ts";
import type { Scenario } from "./scenarios.ts";
import { type Running, takeTheStage } from "./seams.ts";
import { Witness } from "./witness.ts";
import { type CrashPlan, EPOCH, World } from "./world.ts";

export type Plan = {
  choices: Choices;
  crashes?: CrashPlan;
  /** Chance of a crash at each boundary. */
  crashChance?: number;
  conditions?: Partial<Conditions>;
  weather?: Weather;
  /** In place of the scenario's own. */
  script?: Script;
  /** Plants a bug; called before anything happens. */
  plant?: (stage: Stage) => void;
  /** Whether the run must end as the scenario says. */
  strict?: boolean;
};

export type Stage = { world: World; platform: Platform; provider: Provider; outside: Outside; running: Running };

export type Report = {
  violations: string[];
  trace: string[];
  boundaries: number;
  decisions: number;
  crashes: number;
  wakes: number;
  status: string;
  /** Milliseconds from the start to the end of the run; Infinity when it had none. */
  tookMs: number;
  /** That arrived at the provider. */
  requests: number;
};

/** The run that every scenario starts. */
export const ROOT = "run";
const ORGANIZATION = "org";
const BASE_MS = { commit: 2, rpc: 1, provider: 20, database: 3, queue: 10 } as const;

export const usual: Conditions = { latency: (of) => BASE_MS[of], lateness: () => 0, again: () => false };

/** Everything takes as long as it likes, now and then very long; alarms are late or come twice. */
export const whimsical = (choices: Choices): Conditions => ({
  latency: (of) => choices.between(0, BASE_MS[of] * 4) * (choices.chance(0.02, "slow") ? 1_000 : 1),
  lateness: () => (choices.chance(0.1, "late alarm") ? choices.between(0, 3 * 3_600_000) : 0),
  again: () => choices.chance(0.1, "alarm twice"),
});

export const simulate = async (scenario: Scenario, plan: Plan): Promise<Report> => {
  const world = new World(plan.choices, plan.crashes ?? { at: [], scope: "object" }, plan.crashChance ?? 0);
  const witness = new Witness(world);
  const build = (life: Life) => new Execution(life.context(), envOf(platform, outside, life)) as unknown as Hosted;
  const platform = new Platform(world, { ...usual, ...plan.conditions }, witness, build);
  const versionOf = (workflowId: string) => `${scenario.name}/${workflowId}`;
  const outside = new Outside(platform, plan.weather ?? CALM);
  const script = plan.script ?? scenario.script ?? (() => ({ status: 200 }));
  const provider = new Provider(platform, script, versionOf, outside);
  const definitions = new Map(
    Object.entries({ root: scenario.root, ...scenario.others }).map(([id, definition]) => [versionOf(id), definition]),
  );
  const running: Running = { provider, outside, definitions };
  const stage: Stage = { world, platform, provider, outside, running };
  witness.attend(provider);
  witness.onFinal = (host) =>
    void world.schedule(`a look at ${host.name}`, 86_400_000, () => void inspect(stage, witness, host.name));
  witness.onCrash = (host) => checkAfterCrash(stage, host);
  takeTheStage(running);
  const restore = ownTheClock(world, witness);
  try {
    plan.plant?.(stage);
    void outside.start(requestOf(versionOf("root"), scenario.dryRun === true));
    for (const { at, type } of scenario.events ?? []) {
      const event = () => ({ id: `ev-${at}`, type, source: "test", data: { at }, occurredAt: world.now });
      world.schedule(`event ${type}`, at, () => outside.emit(event()));
    }
    for (const at of scenario.cancels ?? [])
      world.schedule("cancel", at, () => void outside.insist(ROOT, "cancel", [ORGANIZATION, "enough"]));
    await world.run();
    checkAtRest(stage, witness, plan.strict === false ? null : scenario);
  } finally {
    restore();
    takeTheStage(null);
    for (const host of platform.hosts.values()) if (host.life) host.life.alive = false;
  }
  const wakes = [...platform.hosts.values()].reduce((sum, host) => sum + host.firings, 0);
  const { violations, trace, boundaries, decisions, crashes } = world;
  const { status = "open", endedAt } = witness.of(ROOT).final ?? {};
  const tookMs = (endedAt ?? Number.POSITIVE_INFINITY) - EPOCH;
  const { length: requests } = provider.ledger;
  return { violations, trace, boundaries, decisions, crashes, wakes, status, tookMs, requests };
};

const requestOf = (versionId: string, dryRun: boolean): StartRequest => ({
  executionId: ROOT,
  organizationId: ORGANIZATION,
  workflowId: "root",
  versionId,
  startNodes: [],
  event: manualEvent(),
  variables: {},
  metadata: {},
  dryRun,
  eventDepth: 0,
});

const envOf = (platform: Platform, outside: Outside, life: Life): Env => {
  const stub = (name: string) =>
    new Proxy(
      {},
      {
        get:
          (_, method: string) =>
          (...args: unknown[]) =>
            platform.call(life, name, method, args),
      },
    );
  return {
    DB: life,
    EXECUTION: { idFromName: (name: string) => name, get: stub },
    PROJECTIONS: { send: (message: never) => outside.project(life, message) },
  } as unknown as Env;
};

/** Date.now, timers and console.error belong to the simulated world while it runs. */
const ownTheClock = (world: World, witness: Witness): (() => void) => {
  const real = { now: Date.now, setTimeout, clearTimeout, timeout: AbortSignal.timeout, error: console.error };
  const later = (run: () => void, ms: number) => world.schedule("timer", ms, run, { owner: currentLife() ?? null });
  Date.now = () => world.now;
  globalThis.setTimeout = later as unknown as typeof setTimeout;
  globalThis.clearTimeout = ((task: never) => world.drop(task)) as unknown as typeof clearTimeout;
  AbortSignal.timeout = (ms: number) => {
    const controller = new AbortController();
    later(() => controller.abort(new DOMException("The operation timed out", "TimeoutError")), ms);
    return controller.signal;
  };
  console.error = (line: unknown) => {
    const life = currentLife();
    if (life?.alive === false) return;
    if (life) witness.troubled(life.name);
    world.note(`log: ${String(line)}`);
    if (String(line).includes("execution.stuck")) world.violate(`a step threw: ${String(line)}`);
  };
  return () => {
    Date.now = real.now;
    globalThis.setTimeout = real.setTimeout;
    globalThis.clearTimeout = real.clearTimeout;
    AbortSignal.timeout = real.timeout;
    console.error = real.error;
  };
};
