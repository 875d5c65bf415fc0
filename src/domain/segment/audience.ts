// Who is in a segment: counted, or page by page. The contacts of a page are those that meet the condition when it is read; whoever takes down a
// whole audience reads its pages one after another, in the order of ids, and holds to what was read.
import { countMatching, selectMatching } from "../../db/queries/segments.ts";
import type { ConditionTree } from "../../engine/expression/condition-tree.ts";
import type { Database } from "../ports.ts";
import { planSegment } from "./plan-segment.ts";
import { settleFacts } from "./settle-facts.ts";

/** `now` (epoch ms) is what "now" means in the condition. */
export const countAudience = async (
  db: Database,
  organizationId: string,
  condition: ConditionTree,
  now: number,
): Promise<number> => {
  await settleFacts(db, organizationId);
  return (await countMatching(db, organizationId, planSegment(condition, now)).first<number>("n"))!;
};

/**
 * Contact ids after `afterId` ("" at first), in order; fewer than `limit` on the last page. A page costs about what a count costs: ask for large
 * ones.
 */
export const audiencePage = async (
  db: Database,
  organizationId: string,
  condition: ConditionTree,
  now: number,
  afterId: string,
  limit: number,
): Promise<string[]> => {
  await settleFacts(db, organizationId);
  const query = planSegment(condition, now);
  const { results } = await selectMatching(db, organizationId, query, afterId, limit).all<{ id: string }>();
  return results.map(({ id }) => id);
};
