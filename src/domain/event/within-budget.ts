// Runs that events start which runs have caused which events have caused: they multiply, and a depth of ten alone bounds nothing. They share
// the organisation's budget with runs that runs start (execution/start-child.ts). What comes from outside, and what it causes, is not counted.
import { GRANDCHILDREN_DEPTH, grandchildrenKey, MAX_GRANDCHILDREN } from "../execution/start-child.ts";
import type { Limiter, StartRequest } from "../ports.ts";
import type { Plan } from "./plan.ts";

type World = {
  limiter: Pick<Limiter, "take">;
  /** Whether an earlier delivery of the event has started the run. */
  isStarted: (start: StartRequest, plan: Plan) => Promise<boolean>;
};

/**
 * What is beyond the budget is not started, and the outcome says so; waits hear of its event all the same. What was started by an earlier delivery
 * has had its share. A limiter that does not answer, or a run, stops nobody.
 */
export const withinBudget = (plans: readonly Plan[], { limiter, isStarted }: World): Promise<Plan[]> =>
  Promise.all(
    plans.map(async (plan) => {
      const { event, starts, outcome } = plan;
      if (event.depth < GRANDCHILDREN_DEPTH || starts.length === 0) return plan;
      const { max, windowMs } = MAX_GRANDCHILDREN;
      const key = grandchildrenKey(event.organizationId);
      const isAllowed = async (start: StartRequest): Promise<boolean> => {
        const answer = await limiter.take(key, max, windowMs).catch(() => null);
        return (answer?.allowed ?? true) || isStarted(start, plan).catch(() => true);
      };
      const allowed = await Promise.all(starts.map(isAllowed));
      const beyond = new Set(starts.filter((_, index) => !allowed[index]).map(({ executionId }) => executionId));
      if (beyond.size === 0) return plan;
      const isWithin = ({ executionId }: { executionId: string }) => !beyond.has(executionId);
      const started = outcome.started.filter(isWithin);
      return { ...plan, starts: starts.filter(isWithin), outcome: { ...outcome, started, stopped: "budget" as const } };
    }),
  );
