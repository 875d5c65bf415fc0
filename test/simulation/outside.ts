// The rest of what a run meets: the projections queue with the index behind it, the sweeper that reads it, the event log with its waiters, and
// the Worker that starts runs, delivers events and cancels. Each may fail as the platform allows.
import type { StartRequest } from "../../src/domain/ports.ts";
import type { Effect, RunEvent } from "../../src/engine/contract.ts";
import type { Started } from "../../src/objects/execution/rpc.ts";
import type { ProjectionMessage } from "../../src/queue/catalogue.ts";
import type { Life, Platform } from "./platform.ts";
import type { Task } from "./world.ts";

export type IndexRow = Pick<ProjectionMessage, "status" | "seq" | "endedAt" | "nextWakeAt" | "nodesExecuted">;

/** Chances, 0 to 1. `indexFails`: an operation of the database throws, before or after it was done. */
export type Weather = { queueLoses: number; queueRepeats: number; queueRefuses: number; indexFails: number };
export const CALM: Weather = { queueLoses: 0, queueRepeats: 0, queueRefuses: 0, indexFails: 0 };

/** domain/execution/find-overdue.ts: a run that was poked is looked at again after this time. */
const AGAIN_MS = 300_000;
/** domain/event/finish.ts: a run that has told the index nothing is looked after from then on. */
const FIRST_WAKE_MS = 60_000;
const RETRY_MS = 2_000;
/** Deliveries of a queue message before it is a dead letter, which an operator replays. */
const TRIES = 1_000;

/** Longer than a request takes as a rule (simulate.ts), and shorter than an obstinate one. */
const REPORT_MS = 50;

/** Events of a page of the log: few, so that there are several pages. */
const PAGE = 2;

type Listen = Extract<Effect, { type: "listen" }>;
type Waiter = { executionId: string; key: string; eventType: string; since: number };

export class Outside {
  readonly index = new Map<string, IndexRow>();
  readonly waiters = new Map<string, Waiter>();
  readonly log: { event: RunEvent; at: number }[] = [];
  readonly #platform: Platform;
  readonly #weather: Weather;
  /** What the index takes (db/queries/projections.ts); replaced to plant a bug. */
  isNewer = (message: ProjectionMessage, row: IndexRow): boolean =>
    message.seq > row.seq || (message.seq === row.seq && (message.nextWakeAt ?? 0) > (row.nextWakeAt ?? 0));
  /** False plants a bug: nobody looks after overdue rows. */
  sweeps = true;
  #sweep: Task | null = null;

  constructor(platform: Platform, weather: Weather) {
    this.#platform = platform;
    this.#weather = weather;
  }

  // ── The Worker ──

  /** As the events consumer does: the run is started until that has worked, then its report is written, or its first row. */
  async start(request: StartRequest): Promise<void> {
    const { world } = this.#platform;
    for (;;) {
      const { report } = await this.insist<Started>(request.executionId, "start", [request, REPORT_MS]);
      // It may die with the answer in its hand: then the event comes again.
      if (!world.choices.chance(this.#weather.queueRepeats, "the answer is lost"))
        return report ? this.#apply(report) : this.#rowOf(request.executionId);
      await new Promise<void>((resolve) => world.schedule("the event comes again", RETRY_MS, resolve));
    }
  }

  /** As the events consumer does: first the log, then who waits; each is told until it has heard. */
  emit(event: RunEvent): void {
    const { world } = this.#platform;
    this.log.push({ event, at: world.now });
    for (const { executionId, key, eventType, since } of this.waiters.values()) {
      if (eventType !== event.type || since > event.occurredAt) continue;
      void this.insist(executionId, "deliver", [{ type: "event", key, event }]);
    }
  }

  async insist<T>(name: string, method: string, args: readonly unknown[]): Promise<T> {
    for (let tries = 0; tries < TRIES; tries++) {
      try {
        return await this.#platform.call<T>(null, name, method, args);
      } catch {
        await new Promise<void>((resolve) =>
          this.#platform.world.schedule(`${method} of ${name} is tried again`, RETRY_MS, resolve),
        );
      }
    }
    throw new Error(`${method} of ${name} never worked`);
  }

  // ── Queue, index, sweeper ──

  async project(life: Life, message: ProjectionMessage): Promise<void> {
    const { world, conditions } = this.#platform;
    const { queueLoses, queueRepeats, queueRefuses } = this.#weather;
    const send = () => {
      const times = world.choices.chance(queueLoses, "lost") ? 0 : world.choices.chance(queueRepeats, "twice") ? 2 : 1;
      for (let n = 0; n < times; n++) {
        const label = `projection ${message.executionId} #${message.seq} ${message.status}`;
        world.schedule(label, conditions.latency("queue"), () => this.#apply(message), { volatile: true, inert: true });
      }
    };
    if (world.choices.chance(queueRefuses, "queue refuses")) {
      await life.gate();
      throw new Error("the queue is out of reach");
    }
    await life.underWay(life.leave(`projection #${message.seq}`, send));
  }

  #apply(message: ProjectionMessage): void {
    const row = this.index.get(message.executionId);
    if (row && !this.isNewer(message, row)) return;
    if (row && row.seq > message.seq)
      this.#platform.world.violate(`${message.executionId}: the index went back from #${row.seq} to #${message.seq}`);
    const { status, seq, endedAt, nextWakeAt, nodesExecuted } = message;
    this.index.set(message.executionId, { status, seq, endedAt, nextWakeAt, nodesExecuted });
    this.#planSweep();
  }

  #rowOf(executionId: string): void {
    const known = this.index.get(executionId);
    if (known && !(known.seq === 0 && known.status === "failed")) return;
    const nextWakeAt = this.#platform.world.now + FIRST_WAKE_MS;
    this.index.set(executionId, { status: "running", seq: 0, endedAt: null, nextWakeAt, nodesExecuted: 0 });
    this.#planSweep();
  }

  #planSweep(): void {
    const { world } = this.#platform;
    world.drop(this.#sweep);
    if (!this.sweeps) return;
    const due = Math.min(...[...this.index.values()].map((row) => row.nextWakeAt ?? Number.POSITIVE_INFINITY));
    this.#sweep =
      due === Number.POSITIVE_INFINITY
        ? null
        : world.schedule("sweep", Math.max(0, due - world.now), () => this.#poke());
  }

  #poke(): void {
    const { world } = this.#platform;
    for (const [executionId, row] of this.index) {
      if (row.nextWakeAt === null || row.nextWakeAt > world.now) continue;
      row.nextWakeAt = world.now + AGAIN_MS;
      this.#wake(executionId).catch(() => {});
    }
    this.#planSweep();
  }

  /** As objects/sweeper.ts: a run that its object knows nothing of was never started. */
  async #wake(executionId: string): Promise<void> {
    const isThere = await this.#platform.call(null, executionId, "poke", []);
    const row = this.index.get(executionId);
    if (!isThere && row?.seq === 0) this.index.set(executionId, { ...row, status: "failed", nextWakeAt: null });
  }

