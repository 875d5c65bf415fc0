// Which workflows an event starts, and why the others that were asked do not. Pure: the consumer reads the candidates by `lookupKeys`.
import type { RunEvent } from "../engine/contract.ts";
import { evaluateCondition } from "../engine/expression/condition.ts";
import { judgedWithin, MAX_EVENT_WORK, Work } from "../engine/expression/work.ts";
import { filterFields } from "./filter-fields.ts";
import { triggerTypes } from "./index.ts";
import type { Subscription, TriggerMatch } from "./trigger.ts";

type Miss = { workflowId: string; nodeId: string } & Omit<Extract<TriggerMatch, { matched: false }>, "matched">;

/** One run a workflow, which begins at all of its nodes that matched, in the order of the subscriptions. */
export type MatchReport = {
  starts: Map<string, string[]>;
  misses: Miss[];
};

/** Match keys under which the event can find subscriptions, beside null: an index by (event type, match key) answers with few rows. */
export const lookupKeys = (event: RunEvent): string[] => [
  ...new Set([...triggerTypes.values()].flatMap((type) => type.keysOf?.(event) ?? [])),
];

/** Starts each workflow of which a subscription matches. `now` is epoch ms, for filters that compare with it; `total` what they may do together. */
export const matchEvent = (
  event: RunEvent,
  subscriptions: Iterable<Subscription>,
  now: number,
  total = new Work(MAX_EVENT_WORK),
): MatchReport => {
  const report: MatchReport = { starts: new Map(), misses: [] };
  const keys = new Set(lookupKeys(event));
  const fieldOf = filterFields(event);
  const isFound = ({ eventType, matchKey }: Subscription) =>
    eventType === event.type && (matchKey === null || keys.has(matchKey));
  const all = [...subscriptions];
  const outdone = outdoneBy(event, all.filter(isFound));
  const judge = (subscription: Subscription): TriggerMatch => {
    const { eventType, matchKey, filters, variables } = subscription;
    if (eventType !== event.type) return { matched: false, reason: `It waits for ${eventType}, not ${event.type}` };
    if (!isFound(subscription))
      return { matched: false, reason: `It waits for '${matchKey}', which the event does not say` };
    const reasonOfType = outdone.get(subscription);
    if (reasonOfType !== undefined) return { matched: false, reason: reasonOfType };
    if (filters === null) return { matched: true };
    const judged = judgedWithin(total, (work) =>
      evaluateCondition(filters, (field) => fieldOf(field, variables), { now, work }),
    );
    if (!judged) return { matched: false, reason: "The filters do too much work on this event" };
    const { matched, failed } = judged;
    if (matched) return { matched };
    const reason = failed
      ? `${failed.field} is not ${failed.operator} as the filters want`
      : "The filters do not match";
    return { matched: false, reason, ...(failed && { failed }) };
  };
  const missed = new Set<string>();
  for (const subscription of all) {
    const { workflowId, nodeId } = subscription;
    const match = judge(subscription);
    if (!match.matched) {
      const { matched: _, ...why } = match;
      // A node may listen in several ways, and may have missed in the same one.
      const miss = JSON.stringify([workflowId, nodeId, why.reason]);
      if (!missed.has(miss)) report.misses.push({ workflowId, nodeId, ...why });
      missed.add(miss);
      continue;
    }
    const nodes = report.starts.get(workflowId);
    if (!nodes) report.starts.set(workflowId, [nodeId]);
    else if (!nodes.includes(nodeId)) nodes.push(nodeId);
  }
  return report;
};

/** Those whose type picks others, and why. */
const outdoneBy = (event: RunEvent, found: readonly Subscription[]): Map<Subscription, string> => {
  const outdone = new Map<Subscription, string>();
  for (const [type, ofType] of Map.groupBy(found, ({ triggerType }) => triggerType)) {
    const pick = triggerTypes.get(type)?.pick;
    if (!pick) continue;
    const { picked, reason } = pick(event, ofType);
    const chosen = new Set(picked);
    for (const one of ofType) if (!chosen.has(one)) outdone.set(one, reason);
  }
  return outdone;
};
