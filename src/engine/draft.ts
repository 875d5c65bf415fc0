// A state being stepped: reads fall through to the base, writes are kept apart as the Delta. The base is never touched.
import type { Json } from "../lib/json.ts";
import type { Delta, Frame, NodeRecord, RunRecord, RunState, Seed, Token, VisitRecord } from "./state.ts";

class Overlay<K, V> {
  readonly changes = new Map<K, V | undefined>();
  readonly #base: Map<K, V>;

  constructor(base: Map<K, V>) {
    this.#base = base;
  }

  get(key: K): V | undefined {
    return this.changes.has(key) ? this.changes.get(key) : this.#base.get(key);
  }

  set(key: K, value: V): void {
    this.changes.set(key, value);
  }

  delete(key: K): void {
    // A record that was made and removed within one step leaves no trace in the delta.
    if (this.#base.has(key)) this.changes.set(key, undefined);
    else this.changes.delete(key);
  }

  *values(): Generator<V> {
    for (const [key, value] of this.#base) {
      if (!this.changes.has(key)) yield value;
      else {
        const changed = this.changes.get(key);
        if (changed !== undefined) yield changed;
      }
    }
    for (const [key, value] of this.changes) if (value !== undefined && !this.#base.has(key)) yield value;
  }

  *keys(): Generator<K> {
    for (const key of this.#base.keys()) if (!this.changes.has(key) || this.changes.get(key) !== undefined) yield key;
    for (const [key, value] of this.changes) if (value !== undefined && !this.#base.has(key)) yield key;
  }
}

export class Draft {
  readonly variables: Overlay<string, Json>;
  readonly tokens: Overlay<number, Token>;
  readonly visits: Overlay<number, VisitRecord>;
  readonly nodes: Overlay<string, NodeRecord>;
  readonly frames: Overlay<number, Frame>;
  #run: RunRecord | null;
  #runChanged = false;
  #liveTokens: number;

  constructor(base: RunState) {
    this.variables = new Overlay(base.variables);
    this.tokens = new Overlay(base.tokens);
    this.visits = new Overlay(base.visits);
    this.nodes = new Overlay(base.nodes);
    this.frames = new Overlay(base.frames);
    this.#run = base.run;
    this.#liveTokens = base.tokens.size;
  }

  get run(): RunRecord {
    if (!this.#run) throw new Error("run before start");
    return this.#run;
  }

  get started(): boolean {
    return this.#run !== null;
  }

  get liveTokens(): number {
    return this.#liveTokens;
  }

  setRun(run: RunRecord): void {
    this.#run = run;
    this.#runChanged = true;
  }

  changeRun(changes: Partial<RunRecord>): void {
    this.setRun({ ...this.run, ...changes });
  }

  addToken(token: Omit<Token, "id">): Token {
    const made = { ...token, id: this.run.nextToken };
    this.changeRun({ nextToken: made.id + 1 });
    this.tokens.set(made.id, made);
    this.#liveTokens++;
    this.changeFrame(made.frame, (frame) => ({ ...frame, live: frame.live + 1 }));
    return made;
  }

  /** What an earlier run got to. */
  plant(seed: Seed): void {
    const { nextToken, nextVisit, nextFrame, contact, chars, at } = seed;
    this.changeRun({ nextToken, nextVisit, nextFrame, contact, seededAt: at, ...(chars !== null && { chars }) });
    for (const [name, value] of seed.variables) this.variables.set(name, value);
    for (const [id, record] of seed.nodes) this.nodes.set(id, record);
    for (const token of seed.tokens) this.tokens.set(token.id, token);
    for (const visit of seed.visits) this.visits.set(visit.n, visit);
    for (const frame of seed.frames) this.frames.set(frame.id, frame);
    this.#liveTokens = seed.tokens.length;
  }

  /** What it goes on from is taken up. */
  begin(): void {
    const { seededAt: _, ...run } = this.run;
    this.setRun(run);
  }

  /** The branch ends here; its frame may be over. */
  dropToken(token: Token): void {
    if (!this.tokens.get(token.id)) return;
    this.tokens.delete(token.id);
    this.#liveTokens--;
    this.changeFrame(token.frame, (frame) => ({ ...frame, live: frame.live - 1 }));
  }

  changeFrame(id: number, change: (frame: Frame) => Frame): void {
    const frame = this.frames.get(id);
    if (frame) this.frames.set(id, change(frame));
  }

  changeVisit(n: number, changes: Partial<VisitRecord>): void {
    const visit = this.visits.get(n);
    if (visit) this.visits.set(n, { ...visit, ...changes });
  }

  delta(): Delta {
    const delta: Delta = {
      variables: this.variables.changes,
      tokens: this.tokens.changes,
      visits: this.visits.changes,
      nodes: this.nodes.changes,
      frames: this.frames.changes,
    };
    if (this.#runChanged) delta.run = this.run;
    return delta;
  }
}
