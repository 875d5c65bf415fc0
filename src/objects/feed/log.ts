// The last events of one watched workflow, in the order in which they came. Owns the object's SQLite:
//   events  number, time, name, data (JSON)
//   runs    up to which journal sequence each run has told
// and in its key-value part: `life`, `since`, `until`, `workflow`, `looked`.
// Invariants: a run's commits are taken once and in order; numbers only grow within a life, and a new life begins whenever nobody has listened for
// long, since what happened meanwhile is not here.
import { eventText, type Place, placeText } from "../../domain/feed/event-text.ts";
import type { FeedReport } from "../../domain/feed/fed.ts";
import type { LiveEvent } from "../../domain/feed/live-event.ts";
import { idsFrom, LATE_MS, type WatchedWorkflow } from "../../domain/feed/watch.ts";
import { DAY_MS, HOUR_MS } from "../../lib/durations.ts";
import { timeOfId } from "../../lib/ids.ts";

/** Events that are kept, at the most, and for how long, in ms. */
export const MAX_EVENTS = 2_000;
const MAX_AGE_MS = HOUR_MS;
/** A run tells again what it has told only within minutes, in ms. */
const RUN_MEMORY_MS = DAY_MS;
/** Clocks of two machines differ by less, in ms. */
const SKEW_MS = 10_000;
/** How many events come between two looks for what is too old. */
const PRUNE_EVERY = 100;
/** Of one piece of a stream: characters and events. */
const PIECE_CHARS = 64_000;
const PIECE_EVENTS = 200;
/** Pieces in memory: most listeners want the latest. */
const MAX_PIECES = 16;

export type Piece = { bytes: Uint8Array; last: number };

const encoder = new TextEncoder();

export class FeedLog {
  readonly #storage: DurableObjectStorage;
  #life: string | null;
  #since = 0;
  #until = 0;
  #first = 1;
  #last = 0;
  /** Of what is durable. */
  #shown = 0;
  #unpruned = 0;
  /** By the number of the event before it: listeners are at the same place as a rule. */
  readonly #pieces = new Map<number, Piece>();

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#life = storage.kv.get<string>("life") ?? null;
    if (this.#life === null) return;
    this.#since = storage.kv.get<number>("since")!;
    this.#until = storage.kv.get<number>("until")!;
    this.#measure();
    this.#shown = this.#last;
  }

  /** Epoch ms from which on it holds what happened. */
  get since(): number {
    return this.#since;
  }

  /** Epoch ms until which runs are told that somebody listens. */
  get until(): number {
    return this.#until;
  }

  /** Number of the last event that listeners may have; 0 before the first. */
  get shown(): number {
    return this.#shown;
  }

