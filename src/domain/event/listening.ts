// Who subscribes to a batch's events, by organisation and event type: made once a batch, asked by each of its events.
import type { Candidate } from "../../db/queries/subscriptions.ts";
import type { ConditionTree } from "../../engine/expression/condition.ts";
import { SubscriptionIndex } from "../../triggers/subscription-index.ts";
import type { Subscription } from "../../triggers/trigger.ts";
import type { StreamEvent } from "../event.ts";

type Place = { index: SubscriptionIndex; ofWorkflow: ReadonlyMap<string, Candidate[]> };

export class Listening {
  readonly #candidates: ReadonlyMap<string, Candidate[]>;
  readonly #places = new Map<string, Place>();

  /** Higher priority first, as they were read. */
  constructor(candidates: readonly Candidate[]) {
    this.#candidates = Map.groupBy(candidates, placeOf);
  }

  /** What listens for other events of the batch is not in it. */
  of({ organizationId, type: eventType }: Pick<StreamEvent, "organizationId" | "type">): Place {
    const name = placeOf({ organizationId, eventType });
    const known = this.#places.get(name);
    if (known) return known;
    const candidates = this.#candidates.get(name) ?? [];
    const place = {
      index: new SubscriptionIndex(candidates.flatMap(subscriptionsOf)),
      ofWorkflow: Map.groupBy(candidates, ({ workflowId }) => workflowId),
    };
    this.#places.set(name, place);
    return place;
  }
}

const placeOf = ({ organizationId, eventType }: Pick<Candidate, "organizationId" | "eventType">): string =>
  `${organizationId}/${eventType}`;

const subscriptionsOf = (candidate: Candidate): Subscription[] =>
  candidate.nodeIds.map((nodeId) => ({
    eventType: candidate.eventType,
    matchKey: candidate.matchKey,
    filters: candidate.filters as ConditionTree | null,
    terms: candidate.terms,
    workflowId: candidate.workflowId,
    nodeId,
    triggerType: candidate.triggerType,
    variables: candidate.variables,
  }));
