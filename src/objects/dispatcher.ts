// Lets the runs of one organisation work, so many at a time (domain/queue/dispatch.ts has the rules). Owns a row for each run that has a slot or
// waits for one, and one for each line. Only runs that something limits come by here. Invariants: what was answered is kept. A run that was let in
// is told until it has said that the slot is its own, or that it wants none. A slot is a lease: who has one and was silent for LEASE_MS is asked,
// so a run that ended while nobody listened loses it. A run is asked for its state and never started here: what it does with a slot follows from
// its own journal, so a slot told twice begins nothing twice.
import { DurableObject } from "cloudflare:workers";
import { databaseOf } from "../domain/database.ts";
import { type Asked, Dispatch, type Place } from "../domain/queue/dispatch.ts";
import { DEFAULT_MAX_QUEUED, type QueueLimits } from "../domain/queue/limits.ts";
import type { LineRecord, Turn } from "../domain/queue/line.ts";
import type { DispatchStatus } from "../domain/queue/port.ts";
import { limitsNow } from "../domain/queue/read-limits.ts";
import type { Env } from "../env.ts";
import { DAY_MS } from "../lib/durations.ts";
import { mapConcurrently } from "../lib/map-concurrently.ts";
import { Alarm } from "./alarm.ts";
import { executionStub } from "./execution/rpc.ts";
import type { DispatcherRpc } from "./rpc.ts";

/** Who was let in and has not answered is told again so much later, in ms. */
const RETELL_MS = 2_000;
/** A run that is let in and is not there may still be on its way to its object; so long its slot is kept, in ms. */
export const UNBORN_MS = 60_000;
/** A slot is looked after when its run was silent for so long, or for half as long as it has had it, in ms; at the most LONGEST. */
const LEASE_MS = 60_000;
const LONGEST_LEASE_MS = 600_000;
/** While anybody waits, the limits are read again so often, in ms. */
const REFRESH_MS = 15_000;
/** A line in which nothing happened for so long is forgotten, with what was measured of it. */
const IDLE_MS = DAY_MS;
/** Runs that are called at once, and in one wake. */
const AT_ONCE = 32;
const A_WAKE = 200;

