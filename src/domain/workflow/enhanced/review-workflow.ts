// What can be said of a workflow beside its findings: what would make it better, and how long its runs will take.
import { nodeTimesOf } from "../../analytics/node-times.ts";
import type { Context } from "../../context.ts";
import { readPolicy } from "../../message/policy.ts";
import type { Judged } from "./compile-workflow.ts";
import { estimatePerformance, type PerformanceEstimate } from "./estimate-performance.ts";
import { type Suggestion, suggestionsOf } from "./suggest.ts";

export type Review = { suggestions: Suggestion[]; estimate: PerformanceEstimate };

/** Two reads: the organisation's policy, and what its nodes took lately. */
export const reviewWorkflow = async (
  context: Context,
  { definition, program, placeOf }: Pick<Judged, "definition" | "program" | "placeOf">,
): Promise<Review> => {
  const { ports, principal } = context;
  const [times, { quietHours }] = await Promise.all([
    nodeTimesOf(context),
    readPolicy(ports.db, principal.organizationId),
  ]);
  const suggestions = suggestionsOf(definition, { times, hasQuietHours: quietHours !== null });
  return {
    suggestions: suggestions.map((one) => ({ ...one, path: placeOf(one) })),
    estimate: estimatePerformance(definition, times, program?.worstCaseMs),
  };
};
