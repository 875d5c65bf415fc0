// What a batch's events do, within what one batch may cost. Many organisations' events stand in one queue: those whose filters cost much are
// planned until their organisation has had its share, the others as ever; what is left over is for a later batch, and nothing is missed.
import type { StreamEvent } from "../event.ts";
import { type Plan, planEvent } from "./plan.ts";
import type { Listeners } from "./read-listeners.ts";

/** Work (engine/expression/work.ts) of all filters in one batch: some 15 s of CPU at the worst; a consumer has 30 s (Cloudflare Workers limits). */
const MAX_BATCH_WORK = 100_000_000;

/** Runs that one batch starts and waits that it ends, each a call; an invocation has 10,000 of all kinds (Cloudflare Workers limits, "Subrequests"). */
const MAX_BATCH_CALLS = 8_000;

/** What one batch has cost so far: its filters, and the calls of its plans. */
export class BatchCost {
  readonly limit: number;
  readonly maxCalls: number;
  #total = 0;
  readonly #of = new Map<string, number>();
  #calls = 0;

  constructor(limit = MAX_BATCH_WORK, maxCalls = MAX_BATCH_CALLS) {
    this.limit = limit;
    this.maxCalls = maxCalls;
  }

  add({ event, work }: Plan): void {
    this.#total += work;
    this.#of.set(event.organizationId, (this.#of.get(event.organizationId) ?? 0) + work);
  }

  /** False when a batch that has called nobody yet would have more room for them. */
  takeCalls({ starts, deliveries }: Plan): boolean {
    const calls = starts.length + deliveries.length;
    if (calls > 0 && this.#calls > 0 && this.#calls + calls > this.maxCalls) return false;
    this.#calls += calls;
    return true;
  }

  isSpent(organizationId: string, share: number): boolean {
    return this.#total >= this.limit || (this.#of.get(organizationId) ?? 0) >= share;
  }
}

/**
 * `deferred`: for a later batch. Of a fresh `spent` the first event at least is planned: it alone may have more calls than `spent.maxCalls`, and
 * whoever makes them makes so many.
 */
export const planBatch = async (
  events: readonly StreamEvent[],
  listeners: Listeners,
  now: number,
  spent: BatchCost,
): Promise<{ plans: Plan[]; deferred: StreamEvent[] }> => {
  const share = spent.limit / new Set(events.map((event) => event.organizationId)).size;
  const plans: Plan[] = [];
  const deferred: StreamEvent[] = [];
  for (const event of inTurns(events)) {
    if (spent.isSpent(event.organizationId, share)) {
      deferred.push(event);
      continue;
    }
    const plan = await planEvent(event, listeners, now);
    spent.add(plan);
    if (spent.takeCalls(plan)) plans.push(plan);
    else deferred.push(event);
  }
  return { plans, deferred };
};

/** The first of each organisation, then the second of each. */
const inTurns = (events: readonly StreamEvent[]): StreamEvent[] => {
  const turns = new Map<string, number>();
  return events
    .map((event) => {
      const turn = turns.get(event.organizationId) ?? 0;
      turns.set(event.organizationId, turn + 1);
      return { event, turn };
    })
    .sort((a, b) => a.turn - b.turn)
    .map(({ event }) => event);
};
