// Measures for how long the service has been up, and adds up what isolates notice of themselves. One object in all; owns the time of the last beat
// and of the first one since the last outage, and the last hour's vitals. Invariants: it beats only when the database answers; from the first
// `ensure` on there is always an alarm.
import { DurableObject } from "cloudflare:workers";
import { databaseOf } from "../domain/database.ts";
import { checkHealth } from "../domain/health/check-health.ts";
import { BEAT_MS, beat, type Uptime } from "../domain/monitoring/uptime.ts";
import { type KeptVitals, keepVitals, lastHour } from "../domain/monitoring/vitals.ts";
import type { Env } from "../env.ts";
import type { Vitals } from "../lib/vitals.ts";
import { Alarm } from "./alarm.ts";
import type { HeartbeatRpc } from "./rpc.ts";

export class Heartbeat extends DurableObject<Env> implements HeartbeatRpc {
  readonly #alarm: Alarm;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#alarm = new Alarm(context);
  }

  async ensure(): Promise<void> {
    await this.#beat();
  }

  async upSince(): Promise<number | null> {
    return (await this.#beat())?.since ?? null;
  }

  async note(vitals: Vitals): Promise<Vitals> {
    const { kv } = this.ctx.storage;
    const kept = keepVitals(kv.get<KeptVitals>("vitals") ?? [], vitals, Date.now());
    kv.put("vitals", kept);
    return lastHour(kept, Date.now());
  }

  override async alarm(): Promise<void> {
    await this.#alarm.handle("heartbeat", async () => {
      await this.#beat();
      return Date.now() + BEAT_MS;
    });
  }

  /** What is kept after it; unchanged when something does not work. */
  async #beat(): Promise<Uptime | undefined> {
    const { kv } = this.ctx.storage;
    const works = await checkHealth({ db: databaseOf(this.env.DB) });
    const now = Date.now();
    this.#alarm.wakeBy(now + BEAT_MS);
    const kept = kv.get<Uptime>("uptime");
    if (!works) return kept;
    const next = beat(kept, now);
    kv.put("uptime", next);
    return next;
  }
}
