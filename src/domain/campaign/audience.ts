// Whom a campaign is for: everybody whom its segment matches. The snapshot is taken page by page, in the order of contact ids.
import { countContacts, findSegment, type SegmentRow, selectContactIds } from "../../db/queries/audience.ts";
import type { ConditionTree } from "../../engine/expression/condition-tree.ts";
import type { Database } from "../ports.ts";
import { planSegment } from "../segment/plan-segment.ts";

export type { SegmentRow };
export { findSegment };

const planned = (segment: SegmentRow, now: number) => planSegment(segment.condition as unknown as ConditionTree, now);

/** `now` is what "now" means in its conditions. */
export const countAudience = (db: Database, segment: SegmentRow, now: number): Promise<number> =>
  countContacts(db, segment.organizationId, planned(segment, now));

/** Contact ids after `after` ("" for the first page), at most `limit`. */
export const audiencePage = (
  db: Database,
  segment: SegmentRow,
  now: number,
  after: string,
  limit: number,
): Promise<string[]> => selectContactIds(db, segment.organizationId, planned(segment, now), after, limit);
