// Runs that events start which runs have caused which events have caused: they multiply, and a depth of ten alone bounds nothing. They share
// the organisation's budget with runs that runs start (execution/start-child.ts). What comes from outside, and what it causes, is not counted.
import { mapConcurrently } from "../../lib/map-concurrently.ts";
import { GRANDCHILDREN_DEPTH, grandchildrenKey, MAX_GRANDCHILDREN } from "../execution/start-child.ts";
import type { Limiter, StartRequest } from "../ports.ts";
import type { Plan } from "./plan.ts";

type World = {
  limiter: Pick<Limiter, "take">;
  /** Whether an earlier delivery of the event has started the run. */
  isStarted: (start: StartRequest, plan: Plan) => Promise<boolean>;
};

/** Of the limiter and of runs that are asked at once. */
const AT_ONCE = 32;

/**
 * What is beyond the budget is not started, and the outcome says so; waits hear of its event all the same. What was started by an earlier delivery
 * has had its share. A limiter that does not answer, or a run, stops nobody. Once an organisation is refused, the limiter is not asked again.
 */
export const withinBudget = async (plans: readonly Plan[], { limiter, isStarted }: World): Promise<Plan[]> => {
  const spent = new Set<string>();
  const { max, windowMs } = MAX_GRANDCHILDREN;
  const isAllowed = async (start: StartRequest, plan: Plan): Promise<boolean> => {
    const { organizationId } = start;
    if (!spent.has(organizationId)) {
      const answer = await limiter.take(grandchildrenKey(organizationId), max, windowMs).catch(() => null);
      if (answer?.allowed ?? true) return true;
      spent.add(organizationId);
    }
    return isStarted(start, plan).catch(() => true);
  };
  const counted = plans.filter(({ event }) => event.depth >= GRANDCHILDREN_DEPTH);
  const beyond = new Set<string>();
  const asked = counted.flatMap((plan) => plan.starts.map((start) => ({ start, plan })));
  await mapConcurrently(asked, AT_ONCE, async ({ start, plan }) => {
    if (!(await isAllowed(start, plan))) beyond.add(start.executionId);
  });
  const isWithin = ({ executionId }: { executionId: string }) => !beyond.has(executionId);
  return plans.map((plan) => {
    const { starts, outcome } = plan;
    if (starts.every(isWithin)) return plan;
    const started = outcome.started.filter(isWithin);
    return { ...plan, starts: starts.filter(isWithin), outcome: { ...outcome, started, stopped: "budget" as const } };
  });
};