  // ── Event log and waiters ──

  startListening(life: Life, run: { executionId: string }, { key, wait, since }: Listen): Promise<void> {
    return this.#database(life, `waiter ${run.executionId}:${key}`, () => {
      const row = { executionId: run.executionId, key, eventType: wait.eventType, since };
      this.waiters.set(`${run.executionId}:${key}`, row);
    });
  }

  /** A page of the log, as domain/waiter/listen.ts: `after` is a place in the log here. */
  missedEvents(
    life: Life,
    run: { executionId: string },
    { key, wait, since }: Listen,
    after: string | null,
  ): Promise<{ events: RunEvent[]; next: string | null }> {
    return this.#database(life, `what ${run.executionId}:${key} missed`, () => {
      const from = after === null ? 0 : Number(after);
      const page = this.log.slice(from, from + PAGE);
      const events = page.filter(({ event, at }) => event.type === wait.eventType && at >= since);
      const next = from + PAGE < this.log.length ? String(from + PAGE) : null;
      return { events: events.map(({ event }) => event), next };
    });
  }

  stopListening(life: Life, executionId: string, key: string): Promise<void> {
    const remove = () => void this.waiters.delete(`${executionId}:${key}`);
    return this.#database(life, `no waiter ${executionId}:${key}`, remove, true);
  }

  /** A statement: it leaves, is done, and its answer comes back; it may fail before it was done, or after. */
  #database<T>(life: Life, label: string, work: () => T, inert = false): Promise<T> {
    const { world, conditions } = this.#platform;
    const failing = world.choices.chance(this.#weather.indexFails, "index fails");
    const done = failing && world.choices.chance(0.5, "before it was done");
    const statement = new Promise<T>((resolve, reject) => {
      const carryOut = () => {
        if (failing && !done) return reject(new Error("D1_ERROR: out of reach"));
        const result = structuredClone(work());
        const answer = () => (failing ? reject(new Error("D1_ERROR: lost")) : resolve(result));
        world.schedule(`done: ${label}`, conditions.latency("database"), answer, { owner: life, inert });
      };
      const send = () =>
        void world.schedule(label, conditions.latency("database"), carryOut, { volatile: true, inert });
      void life.leave(label, send);
    });
    return life.underWay(statement);
  }

  /** A row of a run that was just started. */
  list(life: Life, executionId: string): Promise<void> {
    return this.#database(life, `row of ${executionId}`, () => this.#rowOf(executionId));
  }

  /** A report that does not go by the queue. */
  show(life: Life, message: ProjectionMessage): Promise<void> {
    return this.#database(life, `report ${message.executionId} #${message.seq}`, () => this.#apply(message));
  }

  /** Reads what never changes. */
  read<T>(life: Life, found: T): Promise<T> {
    return this.#database(life, "reading", () => found);
  }
}
