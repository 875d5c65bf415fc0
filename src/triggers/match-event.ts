// Which workflows an event starts, and why the others that were asked do not. Pure: the consumer reads the candidates by `lookupKeys`.
import type { RunEvent } from "../engine/contract.ts";
import { evaluateCondition } from "../engine/expression/condition.ts";
import { whyNot } from "../engine/expression/why-not.ts";
import { judgedWithin, MAX_EVENT_WORK, Work } from "../engine/expression/work.ts";
import { filterFields } from "./filter-fields.ts";
import { triggerTypes } from "./index.ts";
import type { SubscriptionIndex } from "./subscription-index.ts";
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

type Judging = {
  /** Epoch ms, for filters that compare with it. */
  now: number;
  /** What the filters may do together. */
  total?: Work;
  /** Match keys by which the event may start something; all of its own when absent. */
  keys?: Iterable<string>;
  /** Misses that are told of: what nobody wants to know is not looked at. */
  maxMisses?: number;
  /** The workflow that misses nothing, whatever its triggers want. */
  except?: string | undefined;
};

/** Starts each workflow of which a subscription matches. A workflow that starts misses nothing. `index`: who subscribes to events of this type. */
export const matchEvent = (
  event: RunEvent,
  index: SubscriptionIndex,
  {
    now,
    total = new Work(MAX_EVENT_WORK),
    keys = lookupKeys(event),
    maxMisses = Number.POSITIVE_INFINITY,
    except,
  }: Judging,
): MatchReport => {
  const report: MatchReport = { starts: new Map(), misses: [] };
  const fieldOf = filterFields(event);
  const candidates = index.candidates(keys, fieldOf);
  const outdone = outdoneBy(
    event,
    candidates.map((position) => index.all[position]!),
  );
  const judge = (subscription: Subscription): TriggerMatch => {
    const { filters, variables } = subscription;
    const reasonOfType = outdone.get(subscription);
    if (reasonOfType !== undefined) return { matched: false, reason: reasonOfType };
    if (filters === null) return { matched: true };
    const judged = judgedWithin(total, (work) =>
      evaluateCondition(filters, (field) => fieldOf(field, variables), { now, work }),
    );
    if (!judged) return { matched: false, reason: "The filters do too much work on this event" };
    const { matched, failed } = judged;
    if (matched) return { matched };
    const reason = failed ? whyNot(failed) : "The filters do not match";
    return { matched: false, reason, ...(failed && { failed }) };
  };
  const judged = new Map<number, TriggerMatch>();
  for (const position of candidates) {
    const subscription = index.all[position]!;
    const match = judge(subscription);
    judged.set(position, match);
    if (!match.matched) continue;
    const { workflowId, nodeId } = subscription;
    const nodes = report.starts.get(workflowId);
    if (!nodes) report.starts.set(workflowId, [nodeId]);
    else if (!nodes.includes(nodeId)) nodes.push(nodeId);
  }
  const missed = new Set<string>();
  for (const position of index.asked(keys)) {
    if (report.misses.length >= maxMisses) break;
    const { workflowId, nodeId } = index.all[position]!;
    if (workflowId === except || report.starts.has(workflowId)) continue;
    const match = judged.get(position) ?? judge(index.all[position]!);
    if (match.matched) continue;
    const { matched: _, ...why } = match;
    // A node may listen in several ways, and may have missed in the same one.
    const miss = JSON.stringify([workflowId, nodeId, why.reason]);
    if (!missed.has(miss)) report.misses.push({ workflowId, nodeId, ...why });
    missed.add(miss);
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
