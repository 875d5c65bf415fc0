// The clock of one schedule trigger. Owns its settings with the next planned time, and an outbox (outbox.ts has the invariants).
// Invariants: the event of a planned time has one id, so that two alarms make one event; the event and the next time commit together; after a
// sleep longer than a period one run makes up for all that were missed, and says how many.
import { DurableObject } from "cloudflare:workers";
import type { StreamEvent } from "../domain/event.ts";
import { type Planned, planRun, timeWhenSet } from "../domain/schedule/plan-run.ts";
import type { Env } from "../env.ts";
import { DAY_MS } from "../lib/durations.ts";
import { Alarm } from "./alarm.ts";
import { Outbox, RESEND_FIRST_MS } from "./outbox.ts";
import type { ScheduleRpc, ScheduleSettings } from "./rpc.ts";

/** PERSISTED CONTRACT. */
type Kept = ScheduleSettings & { nextAt: number | null };

/** Far times are reached in hops, so that a clock set wrong once cannot put a schedule to sleep for ever. */
const LONGEST_SLEEP_MS = DAY_MS;

export class Schedule extends DurableObject<Env> implements ScheduleRpc {
  readonly #outbox: Outbox;
  readonly #alarm: Alarm;
  #kept: Kept | undefined;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#outbox = new Outbox(context.storage.sql, env.EVENTS, { kind: "schedule", name: context.id.name! });
    this.#alarm = new Alarm(context);
    const kept = context.storage.kv.get<Kept>("schedule");
    // What was kept when there was nothing but cron.
    this.#kept = kept && { ...kept, at: kept.at ?? null, everyMs: kept.everyMs ?? null };
  }

  async set(settings: ScheduleSettings): Promise<{ nextAt: number | null }> {
    const now = Date.now();
    const nextAt = timeWhenSet(this.#kept, settings, now);
    this.#keep({ ...settings, nextAt });
    if (nextAt !== null) this.#alarm.wakeBy(Math.min(nextAt, now + LONGEST_SLEEP_MS));
    return { nextAt };
  }

  /** What is in the outbox already still goes out. */
  async clear(): Promise<void> {
    this.#kept = undefined;
    this.ctx.storage.kv.delete("schedule");
  }

  async poke(): Promise<{ nextAt: number | null } | null> {
    if (!this.#kept) return null;
    await this.alarm();
    return this.#kept && { nextAt: this.#kept.nextAt };
  }

  async take(ids: string[]): Promise<StreamEvent[]> {
    return this.#outbox.take(ids);
  }

  async acknowledge(ids: string[]): Promise<void> {
    this.#outbox.acknowledge(ids);
  }

  override async alarm(): Promise<void> {
    await this.#alarm.handle("schedule", async () => {
      const now = Date.now();
      if (this.#kept) {
        const kept = this.#kept;
        const planned = await planRun(kept, now);
        // Set anew or cleared while the event was made: what was planned is void.
        if (planned && this.#kept === kept) this.#emit(kept, planned, now);
      }
      await this.#outbox.flush();
      const wants = [await this.#outbox.sweep(now), this.#kept?.nextAt ?? null].filter((at) => at !== null);
      return wants.length > 0 ? Math.min(...wants, now + LONGEST_SLEEP_MS) : null;
    });
  }

  /** No await in here: the event, the next time and the alarm commit together. */
  #emit(kept: Kept, { event, nextAt }: Planned, now: number): void {
    this.#outbox.accept(event, event.id, now);
    this.#keep({ ...kept, nextAt });
    this.#alarm.wakeBy(now + RESEND_FIRST_MS);
  }

  #keep(kept: Kept): void {
    this.#kept = kept;
    this.ctx.storage.kv.put("schedule", kept);
  }
}
