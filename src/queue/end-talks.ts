// Ends the runs that speak to somebody who has opted out: behind the starts of their batch, which may be among them.
import { talksToEnd } from "../domain/event/end-talks.ts";
import type { Plan } from "../domain/event/plan.ts";
import type { Listeners } from "../domain/event/read-listeners.ts";
import type { Env } from "../env.ts";
import { mapConcurrently } from "../lib/map-concurrently.ts";
import { executionStub } from "../objects/execution/rpc.ts";

const AT_ONCE = 32;

/** Answers the events for which it could not be done, with the reason: they come again, and to end what has ended does nothing. */
export const endTalks = async (
  plans: readonly Plan[],
  { contactRuns }: Listeners,
  env: Env,
): Promise<Map<string, string>> => {
  const failed = new Map<string, string>();
  const calls = plans.flatMap((plan) => {
    const talks = talksToEnd(plan, contactRuns, plans);
    return (talks?.executionIds ?? []).map((executionId) => ({ event: plan.event, executionId, ...talks! }));
  });
  await mapConcurrently(calls, AT_ONCE, async ({ event, executionId, contactId, reason }) => {
    try {
      await executionStub(env, executionId).endTalk(event.organizationId, contactId, reason);
    } catch (error) {
      failed.set(event.id, error instanceof Error ? error.message : String(error));
    }
  });
  return failed;
};
