// Which workflows the event of a webhook's call starts, and which runs: decided as the consumer of events will decide it (event/plan.ts).
import { type Candidate, candidateOf, selectCandidates } from "../../db/queries/subscriptions.ts";
import type { JsonObject } from "../../lib/json.ts";
import { planEvent } from "../event/plan.ts";
import type { StreamEvent } from "../event.ts";
import type { Database } from "../ports.ts";

/** What webhooks' objects keep of those who subscribe; with more than this they are not named in the answers. */
const MAX_KNOWN_BYTES = 200_000;

/** Everybody in the organisation who subscribes to what webhooks receive. One read. */
export const subscribersOf = async (db: Database, organizationId: string): Promise<JsonObject[]> => {
  const lookup = { organizationId, eventType: "WEBHOOK_RECEIVED", matchKeys: [null] };
  const { results } = await selectCandidates(db, [lookup]).all();
  const candidates = results.map(candidateOf);
  return JSON.stringify(candidates).length > MAX_KNOWN_BYTES ? [] : candidates;
};

export type Started = { workflowId: string; executionId: string };

/** `listeners`: as `subscribersOf` answers them. Its target counts as active. */
export const wouldStart = async (
  event: StreamEvent,
  listeners: readonly JsonObject[],
  now: number,
): Promise<{ started: Started[]; missed: { workflowId: string; reason: string }[] }> => {
  const { target, organizationId } = event;
  const { starts, outcome } = await planEvent(
    event,
    {
      known: new Set(),
      processed: new Set(),
      toldTo: new Map(),
      candidates: listeners as Candidate[],
      targets: target
        ? [
            {
              organizationId,
              workflowId: target.workflowId,
              status: "active",
              versionId: "",
              triggers: Object.fromEntries(target.nodeIds.map((id) => [id, "trigger_webhook"])),
            },
          ]
        : [],
      waiting: [],
      contacts: [],
      templates: new Map(),
      contactRuns: [],
    },
    now,
  );
  return {
    started: starts.map(({ workflowId, executionId }) => ({ workflowId, executionId })),
    missed: outcome.missed.map(({ workflowId, reason }) => ({ workflowId, reason })),
  };
};
