// What the product promises for a run of one POST, written by hand for that run alone: what it would cost without an engine, whoever's workflow it is.
// The promises: an accepted request is in a table before its answer and leaves it when it is processed; the run's object knows what it has begun
// before it begins, has an alarm for a life that does not finish, and keeps the outcome; an event, a run and its five steps are in D1, in bulk.
// Beside the bare chain that is: a second row, two alarms, two D1 batches, a report in the start's answer, an acknowledgement.
import { DurableObject } from "cloudflare:workers";
import { type BareRequest, post } from "./bare.ts";

type Report = { id: string; status: number; startedAt: number; endedAt: number };

const STEPS = 5;
const WATCH_MS = 5_000;
const KEPT_MS = 30 * 86_400_000;

export class Floor extends DurableObject {
  #begun = false;

  /** As the outbox of what was accepted. */
  async accept(id: string, body: unknown): Promise<void> {
    this.#create();
    this.ctx.storage.sql.exec("INSERT INTO rows (id, body) VALUES (?, ?)", id, JSON.stringify(body));
  }

  async acknowledge(ids: string[]): Promise<void> {
    this.ctx.storage.sql.exec("DELETE FROM rows WHERE id IN (SELECT value FROM json_each(?))", JSON.stringify(ids));
  }

  /** As a run. */
  async run({ id, target, body }: BareRequest): Promise<Report> {
    const startedAt = Date.now();
    this.#create();
    const { sql } = this.ctx.storage;
    sql.exec("INSERT INTO rows (id, body) VALUES (?, ?)", "input", JSON.stringify(body));
    void this.ctx.storage.setAlarm(startedAt + WATCH_MS);
    const { status, text } = await post(target, body);
    sql.exec("INSERT INTO rows (id, body) VALUES (?, ?)", "result", JSON.stringify({ status, text }));
    const endedAt = Date.now();
    void this.ctx.storage.setAlarm(endedAt + KEPT_MS);
    return { id, status, startedAt, endedAt };
  }

  override async alarm(): Promise<void> {}

  #create(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS rows (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID",
    );
  }
}

export type FloorEnv = { FLOOR: DurableObjectNamespace<Floor>; FLOOR_QUEUE: Queue<BareRequest>; DB: D1Database };

export const floorOf = (env: FloorEnv, name: string) => env.FLOOR.get(env.FLOOR.idFromName(name));

export const consumeFloor = async (batch: MessageBatch, env: FloorEnv): Promise<void> => {
  const requests = batch.messages.map(({ body }) => body as BareRequest);
  const values = JSON.stringify(requests.map(({ id, body }) => ({ id, body })));
  await env.DB.batch([
    env.DB.prepare(
      "INSERT OR IGNORE INTO bench_events (id, body) SELECT value ->> 'id', value -> 'body' FROM json_each(?1)",
    ).bind(values),
  ]);
  const reports = JSON.stringify(
    await Promise.all(requests.map((request) => floorOf(env, request.id).run(request) as Promise<Report>)),
  );
  const steps = Array.from({ length: STEPS }, (_, n) => `(${n})`).join(", ");
  await env.DB.batch([
    env.DB.prepare(
      `INSERT OR REPLACE INTO bench_runs (id, status, started_at, ended_at)
       SELECT value ->> 'id', value ->> 'status', value ->> 'startedAt', value ->> 'endedAt' FROM json_each(?1)`,
    ).bind(reports),
    env.DB.prepare(
      `INSERT OR REPLACE INTO bench_steps (run_id, n, status, at)
       SELECT r.value ->> 'id', s.column1, 'completed', r.value ->> 'endedAt' FROM json_each(?1) AS r CROSS JOIN (VALUES ${steps}) AS s`,
    ).bind(reports),
    env.DB.prepare("UPDATE bench_events SET done = 1 WHERE id IN (SELECT value ->> 'id' FROM json_each(?1))").bind(
      values,
    ),
  ]);
  await floorOf(env, "accepted").acknowledge(requests.map(({ id }) => id));
  batch.ackAll();
};
