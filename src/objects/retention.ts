// Deletes what organisations no longer keep, in rounds over all of them. One object in all; owns the place where it is and when the next round
// begins. Invariants: a wake deletes a bounded number of pages; a page that failed is tried again where the walk stands; one organisation's
// trouble holds up no other; there is always an alarm from the first `ensure` on.
import { DurableObject } from "cloudflare:workers";
import { databaseOf } from "../domain/database.ts";
import { failureOf } from "../domain/failure-of.ts";
import { FIRST_PLACE, forgetPage, type Place, skip } from "../domain/retention/forget.ts";
import type { Env } from "../env.ts";
import { DAY_MS } from "../lib/durations.ts";
import { Alarm } from "./alarm.ts";
import type { RetentionRpc } from "./rpc.ts";

/** From the beginning of a round to the next: what is too old stays at most so much longer, in ms. */
const ROUND_MS = DAY_MS;
/** The first round comes so long after the first `ensure`, in ms. */
const FIRST_MS = 60_000;
/** The database belongs to its users: so many pages, then a pause, in ms. */
const PAGES_A_WAKE = 5;
const PAUSE_MS = 1_000;

export class Retention extends DurableObject<Env> implements RetentionRpc {
  readonly #alarm: Alarm;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#alarm = new Alarm(context);
  }

  async ensure(): Promise<void> {
    const { kv } = this.ctx.storage;
    const now = Date.now();
    this.#alarm.wakeBy(kv.get("place") ? now + PAUSE_MS : (kv.get<number>("nextAt") ?? now + FIRST_MS));
  }

  override async alarm(): Promise<void> {
    await this.#alarm.handle("retention", () => this.#work(Date.now()));
  }

  /** When it wants to go on, epoch ms. */
  async #work(now: number): Promise<number> {
    const { kv } = this.ctx.storage;
    let place = kv.get<Place>("place");
    if (!place) {
      const nextAt = kv.get<number>("nextAt") ?? now;
      if (nextAt > now) return nextAt;
      kv.put("nextAt", now + ROUND_MS);
      place = FIRST_PLACE;
    }
    for (let pages = 0; pages < PAGES_A_WAKE; pages++) {
      kv.put("place", place);
      const next = await this.#page(place, now);
      if (next === null) {
        kv.delete("place");
        return kv.get<number>("nextAt")!;
      }
      place = next;
    }
    kv.put("place", place);
    return now + PAUSE_MS;
  }

  /** Throws while the database is away: then all of it waits for the alarm. */
  async #page(place: Place, now: number): Promise<Place | null> {
    try {
      return await forgetPage(databaseOf(this.env.DB), place, now);
    } catch (error) {
      if (failureOf(error)) throw error;
      const message = error instanceof Error ? error.message : String(error);
      console.error(JSON.stringify({ at: "retention.page", ...place, message }));
      return skip(place);
    }
  }
}
