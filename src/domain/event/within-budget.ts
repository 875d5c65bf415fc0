// Runs that events start which runs have caused which events have caused: they multiply, and a depth of ten alone bounds nothing. They share
// the organisation's budget with runs that runs start (execution/start-child.ts). What comes from outside, and what it causes, is not counted.
import { GRANDCHILDREN_DEPTH, grandchildrenKey, MAX_GRANDCHILDREN } from "../execution/start-child.ts";
import type { Limiter } from "../ports.ts";
import type { Plan } from "./plan.ts";

/** A plan beyond the budget starts nothing and says so; waits hear of its event all the same. A limiter that does not answer stops nobody. */
export const withinBudget = (plans: readonly Plan[], limiter: Pick<Limiter, "take">): Promise<Plan[]> =>
  Promise.all(
    plans.map(async (plan) => {
      const { event, starts, outcome } = plan;
      if (event.depth < GRANDCHILDREN_DEPTH || starts.length === 0) return plan;
      const { max, windowMs } = MAX_GRANDCHILDREN;
      const answer = await limiter.take(grandchildrenKey(event.organizationId), max, windowMs).catch(() => null);
      if (answer === null || answer.allowed) return plan;
      return { ...plan, starts: [], outcome: { ...outcome, started: [], stopped: "budget" as const } };
    }),
  );
