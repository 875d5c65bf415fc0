// Watches a run from outside, commit by commit and request by request, and says at once what must never be: it reads what is durable and what
// arrived, and asks the engine nothing.
import type { RunRecord, VisitRecord } from "../../src/engine/state.ts";
import type { ObjectHost, Unit, Watch } from "./platform.ts";
import type { Provider } from "./provider.ts";
import type { World } from "./world.ts";

/** Wakes of an object at which nothing was due, in any hour. */
const MAX_IDLE_WAKES = 6;
const HOUR_MS = 3_600_000;

export type Seen = {
  seq: number;
  /** Rows of attempts by step key, those that are durable. */
  attempts: Map<string, number>;
  /** Results of visits that have ended. */
  results: Map<string, string>;
  final: RunRecord | null;
  idleWakes: number[];
  seqAtWake: number;
};

/** What a write of the store puts, or takes away (undefined), by key. */
const recordsOf = ({ sql, params }: Unit["writes"][number]): [key: string, value: string | undefined][] => {
  if (/^\s*DELETE FROM records/.test(sql)) return params.map((key) => [String(key), undefined]);
  if (!/^\s*INSERT INTO records/.test(sql)) return [];
  return params.flatMap((key, index) => (index % 2 ? [] : [[String(key), String(params[index + 1])]]));
};

export class Witness implements Watch {
  readonly seen = new Map<string, Seen>();
  onFinal: (host: ObjectHost) => void = () => {};
  onCrash: (host: ObjectHost) => void = () => {};
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  of(name: string): Seen {
    const known = this.seen.get(name);
    if (known) return known;
    const fresh: Seen = {
      seq: 0,
      attempts: new Map(),
      results: new Map(),
      final: null,
      idleWakes: [],
      seqAtWake: 0,
    };
    this.seen.set(name, fresh);
    return fresh;
  }

  /** Follows the requests of a provider. */
  attend(provider: Provider): void {
    provider.onLeave = (kind, key) => {
      const name = key.split(":")[0]!;
      const seen = this.of(name);
      if (seen.final) this.#world.violate(`${name}: a ${kind} left after the run's end (${key})`);
      const requests = provider.left.filter((one) => one === key).length;
      const attempts = seen.attempts.get(key) ?? 0;
      if (requests > attempts)
        this.#world.violate(`${name}: ${requests} requests of ${key}, and ${attempts} attempts in the journal`);
    };
  }

  committed(host: ObjectHost, unit: Unit): void {
    const seen = this.of(host.name);
    if (unit.wipe) {
      if (!seen.final) this.#world.violate(`${host.name}: deleted before its end`);
      return;
    }
    let journaled = 0;
    let changed = false;
    for (const [key, value] of unit.writes.flatMap(recordsOf)) {
      if (/^\d+$/.test(key)) {
        journaled++;
        if (Number(key) !== seen.seq + 1)
          this.#world.violate(`${host.name}: journal ${seen.seq} is followed by ${key}`);
        seen.seq = Number(key);
      } else if (key.startsWith("a:")) {
        const started = JSON.parse(value!).outcome === null;
        const step = `${host.name}:${key.slice(2, key.lastIndexOf(":"))}`;
        if (started) seen.attempts.set(step, (seen.attempts.get(step) ?? 0) + 1);
      } else {
        const isEngines = this.#note(host, seen, key, value);
        changed ||= isEngines;
      }
    }
    if (changed && journaled === 0) this.#world.violate(`${host.name}: a state without its input in one commit`);
  }

  /** One row of the state. True when it is the engine's. */
  #note(host: ObjectHost, seen: Seen, key: string, value: string | undefined): boolean {
    if (key === "meta") return false;
    if (key === "run") {
      const run = JSON.parse(value!) as RunRecord;
      if (seen.final && seen.final.status !== run.status) {
        this.#world.violate(`${host.name}: was ${seen.final.status} for good, then ${run.status}`);
      }
      if (run.endedAt !== null && !seen.final) {
        seen.final = run;
        this.onFinal(host);
      }
    }
    if (key.startsWith("n:")) {
      const before = seen.results.get(key);
      const visit = value === undefined ? null : (JSON.parse(value) as VisitRecord);
      const result =
        visit?.completedAt == null ? null : JSON.stringify([visit.status, visit.output, visit.completedAt]);
      if (before !== undefined && before !== result) this.#world.violate(`${host.name}: the result of ${key} changed`);
      if (result !== null) seen.results.set(key, result);
    }
    return true;
  }

  woken(host: ObjectHost, idle: boolean): void {
    const seen = this.of(host.name);
    const still = idle && seen.seq === seen.seqAtWake;
    seen.seqAtWake = seen.seq;
    if (!still) {
      seen.idleWakes = [];
      return;
    }
    seen.idleWakes = [...seen.idleWakes.filter((at) => this.#world.now - at < HOUR_MS), this.#world.now];
    if (seen.idleWakes.length > MAX_IDLE_WAKES)
      this.#world.violate(`${host.name}: wakes again and again with nothing due`);
  }

  /** It met a neighbour that failed, and may look after that as often as it must. */
  troubled(name: string): void {
    this.of(name).idleWakes = [];
  }

  crashed(host: ObjectHost): void {
    this.troubled(host.name);
    this.onCrash(host);
  }
}
