// Of the runs that a batch would start, those that a workflow's bounds per contact allow. Whoever counts is asked for one contact after the other,
// in the order of the plans; the same run asked for again is allowed again.
import { mapConcurrently } from "../../lib/map-concurrently.ts";
import type { Claimed, RunClaim } from "../contact/claim-run.ts";
import type { Capped, Plan } from "./plan.ts";

type Ask = (organizationId: string, contactId: string, claim: RunClaim) => Promise<Claimed>;

/** Contacts that are asked for at once. */
const AT_ONCE = 32;

/** What is not allowed is not started, and the outcome says why. `failed`: events, by id, of which that could not be found out; they come again. */
export const claimRuns = async (
  plans: readonly Plan[],
  ask: Ask,
): Promise<{ plans: Plan[]; failed: Map<string, string> }> => {
  const asked = plans.flatMap(({ event, capped }) => capped.map((one) => ({ ...one, event })));
  if (asked.length === 0) return { plans: [...plans], failed: new Map() };
  const refused = new Map<string, { one: Capped; reason?: string }>();
  const failed = new Map<string, string>();
  const ofContacts = Map.groupBy(asked, ({ event, contactId }) => `${event.organizationId}/${contactId}`);
  await mapConcurrently([...ofContacts.values()], AT_ONCE, async (claims) => {
    for (const { event, ...one } of claims) {
      try {
        const claimed = await ask(event.organizationId, one.contactId, one.claim);
        if (!claimed.allowed) refused.set(one.claim.executionId, { one, reason: claimed.reason });
      } catch (error) {
        refused.set(one.claim.executionId, { one });
        failed.set(event.id, error instanceof Error ? error.message : String(error));
      }
    }
  });
  return { plans: plans.map((plan) => without(plan, refused)), failed };
};

const without = (plan: Plan, refused: ReadonlyMap<string, { one: Capped; reason?: string }>): Plan => {
  const { starts, outcome, capped } = plan;
  const misses = capped.flatMap(({ claim }) => refused.get(claim.executionId) ?? []);
  if (misses.length === 0) return plan;
  const isAllowed = ({ executionId }: { executionId: string }) => !refused.has(executionId);
  const missed = misses.flatMap(({ one, reason }) =>
    reason === undefined ? [] : [{ workflowId: one.claim.workflowId, reason }],
  );
  return {
    ...plan,
    starts: starts.filter(isAllowed),
    outcome: { ...outcome, started: outcome.started.filter(isAllowed), missed: [...missed, ...outcome.missed] },
  };
};
