// The one alarm of an object, shared by all that want to be woken. Owns nothing but the memory of when it is set; the time itself is the platform's.
// Invariant: an object that is owed anything has an alarm no later than that, from the same commit on.

import { noteObjectError } from "../lib/vitals.ts";

/** A handler that dies is called again no later than this, in ms. */
const WATCHDOG_MS = 60_000;

export class Alarm {
  readonly #storage: DurableObjectStorage;
  /** Epoch ms; null when not set. */
  #at: number | null = null;
  /** The earliest time that was asked for while the handler ran. */
  #asked = Number.POSITIVE_INFINITY;

  constructor(context: DurableObjectState) {
    this.#storage = context.storage;
    // What an earlier life has set still stands: who wants to be woken later must not move it.
    void context.blockConcurrencyWhile(async () => {
      this.#at = await this.#storage.getAlarm();
    });
  }

  /** Makes sure that the object wakes at `at` or earlier. Commits with the writes around it. */
  wakeBy(at: number): void {
    this.#asked = Math.min(this.#asked, at);
    if (this.#at !== null && this.#at <= at) return;
    this.#set(at);
  }

  /**
   * The whole of an `alarm()` handler: never throws. `work` does what is due and tells when it wants to be woken next (null: not at all);
   * when it fails, the watchdog that was set first stays.
   */
  async handle(object: string, work: () => Promise<number | null>): Promise<void> {
    try {
      this.#set(Date.now() + WATCHDOG_MS);
      this.#asked = Number.POSITIVE_INFINITY;
      const wanted = await work();
      // Something may have been accepted after `work` looked.
      const next = Math.min(wanted ?? Number.POSITIVE_INFINITY, this.#asked);
      if (next < Number.POSITIVE_INFINITY) this.#set(next);
      else {
        this.#at = null;
        await this.#storage.deleteAlarm();
      }
    } catch (error) {
      noteObjectError();
      console.error(
        JSON.stringify({ at: "alarm", object, message: error instanceof Error ? error.message : String(error) }),
      );
    }
  }

  #set(at: number): void {
    this.#at = at;
    void this.#storage.setAlarm(at);
  }
}
