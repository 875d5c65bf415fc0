// What stands in for the modules through which an execution reaches the world, for the run that is being simulated. simulate.ts puts it in place.
import type { Definition } from "../../src/engine/contract.ts";
import type { step as Step } from "../../src/engine/step.ts";
import type { programOf as ProgramOf } from "../../src/objects/execution/programs.ts";
import type { ProjectionMessage } from "../../src/queue/catalogue.ts";
import type { Outside } from "./outside.ts";
import { currentLife, type Life } from "./platform.ts";
import type { Provider } from "./provider.ts";

export type Running = {
  provider: Provider;
  outside: Outside;
  /** By version id. */
  definitions: ReadonlyMap<string, Definition>;
  /** Planted in place of the engine's step. */
  step?: (real: typeof Step, ...args: Parameters<typeof Step>) => ReturnType<typeof Step>;
};

let running: Running | null = null;
export const takeTheStage = (next: Running | null): void => {
  running = next;
};

/** `env.DB` is the life itself: whatever it asks of the database is asked in its name. */
const outsideOf = () => running!.outside;

export const actionPorts = {
  makeActionPorts: (env: { DB: Life }) => running!.provider.portsOf(env.DB),
};

export const ports = {
  makePorts: (env: { DB: Life }) => running!.provider.executionsOf(env.DB),
};

export const index = {
  projectExecutions: (life: Life, reports: readonly ProjectionMessage[]) => outsideOf().show(life, reports[0]!),
};

export const listen = {
  startListening: (...args: Parameters<Outside["startListening"]>) => outsideOf().startListening(...args),
  missedEvents: (...args: Parameters<Outside["missedEvents"]>) => outsideOf().missedEvents(...args),
  stopListening: (life: Life, executionId: string, key: string) => outsideOf().stopListening(life, executionId, key),
};

export const definitions = {
  definitionOfVersion: async (_life: Life, _organizationId: string, versionId: string) =>
    running!.definitions.get(versionId) ?? null,
};

/** A life has compiled nothing yet, so that it reads the definition first, which takes its time and may fail. */
export const programs = (real: { programOf: typeof ProgramOf }) => ({
  ...real,
  programOf: async (...args: Parameters<typeof ProgramOf>) => {
    const life = currentLife();
    if (life) await outsideOf().read(life, null);
    return real.programOf(...args);
  },
});

/** Hashing takes a thread of its own, which no virtual clock knows of; the ids say where they come from instead. */
export const ids = (real: object) => ({
  ...real,
  derivedId: async (_time: number, ...parts: string[]) => parts.join(" of ").replace(/[ :]/g, "-"),
});

export const engine = (real: { step: typeof Step }) => ({
  ...real,
  step: (...args: Parameters<typeof Step>) => (running?.step ? running.step(real.step, ...args) : real.step(...args)),
});
