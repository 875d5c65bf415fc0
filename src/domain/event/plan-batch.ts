// What a batch's events do, within what one batch may cost. Many organisations' events stand in one queue: those that cost much, by their filters
// or by the calls that they lead to, are planned until their organisation has had its share, the others as ever; what is left over is for a later
// batch, and nothing is missed.

import type { StreamEvent } from "../event.ts";
import { GRANDCHILDREN_DEPTH } from "../execution/start-child.ts";
import { Listening } from "./listening.ts";
import { type Plan, planEvent } from "./plan.ts";
import type { Listeners } from "./read-listeners.ts";

/** Work (engine/expression/work.ts) of all filters in one batch: some 15 s of CPU at the worst; a consumer has 30 s (Cloudflare Workers limits). */
const MAX_BATCH_WORK = 100_000_000;

/** Calls by which one batch starts runs and ends waits; an invocation has 10,000 of all kinds (Cloudflare Workers limits, "Subrequests"). */
const MAX_BATCH_CALLS = 8_000;
/** A start within the budget of within-budget.ts asks the limiter as well, and one that is refused asks its run whether it is there already. */
const CALLS_OF_BUDGET = 2;

/** At the most. */
export const callsOf = ({ event, starts, capped, deliveries }: Plan): number =>
  starts.length * (event.depth < GRANDCHILDREN_DEPTH ? 1 : 1 + CALLS_OF_BUDGET) + capped.length + deliveries.length;

type Spent = { work: number; calls: number };

/** What one batch has cost so far: its filters, and the calls of its plans. */
export class BatchCost {
  readonly limit: number;
  readonly maxCalls: number;
  readonly #total: Spent = { work: 0, calls: 0 };
  readonly #of = new Map<string, Spent>();

  constructor(limit = MAX_BATCH_WORK, maxCalls = MAX_BATCH_CALLS) {
    this.limit = limit;
    this.maxCalls = maxCalls;
  }

  add({ event, work }: Plan): void {
    this.#total.work += work;
    this.#by(event.organizationId).work += work;
  }

  /**
   * False when a later batch would have more room for them: `parts` organisations share what there is. A batch that has called nobody yet takes
   * whatever it is, and an organisation's first plan has no share to keep to.
   */
  takeCalls(plan: Plan, parts: number): boolean {
    const calls = callsOf(plan);
    const own = this.#by(plan.event.organizationId);
    const isTooMany = (spent: Spent, most: number) => spent.calls > 0 && spent.calls + calls > most;
    if (calls > 0 && (isTooMany(this.#total, this.maxCalls) || isTooMany(own, this.maxCalls / parts))) return false;
    this.#total.calls += calls;
    own.calls += calls;
    return true;
  }

  isSpent(organizationId: string, parts: number): boolean {
    return this.#total.work >= this.limit || this.#by(organizationId).work >= this.limit / parts;
  }

  #by(organizationId: string): Spent {
    const spent = this.#of.get(organizationId) ?? { work: 0, calls: 0 };
    this.#of.set(organizationId, spent);
    return spent;
  }
}

/**
 * `events`: who has waited longest comes first. `deferred`: for a later batch. Of a fresh `spent` the first event at least is planned: it alone may
 * have more calls than `spent.maxCalls`, and whoever makes them makes so many.
 */
export const planBatch = async (
  events: readonly StreamEvent[],
  listeners: Listeners,
  now: number,
  spent: BatchCost,
): Promise<{ plans: Plan[]; deferred: StreamEvent[] }> => {
  const parts = new Set(events.map((event) => event.organizationId)).size;
  const plans: Plan[] = [];
  const deferred: StreamEvent[] = [];
  const listening = new Listening(listeners.candidates);
  for (const event of inTurns(events)) {
    if (spent.isSpent(event.organizationId, parts)) {
      deferred.push(event);
      continue;
    }
    const plan = await planEvent(event, listeners, now, listening);
    spent.add(plan);
    if (spent.takeCalls(plan, parts)) plans.push(plan);
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
