// The only place where the wire names of segments meet ours; their conditions have criteria.ts.
import type { z } from "zod";
import type { Segment, SegmentInput } from "../../../domain/segment/segment.ts";
import { instant } from "../convert.ts";
import type { createSegmentBody, updateSegmentBody } from "./schema.ts";

export const fromSegment = (body: z.output<typeof createSegmentBody>): SegmentInput => ({
  name: body.name,
  description: body.description ?? "",
  ...body.filter_criteria,
});

export const fromSegmentChange = (body: z.output<typeof updateSegmentBody>): Partial<SegmentInput> => ({
  ...(body.name === undefined ? {} : { name: body.name }),
  ...(body.description === undefined ? {} : { description: body.description }),
  ...(body.filter_criteria ?? {}),
});

export const toSegment = (segment: Segment) => ({
  id: segment.id,
  name: segment.name,
  description: segment.description,
  filter_criteria: segment.criteria,
  estimated_audience_size: segment.size,
  evaluated_at: instant(segment.countedAt),
  created_at: instant(segment.createdAt),
  updated_at: instant(segment.updatedAt),
});