export class Dispatcher extends DurableObject<Env> implements DispatcherRpc {
  readonly #alarm: Alarm;
  readonly #dispatch: Dispatch;
  /** PERSISTED CONTRACT: `limits`. */
  #limits: QueueLimits;
  /** Calls to runs that are being told, by run. One that has spoken meanwhile is not here any more: its answer is older than what it said. */
  readonly #telling = new Map<string, object>();
  #refreshedAt = 0;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#alarm = new Alarm(context);
    this.#limits = context.storage.kv.get<QueueLimits>("limits") ?? {
      maxConcurrency: null,
      maxQueued: DEFAULT_MAX_QUEUED,
    };
    const { turns, lines } = this.#load();
    this.#dispatch = new Dispatch(this.#limits, turns, lines);
  }

  async ask(asked: Asked): Promise<Place> {
    this.#telling.delete(asked.id);
    const place = this.#dispatch.ask(asked, Date.now());
    this.#keep();
    this.#letIn();
    return place;
  }

  async take(asked: Asked): Promise<void> {
    this.#telling.delete(asked.id);
    this.#dispatch.take(asked, Date.now());
    this.#keep();
  }

  async leave(executionId: string): Promise<void> {
    if (!this.#dispatch.leave(executionId, Date.now())) return;
    this.#keep();
    this.#letIn();
  }

  async look(): Promise<void> {
    this.#refreshedAt = 0;
    await this.#refresh();
    this.#letIn();
  }

  async status(): Promise<DispatchStatus> {
    const now = Date.now();
    return {
      limits: this.#dispatch.limits,
      held: this.#dispatch.held,
      waiting: this.#dispatch.waiting,
      waitMs: this.#dispatch.waitMs(now),
      lines: this.#dispatch.lines(now),
    };
  }

  async places(executionIds: string[]): Promise<{ [executionId: string]: Place }> {
    const now = Date.now();
    const places = executionIds.map((id) => [id, this.#dispatch.placeOf(id, now)] as const);
    return Object.fromEntries(places.flatMap(([id, place]) => (place ? [[id, place]] : [])));
  }

  override async alarm(): Promise<void> {
    await this.#alarm.handle("dispatcher", async () => {
      const now = Date.now();
      await this.#refresh().catch((error) => logFailure("limits", error));
      this.#letIn();
      const patience = ({ confirmed, since }: Turn) =>
        confirmed ? Math.min(Math.max(LEASE_MS, (now - since) / 2), LONGEST_LEASE_MS) : RETELL_MS;
      const silent = this.#dispatch.silent(now, patience, A_WAKE);
      await mapConcurrently(silent, AT_ONCE, (turn) => this.#tell(turn));
      for (const workflowId of this.#dispatch.forgetIdle(now - IDLE_MS))
        this.#sql.exec("DELETE FROM lines WHERE id = ?", workflowId);
      if (this.#dispatch.anyUnconfirmed) return now + RETELL_MS;
      if (this.#dispatch.waiting > 0) return now + REFRESH_MS;
      if (this.#dispatch.held > 0) return now + LEASE_MS;
      return this.#dispatch.lines(now).length > 0 ? now + IDLE_MS : null;
    });
  }

  /** Tells everybody who may work now. No await before what was decided is kept: the output gate holds the calls back until it is durable. */
  #letIn(): void {
    const granted = this.#dispatch.next(Date.now(), A_WAKE);
    if (granted.length === 0) return;
    this.#keep();
    this.ctx.waitUntil(mapConcurrently(granted, AT_ONCE, (turn) => this.#tell(turn)));
  }

  /** Never throws. */
  async #tell({ id, since }: Turn): Promise<void> {
    if (this.#telling.has(id)) return;
    const call = {};
    this.#telling.set(id, call);
    try {
      const said = await executionStub(this.env, id).admit(this.ctx.id.name!);
      const now = Date.now();
      if (this.#telling.get(id) !== call) return;
      if (said === "own") {
        this.#dispatch.confirm(id, now);
        this.#keep();
      } else if (said === "none" || now - since >= UNBORN_MS) await this.leave(id);
    } catch (error) {
      logFailure(id, error);
    } finally {
      if (this.#telling.get(id) === call) this.#telling.delete(id);
    }
  }

  /** The limits as they are now, while anybody waits for them to change. */
  async #refresh(): Promise<void> {
    const now = Date.now();
    if (now - this.#refreshedAt < REFRESH_MS) return;
    this.#refreshedAt = now;
    if (this.#dispatch.waiting === 0) return;
    const ids = this.#dispatch.lines(now).map(({ workflowId }) => workflowId);
    const { limits, workflows } = await limitsNow(databaseOf(this.env.DB), this.ctx.id.name!, ids);
    this.#dispatch.limits = limits;
    this.#dispatch.limitLines(workflows, Date.now());
    this.#keep();
  }

  /** Writes what has changed, and sees to it that somebody looks after it. */
  #keep(): void {
    const { turns, lines } = this.#dispatch.changes();
    this.#create();
    for (const [id, turn] of turns) {
      if (turn === null) this.#sql.exec("DELETE FROM turns WHERE id = ?", id);
      else this.#put("turns", id, JSON.stringify(turn));
    }
    for (const [id, line] of lines) this.#put("lines", id, JSON.stringify(line));
    const { maxConcurrency, maxQueued } = this.#dispatch.limits;
    if (maxConcurrency !== this.#limits.maxConcurrency || maxQueued !== this.#limits.maxQueued) {
      this.#limits = { maxConcurrency, maxQueued };
      this.ctx.storage.kv.put("limits", this.#limits);
    }
    if (this.#dispatch.held + this.#dispatch.waiting > 0)
      this.#alarm.wakeBy(Date.now() + (this.#dispatch.anyUnconfirmed ? RETELL_MS : REFRESH_MS));
  }

  #put(table: "turns" | "lines", id: string, value: string): void {
    this.#sql.exec(
      `INSERT INTO ${table} (id, value) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET value = excluded.value`,
      id,
      value,
    );
  }

  get #sql(): SqlStorage {
    return this.ctx.storage.sql;
  }

  /** An object that was only asked keeps no storage. */
  #create(): void {
    for (const table of ["turns", "lines"])
      this.#sql.exec(`CREATE TABLE IF NOT EXISTS ${table} (id TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`);
  }

  #load(): { turns: Turn[]; lines: LineRecord[] } {
    if (this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'turns'").toArray().length === 0)
      return { turns: [], lines: [] };
    // A row at a time: there may be many.
    const read = <T>(table: "turns" | "lines") =>
      Array.from(
        this.#sql.exec<{ value: string }>(`SELECT value FROM ${table}`),
        ({ value }) => JSON.parse(value) as T,
      );
    return { turns: read<Turn>("turns"), lines: read<LineRecord>("lines") };
  }
}

const logFailure = (about: string, error: unknown): void =>
  console.error(JSON.stringify({ at: "dispatcher", about, message: String(error) }));
