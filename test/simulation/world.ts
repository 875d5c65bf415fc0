// The scheduler: a virtual clock, the things that can happen next, and the points at which a crash may strike. Knows nothing of executions.
import type { Choices } from "./choices.ts";

/** Something that can die with all that it has begun: one life of an object. */
export interface Mortal {
  readonly name: string;
  alive: boolean;
}

export type Task = {
  id: number;
  /** Epoch ms, virtual. */
  at: number;
  label: string;
  /** It does not happen once its owner is dead. */
  owner: Mortal | null;
  /** Tasks of one lane happen in the order in which they were made. */
  lane: string | null;
  /** Lost when everything is killed: it was in memory only. */
  volatile: boolean;
  /** Whether it comes before or after anything else makes no difference to a run, so that orders need not be tried. */
  inert: boolean;
  run: () => void;
};

export type CrashPlan = {
  /** Boundaries at which to crash, counted from 1 over the whole run. */
  at: readonly number[];
  /** Whether the object alone dies, or everything with what is in memory (SIGKILL). */
  scope: "object" | "all";
};

/** 2026-01-05T10:00:00Z, a Monday. */
export const EPOCH = 1_767_607_200_000;
/** A run that needs more decisions than this goes round in circles. */
const MAX_DECISIONS = 5_000;

const realImmediate = setImmediate;
/** Resolves when every microtask has run. */
const idle = (): Promise<void> => new Promise((resolve) => realImmediate(resolve));

export class World {
  readonly choices: Choices;
  readonly violations: string[] = [];
  readonly trace: string[] = [];
  now = EPOCH;
  decisions = 0;
  boundaries = 0;
  crashes = 0;
  /** Kills a life, or all of them; set by whoever keeps them. */
  onCrash: (life: Mortal, scope: CrashPlan["scope"]) => void = () => {};
  readonly #crashes: CrashPlan;
  readonly #crashChance: number;
  #tasks: Task[] = [];
  #nextId = 1;

  constructor(choices: Choices, crashes: CrashPlan, crashChance = 0) {
    this.choices = choices;
    this.#crashes = crashes;
    this.#crashChance = crashChance;
  }

  schedule(
    label: string,
    delay: number,
    run: () => void,
    more: Partial<Pick<Task, "owner" | "lane" | "volatile" | "inert">> = {},
  ): Task {
    const task = {
      owner: null,
      lane: null,
      volatile: false,
      inert: false,
      ...more,
      id: this.#nextId++,
      at: this.now + delay,
      label,
      run,
    };
    this.#tasks.push(task);
    return task;
  }

  /** What can happen next, as a text. */
  look(): string {
    const living = this.#tasks.filter((task) => task.owner === null || task.owner.alive);
    return living
      .map((task) => `${task.at} ${task.label}`)
      .sort()
      .join("\n");
  }

  drop(task: Task | null): void {
    if (task) this.#tasks = this.#tasks.filter((one) => one !== task);
  }

  /** A point at which the world may end for a life. True when it did. */
  boundary(label: string, life: Mortal): boolean {
    const n = ++this.boundaries;
    const struck = this.#crashes.at.includes(n) || this.choices.chance(this.#crashChance, `crash ${label}`);
    if (struck) this.crash(life, `${label} (boundary ${n})`);
    return struck;
  }

  crash(life: Mortal, why: string, scope = this.#crashes.scope): void {
    this.note(`CRASH of ${scope === "all" ? "everything" : life.name} ${why}`);
    this.crashes++;
    if (scope === "all") this.#tasks = this.#tasks.filter((task) => !task.volatile);
    this.onCrash(life, scope);
  }

  violate(what: string): void {
    this.note(`VIOLATION ${what}`);
    if (!this.violations.includes(what)) this.violations.push(what);
  }

  note(what: string): void {
    this.trace.push(`${String(this.now - EPOCH).padStart(9)} ms  ${what}`);
  }

  /** Until nothing is left that could happen. */
  async run(): Promise<void> {
    for (;;) {
      await idle();
      const task = this.#next();
      if (!task) return;
      if (++this.decisions > MAX_DECISIONS) {
        this.violate(`no rest after ${MAX_DECISIONS} decisions`);
        return;
      }
      this.note(task.label);
      task.run();
    }
  }

  #next(): Task | null {
    this.#tasks = this.#tasks.filter((task) => task.owner === null || task.owner.alive);
    if (this.#tasks.length === 0) return null;
    const lanes = new Set<string>();
    const heads = this.#tasks.filter((task) => {
      if (task.lane === null) return true;
      if (lanes.has(task.lane)) return false;
      lanes.add(task.lane);
      return true;
    });
    const soonest = heads.reduce((least, task) => Math.min(least, task.at), Number.POSITIVE_INFINITY);
    if (soonest > this.now) this.now = soonest;
    const ready = heads.filter((task) => task.at <= this.now).sort((a, b) => a.at - b.at || a.id - b.id);
    const task = (this.choices.eager && ready.find((one) => one.inert)) || ready[this.choices.pick(ready.length)]!;
    this.drop(task);
    return task;
  }
}
