// One sliding window, by the key that is the object's name. Owns the row that holds it. Invariants: an evicted window does not refill; a refused
// use is not counted; a window that is empty keeps no storage.
import { DurableObject } from "cloudflare:workers";
import type { LimitAnswer } from "../domain/ports.ts";
import { slideWindow, type WindowState } from "../domain/webhook/sliding-window.ts";
import type { Env } from "../env.ts";
import { Alarm } from "./alarm.ts";
import type { LimiterRpc } from "./rpc.ts";

/** PERSISTED CONTRACT. */
type Kept = { window: WindowState; windowMs: number };

export class Limiter extends DurableObject<Env> implements LimiterRpc {
  readonly #alarm: Alarm;
  #kept: Kept = { window: [], windowMs: 0 };

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#alarm = new Alarm(context);
    this.#kept = context.storage.kv.get<Kept>("window") ?? this.#kept;
  }

  async take(max: number, windowMs: number): Promise<LimitAnswer> {
    const now = Date.now();
    const slid = slideWindow(this.#kept.window, { max, windowSeconds: windowMs / 1000 }, now);
    const kept = { window: slid.state, windowMs };
    if (slid.allowed) this.#keep(kept, now);
    return {
      allowed: slid.allowed,
      remaining: slid.remaining,
      resetAt: emptyAt(kept, now) ?? now,
      retryAfterMs: slid.allowed ? 0 : Math.max(1, slid.resetAtMs - now),
    };
  }

  async giveBack(): Promise<void> {
    const { window, windowMs } = this.#kept;
    const last = window.at(-1);
    if (!last) return;
    const rest = window.slice(0, -1);
    this.#keep({ window: last[1] > 1 ? [...rest, [last[0], last[1] - 1]] : rest, windowMs }, Date.now());
  }

  override async alarm(): Promise<void> {
    await this.#alarm.handle("limiter", async () => {
      const at = emptyAt(this.#kept, Date.now());
      if (at !== null) return at;
      this.#kept = { window: [], windowMs: 0 };
      await this.ctx.storage.deleteAll();
      return null;
    });
  }

  #keep(kept: Kept, now: number): void {
    this.#kept = kept;
    this.ctx.storage.kv.put("window", kept);
    this.#alarm.wakeBy(emptyAt(kept, now) ?? now);
  }
}

/** Epoch ms at which the latest counted use leaves the window; null when the window is empty. */
const emptyAt = ({ window, windowMs }: Kept, now: number): number | null => {
  const latest = slideWindow(window.slice(-1), { max: 0, windowSeconds: windowMs / 1000 }, now);
  return latest.state.length > 0 ? latest.resetAtMs : null;
};
