// Runs that events start which runs have caused which events have caused: they multiply, and a depth of ten alone bounds nothing. They share
// the organisation's budget with runs that runs start (execution/start-child.ts). What comes from outside, and what it causes, is not counted.
import { GRANDCHILDREN_DEPTH, grandchildrenKey, MAX_GRANDCHILDREN } from "../execution/start-child.ts";
import type { Limiter } from "../ports.ts";
import type { Plan } from "./plan.ts";

/** What is beyond the budget is not started, and the outcome says so; waits hear of its event all the same. A limiter that does not answer stops nobody. */
export const withinBudget = (plans: readonly Plan[], limiter: Pick<Limiter, "take">): Promise<Plan[]> =>
  Promise.all(
    plans.map(async (plan) => {
      const { event, starts, outcome } = plan;
      if (event.depth < GRANDCHILDREN_DEPTH || starts.length === 0) return plan;
      const { max, windowMs } = MAX_GRANDCHILDREN;
      const key = grandchildrenKey(event.organizationId);
      const answers = await Promise.all(starts.map(() => limiter.take(key, max, windowMs).catch(() => null)));
      const isAllowed = (index: number) => answers[index]?.allowed ?? true;
      const beyond = new Set(starts.filter((_, index) => !isAllowed(index)).map(({ executionId }) => executionId));
      if (beyond.size === 0) return plan;
      const isWithin = ({ executionId }: { executionId: string }) => !beyond.has(executionId);
      const started = outcome.started.filter(isWithin);
      return { ...plan, starts: starts.filter(isWithin), outcome: { ...outcome, started, stopped: "budget" as const } };
    }),
  );
