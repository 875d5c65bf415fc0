// The line in which the messages of one sender stand: one object a sender. Owns the time of the first slot that nobody has. Invariants: no two
// callers get the same slot, over an eviction neither; slots of a sliding second are never more than the rate that their callers named.
import { DurableObject } from "cloudflare:workers";
import { type Slot, takeSlot, takeSlots } from "../domain/message/pacing.ts";
import type { Env } from "../env.ts";
import { Alarm } from "./alarm.ts";
import type { PacerRpc } from "./rpc.ts";

/** An idle line keeps no storage. */
const IDLE_MS = 60_000;

export class Pacer extends DurableObject<Env> implements PacerRpc {
  readonly #alarm: Alarm;
  /** PERSISTED CONTRACT. Epoch ms. */
  #nextAt: number;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#alarm = new Alarm(context);
    this.#nextAt = context.storage.kv.get<number>("nextAt") ?? 0;
  }

  async lease(perSecond: number, count: number, leadMs = 0): Promise<number[]> {
    const { slots, nextAt } = takeSlots(this.#nextAt, { now: Date.now() + leadMs, count, perSecond });
    this.#keep(nextAt);
    return slots;
  }

  async leaseOne(perSecond: number, leadMs: number): Promise<Slot> {
    const { slot, nextAt } = takeSlot(this.#nextAt, { now: Date.now(), leadMs, perSecond });
    this.#keep(nextAt);
    return slot;
  }

  async peek(): Promise<number> {
    return this.#nextAt;
  }

  #keep(nextAt: number): void {
    this.#nextAt = nextAt;
    this.ctx.storage.kv.put("nextAt", nextAt);
    this.#alarm.wakeBy(nextAt + IDLE_MS);
  }

  override async alarm(): Promise<void> {
    await this.#alarm.handle("pacer", async () => {
      if (this.#nextAt + IDLE_MS > Date.now()) return this.#nextAt + IDLE_MS;
      this.#nextAt = 0;
      await this.ctx.storage.deleteAll();
      return null;
    });
  }
}
