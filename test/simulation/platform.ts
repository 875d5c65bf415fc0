// Durable Objects, simulated: one live instance a name, writes that commit together or not at all, the output gate, alarms that come at least
// once, calls between objects. What PLATFORM.md promises and no more: whatever is not durable when a life ends is gone.
import { AsyncLocalStorage } from "node:async_hooks";
import { LiveSql, type Write } from "./sql.ts";
import type { CrashPlan, Mortal, Task, World } from "./world.ts";

/** What was written between two awaits: one commit. */
export type Unit = { n: number; writes: Write[]; alarm?: number | null; wipe?: true };

export type Hosted = { alarm(): Promise<void> } & object;

export type Conditions = {
  /** Milliseconds that something takes. */
  latency: (of: "commit" | "rpc" | "provider" | "database" | "queue") => number;
  /** Milliseconds by which an alarm is late. */
  lateness: () => number;
  /** Whether an alarm comes a second time. */
  again: () => boolean;
};

export type Watch = {
  committed: (host: ObjectHost, unit: Unit) => void;
  /** An alarm's handler is over; `idle` when nothing was under way before and after it. */
  woken: (host: ObjectHost, idle: boolean) => void;
  crashed: (host: ObjectHost) => void;
};

const lives = new AsyncLocalStorage<Life>();
/** Whose code is running: timers belong to it and die with it. */
export const currentLife = (): Life | undefined => lives.getStore();

/** Idle objects stay in memory for seconds to minutes. */
const IDLE_MS = 30_000;

const never = new Promise<never>(() => {});

export class Platform {
  readonly world: World;
  readonly conditions: Conditions;
  readonly watch: Watch;
  readonly hosts = new Map<string, ObjectHost>();
  readonly build: (life: Life) => Hosted;
  /** A broken output gate for answers: planted to see whether that is noticed. */
  answersEarly = false;

  constructor(world: World, conditions: Conditions, watch: Watch, build: (life: Life) => Hosted) {
    this.world = world;
    this.conditions = conditions;
    this.watch = watch;
    this.build = build;
    world.onCrash = (life, scope) => this.#crash(life, scope);
  }

  host(name: string): ObjectHost {
    const known = this.hosts.get(name) ?? new ObjectHost(this, name);
    this.hosts.set(name, known);
    return known;
  }

  /** What is durable and what lives, as a text. */
  look(): string {
    return [...this.hosts.values()]
      .map(({ name, durable, durableAlarm, life }) => {
        const rows = durable.map(({ params }) => params.join()).join("\n");
        return `${name} ${durableAlarm} ${life?.busy} ${rows}`;
      })
      .join("\n");
  }

  /** A call to an object, from another or (null) from the Worker. Rejects when the object dies before its answer is out. */
  call<T>(from: Life | null, name: string, method: string, args: readonly unknown[]): Promise<T> {
    const { world } = this;
    const label = `${method} of ${name}`;
    const calling = new Promise<T>((resolve, reject) => {
      const answer = (what: string, settle: () => void) =>
        world.schedule(`${what} ${label}`, this.conditions.latency("rpc"), settle, {
          owner: from,
          inert: from === null,
        });
      const arrive = () => {
        const life = this.host(name).live();
        const broken = () => answer("broken:", () => reject(new Error("the object was reset")));
        life.deaths.add(broken);
        const over = (what: string, settle: () => void) => {
          if (life.deaths.delete(broken)) answer(what, settle);
        };
        void life.enter(async () => {
          try {
            const hosted = life.hosted as unknown as Record<string, (...args: unknown[]) => Promise<T>>;
            const result = await hosted[method]!(...structuredClone(args));
            if (!this.answersEarly) await life.gate();
            const sent = structuredClone(result);
            over("answer:", () => resolve(sent));
          } catch (error) {
            over("refusal:", () => reject(error));
          }
        });
      };
      const send = () =>
        void world.schedule(label, this.conditions.latency("rpc"), arrive, { volatile: from !== null });
      if (from) void from.leave(label, send);
      else send();
    });
    return from ? from.underWay(calling) : calling;
  }

  #crash(life: Mortal, scope: CrashPlan["scope"]): void {
    const dying = scope === "all" ? [...this.hosts.values()].flatMap((host) => host.life ?? []) : [life as Life];
    for (const one of dying) {
      one.die();
      this.watch.crashed(one.host);
    }
  }
}

export class ObjectHost {
  readonly platform: Platform;
  readonly name: string;
  life: Life | null = null;
  durable: Write[] = [];
  durableAlarm: number | null = null;
  firings = 0;
  #usedAt = 0;
  #alarmTask: Task | null = null;
  #firing: Life | null = null;
  #alarmChanged = false;

  constructor(platform: Platform, name: string) {
    this.platform = platform;
    this.name = name;
  }