  /** What was written by now is given to listeners once it is durable: a number that one of them has is never another event's. */
  async show(): Promise<void> {
    const [life, last] = [this.#life, this.#last];
    await this.#storage.sync();
    if (life !== this.#life || last <= this.#shown) return;
    this.#shown = last;
    this.#pieces.clear();
  }

  /** Number before the earliest event that is kept. */
  get start(): number {
    return this.#first - 1;
  }

  isWatched(now: number): boolean {
    return this.#life !== null && now < this.#until;
  }

  /** A new life: what was here before is gone. */
  begin(now: number): void {
    const { sql, kv } = this.#storage;
    sql.exec("DROP TABLE IF EXISTS events");
    sql.exec("DROP TABLE IF EXISTS runs");
    sql.exec(
      "CREATE TABLE events (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, name TEXT NOT NULL, data TEXT NOT NULL)",
    );
    sql.exec("CREATE TABLE runs (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID");
    this.#life = now.toString(36);
    this.#since = now;
    kv.put("life", this.#life);
    kv.put("since", now);
    kv.delete("workflow");
    kv.delete("looked");
    this.#first = 1;
    this.#last = 0;
    this.#shown = 0;
    this.#pieces.clear();
  }

  keepUntil(until: number): void {
    this.#until = until;
    this.#storage.kv.put("until", until);
  }

  /** After everything that was stored is gone. */
  forget(): void {
    this.#life = null;
    this.#until = 0;
    this.#pieces.clear();
  }

  /** Runs with ids before it were asked to tell. */
  get lookedTo(): string {
    return this.#storage.kv.get<string>("looked") ?? idsFrom(this.#since);
  }

  set lookedTo(id: string) {
    if (timeOfId(id)! - timeOfId(this.lookedTo)! >= LATE_MS) this.#storage.kv.put("looked", id);
  }

  get workflow(): WatchedWorkflow | undefined {
    return this.#storage.kv.get<WatchedWorkflow>("workflow");
  }

  set workflow(workflow: WatchedWorkflow) {
    this.#storage.kv.put("workflow", workflow);
  }

  /** What of it is new. */
  take({ executionId, commits }: FeedReport, now: number): void {
    const { sql } = this.#storage;
    const [known] = sql.exec<{ seq: number }>("SELECT seq FROM runs WHERE id = ?", executionId).toArray();
    const fresh = commits.filter(({ seq }) => seq > (known?.seq ?? 0));
    const last = fresh.at(-1);
    if (!last) return;
    sql.exec(
      "INSERT INTO runs (id, seq, at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq, at = excluded.at",
      ...[executionId, last.seq, now],
    );
    // A run that was told long ago that somebody listens may still know of it: what it did before this life is not in the stream.
    const recent = fresh.filter(({ at }) => at >= this.#since - SKEW_MS);
    for (const { events } of recent) for (const event of events) this.append(event, now);
  }

  append({ name, data }: LiveEvent, now: number): void {
    this.#last++;
    this.#storage.sql.exec(
      "INSERT INTO events (n, at, name, data) VALUES (?, ?, ?, ?)",
      ...[this.#last, now, name, JSON.stringify(data)],
    );
    if (++this.#unpruned >= PRUNE_EVERY) this.#prune(now);
  }

  /** Those of the runs that have told nothing yet. */
  unheard(ids: readonly string[]): string[] {
    const known = new Set(
      this.#storage.sql
        .exec<{ id: string }>("SELECT id FROM runs WHERE id IN (SELECT value FROM json_each(?))", JSON.stringify(ids))
        .toArray()
        .map(({ id }) => id),
    );
    return ids.filter((id) => !known.has(id));
  }

  /** The events behind number `n`, as many as one piece holds; undefined when there are none. */
  pieceAfter(n: number): Piece | undefined {
    if (n >= this.#shown) return undefined;
    const known = this.#pieces.get(n);
    if (known) return known;
    let text = "";
    let last = n;
    for (const row of this.#storage.sql.exec<{ n: number; name: LiveEvent["name"]; data: string }>(
      "SELECT n, name, data FROM events WHERE n > ? AND n <= ? ORDER BY n LIMIT ?",
      ...[n, this.#shown, PIECE_EVENTS],
    )) {
      text += eventText(this.placeText(row.n), row);
      last = row.n;
      if (text.length >= PIECE_CHARS) break;
    }
    const piece = { bytes: encoder.encode(text), last };
    this.#pieces.set(n, piece);
    const [oldest] = this.#pieces.keys();
    if (this.#pieces.size > MAX_PIECES) this.#pieces.delete(oldest!);
    return piece;
  }

  placeText(n: number): string {
    return placeText({ life: this.#life!, n });
  }

  /** True when everything since that place is here. */
  holds({ life, n }: Place): boolean {
    return life === this.#life && n >= this.start && n <= this.#shown;
  }

  #prune(now: number): void {
    const { sql } = this.#storage;
    this.#unpruned = 0;
    sql.exec(
      "DELETE FROM events WHERE n <= ? OR (at < ? AND n < ?)",
      ...[this.#last - MAX_EVENTS, now - MAX_AGE_MS, this.#last],
    );
    sql.exec("DELETE FROM runs WHERE at < ?", now - RUN_MEMORY_MS);
    this.#measure();
  }

  /** The last event stays, so that numbers go on behind it. */
  #measure(): void {
    const [row] = this.#storage.sql
      .exec<{ first: number | null; last: number | null }>("SELECT min(n) AS first, max(n) AS last FROM events")
      .toArray();
    this.#last = Math.max(this.#last, row?.last ?? 0);
    this.#first = row?.first ?? this.#last + 1;
  }
}
