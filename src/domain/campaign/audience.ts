// Whom a campaign is for: everybody whom its segment matches. The snapshot is taken page by page, in the order of contact ids.
import { findSegment, type SegmentRow } from "../../db/queries/segments.ts";
import type { Database } from "../ports.ts";
import { countAudience as countOf, audiencePage as pageOf } from "../segment/audience.ts";
import { segmentOf } from "../segment/segment.ts";

export type { SegmentRow };
export { findSegment };

/** `now` is what "now" means in its conditions. */
export const countAudience = (db: Database, segment: SegmentRow, now: number): Promise<number> =>
  countOf(db, segment.organizationId, segmentOf(segment).condition, now);

/** Contact ids after `after` ("" for the first page), at most `limit`. */
export const audiencePage = (
  db: Database,
  segment: SegmentRow,
  now: number,
  after: string,
  limit: number,
): Promise<string[]> => pageOf(db, segment.organizationId, segmentOf(segment).condition, now, after, limit);
