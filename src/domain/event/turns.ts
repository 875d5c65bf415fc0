// Of what one event starts, the higher priority starts first: the next begins when all before it have begun, or could not.
import type { Plan } from "./plan.ts";

export class Turns {
  readonly #left = new Map<number, { calls: number; done: () => void; isDone: Promise<void> }>();
  readonly #priorities: Plan["priorities"];

  constructor({ starts, priorities }: Pick<Plan, "starts" | "priorities">) {
    this.#priorities = priorities;
    for (const [priority, ofPriority] of Map.groupBy(starts, ({ executionId }) => this.#of(executionId))) {
      const { promise: isDone, resolve: done } = Promise.withResolvers<void>();
      this.#left.set(priority, { calls: ofPriority.length, done, isDone });
    }
  }

  async take(executionId: string, call: () => Promise<void>): Promise<void> {
    const priority = this.#of(executionId);
    for (const [other, { isDone }] of this.#left) if (other > priority) await isDone;
    try {
      await call();
    } finally {
      const own = this.#left.get(priority)!;
      own.calls--;
      if (own.calls === 0) own.done();
    }
  }

  #of(executionId: string): number {
    return this.#priorities.get(executionId) ?? 0;
  }
}
