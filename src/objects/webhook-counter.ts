// The counts of one webhook of the enhanced API, beside its object's other storage. Owns the key `counts`. Invariants: an accepted call is counted in
// its own commit; a refused one is counted in memory, and kept with the next write, within seconds; the database is told of many calls at once, and
// at the latest TELL_LATER_MS after a call.

import type { Database } from "../domain/ports.ts";
import { counted, NO_COUNTS, tellCounts } from "../domain/webhook/counts.ts";
import type { WebhookCounts } from "../domain/webhook/tally.ts";

/** The first call after a pause is told soon, so that people see it; under load one write says it for many. */
const TELL_SOON_MS = 500;
const TELL_LATER_MS = 10_000;

export class WebhookCounter {
  readonly #storage: DurableObjectStorage;
  #counts: WebhookCounts;
  /** When the database is to be told, epoch ms; null: it knows. */
  #dueAt: number | null = null;
  #toldAt = 0;
  /** An earlier life may have died before it told what it had counted. */
  #isDoubtful: boolean;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    const kept = storage.kv.get<WebhookCounts>("counts");
    this.#counts = kept ?? NO_COUNTS;
    this.#isDoubtful = kept !== undefined;
  }

  get counts(): WebhookCounts {
    return this.#counts;
  }

  /** Answers when it wants to be woken. `keep` writes it, with what the caller commits. */
  count(result: Parameters<typeof counted>[1], now: number): number {
    this.#counts = counted(this.#counts, result, now);
    this.#dueAt ??= Math.max(now + TELL_SOON_MS, this.#toldAt + TELL_LATER_MS);
    return this.#dueAt;
  }

  keep(): void {
    this.#storage.kv.put("counts", this.#counts);
  }

  /** Tells the database when it is time. Answers when it wants the next wake, or null. */
  async tell(
    db: Database,
    webhook: { organizationId: string; webhookId: string } | undefined,
    now: number,
  ): Promise<number | null> {
    if ((this.#dueAt === null && !this.#isDoubtful) || !webhook) return null;
    if (this.#dueAt !== null && this.#dueAt > now) return this.#dueAt;
    const counts = this.#counts;
    this.keep();
    this.#toldAt = now;
    this.#dueAt = null;
    this.#isDoubtful = false;
    try {
      await tellCounts(db, webhook, counts);
    } catch (error) {
      console.error(JSON.stringify({ at: "webhook.counts", webhook: webhook.webhookId, message: String(error) }));
      this.#dueAt = now + TELL_LATER_MS;
    }
    return this.#dueAt;
  }

  forget(): void {
    this.#counts = NO_COUNTS;
    this.#dueAt = null;
    this.#isDoubtful = false;
    this.#storage.kv.delete("counts");
  }
}
