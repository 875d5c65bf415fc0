// What a workflow listens for: its trigger nodes, grouped by the terms that they share. Stored when it is published.
import { splitPolicy } from "../engine/policy.ts";
import { canonicalJson, type Json, type JsonObject } from "../lib/json.ts";
import { triggerTypes } from "./index.ts";
import type { Subscription } from "./trigger.ts";

type Terms = Omit<Subscription, "workflowId" | "variables"> & { nodeIds: string[] };

/** `nodes` of a definition that compiled; nodes that are no triggers, or that no event of the stream starts, make no terms. */
export const subscriptionsOf = (nodes: Record<string, { type: string; config: JsonObject }>): Terms[] => {
  const terms = new Map<string, Terms>();
  for (const [id, { type, config }] of Object.entries(nodes)) {
    const trigger = triggerTypes.get(type);
    const subscription = trigger?.subscription(trigger.schema.parse(splitPolicy(config).own));
    if (!subscription) continue;
    const key = canonicalJson(subscription as unknown as Json);
    const known = terms.get(key);
    if (known) known.nodeIds.push(id);
    else terms.set(key, { ...subscription, triggerType: type, nodeIds: [id] });
  }
  return [...terms.values()];
};