  /** An object that was idle for a while has been evicted: nothing is lost, and nothing is in memory. */
  live(): Life {
    const { now } = this.platform.world;
    if (this.life?.isIdle && now - this.#usedAt > IDLE_MS) this.life.die();
    this.#usedAt = now;
    this.life ??= new Life(this);
    return this.life;
  }

  apply(unit: Unit): void {
    if (unit.wipe) this.durable = [];
    this.durable.push(...unit.writes);
    if (unit.alarm !== undefined) {
      this.durableAlarm = unit.alarm;
      this.#alarmChanged = true;
      this.#arm();
    }
    this.platform.watch.committed(this, unit);
  }

  died(life: Life): void {
    this.life = null;
    if (this.#firing !== life) return;
    // The handler did not come to its end: it is run again, unless another time was set meanwhile.
    this.#firing = null;
    this.#arm();
  }

  #arm(): void {
    const { world, conditions } = this.platform;
    world.drop(this.#alarmTask);
    this.#alarmTask = null;
    if (this.durableAlarm === null || this.#firing) return;
    const delay = Math.max(0, this.durableAlarm - world.now) + conditions.lateness();
    this.#alarmTask = world.schedule(`alarm of ${this.name}`, delay, () => this.#fire(false));
  }

  #fire(again: boolean): void {
    const { world, conditions, watch } = this.platform;
    if (this.#firing) return;
    if (!again) this.#alarmTask = null;
    this.firings++;
    const life = this.live();
    this.#firing = life;
    this.#alarmChanged = false;
    const idle = life.busy === 0;
    void life.enter(async () => {
      try {
        await life.hosted.alarm();
      } catch (error) {
        if (life.alive) world.violate(`alarm() of ${this.name} threw: ${error}`);
      }
      await life.gate();
      if (!life.alive) return;
      this.#firing = null;
      if (!this.#alarmChanged) this.durableAlarm = null;
      watch.woken(this, idle && life.busy === 0);
      this.#arm();
      if (!again && conditions.again()) world.schedule(`alarm of ${this.name}, again`, 0, () => this.#fire(true));
    });
  }
}

export class Life implements Mortal {
  alive = true;
  readonly host: ObjectHost;
  readonly name: string;
  readonly hosted: Hosted;
  readonly deaths = new Set<() => void>();
  /** Promises of the outside that it waits for. */
  busy = 0;
  #sql: LiveSql;
  #open: Unit | null = null;
  #written = 0;
  #durable = 0;
  #gates: { need: number; open: () => void }[] = [];

  constructor(host: ObjectHost) {
    this.host = host;
    this.name = host.name;
    this.#sql = new LiveSql(host.durable, (write) => this.#unit().writes.push(write));
    this.hosted = this.enter(() => host.platform.build(this));
  }

  enter<T>(work: () => T): T {
    return lives.run(this, work);
  }

  die(): void {
    this.alive = false;
    this.#sql.close();
    this.host.died(this);
    for (const tell of this.deaths) tell();
  }

  get isIdle(): boolean {
    return this.busy === 0 && this.#durable === this.#written && this.deaths.size === 0;
  }

  /** Resolves when everything written so far is durable; never, when that does not happen. */
  gate(): Promise<void> {
    if (!this.alive) return never;
    if (this.#durable === this.#written) return Promise.resolve();
    return new Promise((open) => this.#gates.push({ need: this.#written, open }));
  }

  /** Something leaves for the outside: held back by the output gate, with a crash possible before and after. False: it was called back. */
  async leave(label: string, send: () => void, signal?: AbortSignal): Promise<boolean> {
    const { world } = this.host.platform;
    await this.gate();
    if (!this.alive) return never;
    if (signal?.aborted) return false;
    if (world.boundary(`before ${label}`, this)) return never;
    world.note(`leaves ${this.name}: ${label}`);
    send();
    return world.boundary(`after ${label}`, this) ? never : true;
  }

  underWay<T>(promise: Promise<T>): Promise<T> {
    this.busy++;
    return promise.finally(() => this.busy--);
  }

  /** The object's `ctx`. */
  context(): DurableObjectState {
    const storage = {
      sql: { exec: (sql: string, ...params: never[]) => this.#living().exec(sql, ...params) },
      transactionSync: <T>(work: () => T): T => {
        const before = this.#unit().writes.length;
        try {
          return this.#living().transaction(work);
        } catch (error) {
          this.#unit().writes.length = before;
          throw error;
        }
      },
      setAlarm: async (at: number) => {
        if (!this.alive) return never;
        this.#unit().alarm = at;
        await this.gate();
      },
      deleteAll: async () => {
        this.#living().close();
        this.#sql = new LiveSql([], (write) => this.#unit().writes.push(write));
        Object.assign(this.#unit(), { writes: [], wipe: true, alarm: null });
        await this.gate();
      },
    };
    const waitUntil = (promise: Promise<unknown>) =>
      void promise.catch((error) => {
        if (this.alive) this.host.platform.world.violate(`waitUntil of ${this.name} rejected: ${error}`);
      });
    return { storage, waitUntil, id: { name: this.name } } as unknown as DurableObjectState;
  }

  #living(): LiveSql {
    if (!this.alive) throw new Error("the object was reset");
    return this.#sql;
  }

  /** The commit that is being written; sealed at the next await. */
  #unit(): Unit {
    if (!this.#open) {
      this.#open = { n: ++this.#written, writes: [] };
      queueMicrotask(() => this.#seal());
    }
    return this.#open;
  }

  #seal(): void {
    const unit = this.#open!;
    this.#open = null;
    const { world, conditions } = this.host.platform;
    const commit = () => {
      if (world.boundary(`before commit ${unit.n} of ${this.name}`, this)) return;
      this.host.apply(unit);
      if (world.boundary(`after commit ${unit.n} of ${this.name}`, this)) return;
      this.#durable = unit.n;
      this.#gates = this.#gates.filter(({ need, open }) => {
        if (need <= unit.n) open();
        return need > unit.n;
      });
    };
    world.schedule(`commit ${unit.n} of ${this.name}`, conditions.latency("commit"), commit, {
      owner: this,
      lane: `commits of ${this.name}`,
    });
  }
}
