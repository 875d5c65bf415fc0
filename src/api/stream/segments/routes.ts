// /api/v1/segments: a route an operation. A handler is parse, convert, verb, convert.
import { createSegment } from "../../../domain/segment/create-segment.ts";
import { deleteSegment } from "../../../domain/segment/delete-segment.ts";
import { evaluateSegment } from "../../../domain/segment/evaluate-segment.ts";
import { listSegments, readSegment } from "../../../domain/segment/read-segment.ts";
import { updateSegment } from "../../../domain/segment/update-segment.ts";
import { parsePage } from "../../shared/page.ts";
import { toPaging } from "../convert.ts";
import { ALWAYS, streamOperations } from "../operations.ts";
import { pageQuery } from "../schema.ts";
import { fromSegment, fromSegmentChange, toSegment } from "./convert.ts";
import * as schema from "./schema.ts";

const SEGMENTS = "/api/v1/segments";
const SEGMENT = `${SEGMENTS}/{segment_id}` as const;
const tag = "Segments";

const { routes, operation } = streamOperations();

export { routes };

operation(
  {
    method: "get",
    path: SEGMENTS,
    summary: "List segments",
    tag,
    query: pageQuery,
    answers: { 200: schema.segmentList },
    errors: [400, ...ALWAYS],
  },
  async (c) => {
    const page = parsePage(c, "per_page");
    const { rows, total } = await listSegments(c.var.context, page);
    return c.json({ segments: rows.map(toSegment), ...toPaging(page, total) });
  },
);

operation(
  {
    method: "post",
    path: SEGMENTS,
    summary: "Create a segment",
    tag,
    body: schema.createSegmentBody,
    answers: { 201: schema.writtenSegment },
    errors: [400, ...ALWAYS],
  },
  async (c, { body }) => {
    const segment = await createSegment(c.var.context, fromSegment(body));
    return c.json({ ...toSegment(segment), message: "Segment created successfully" }, 201);
  },
);

operation(
  {
    method: "get",
    path: SEGMENT,
    summary: "Get a segment",
    tag,
    answers: { 200: schema.segment },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => c.json(toSegment(await readSegment(c.var.context, params.segment_id))),
);

operation(
  {
    method: "put",
    path: SEGMENT,
    summary: "Change a segment",
    tag,
    body: schema.updateSegmentBody,
    answers: { 200: schema.writtenSegment },
    errors: [400, ...ALWAYS, 404],
  },
  async (c, { body, params }) => {
    const segment = await updateSegment(c.var.context, params.segment_id, fromSegmentChange(body));
    return c.json({ ...toSegment(segment), message: "Segment updated successfully" });
  },
);

operation(
  {
    method: "delete",
    path: SEGMENT,
    summary: "Delete a segment",
    tag,
    answers: { 200: schema.deletedSegment },
    errors: [...ALWAYS, 404, 409],
  },
  async (c, { params }) => {
    const { id } = await deleteSegment(c.var.context, params.segment_id);
    return c.json({ message: "Segment deleted successfully", id });
  },
);

operation(
  {
    method: "post",
    path: `${SEGMENT}/evaluate`,
    summary: "Count who is in a segment now",
    tag,
    answers: { 200: schema.evaluation },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => {
    const { id, matching, sample, elapsedMs } = await evaluateSegment(c.var.context, params.segment_id);
    return c.json({ segment_id: id, matching_users: matching, sample_users: sample, evaluation_time_ms: elapsedMs });
  },
);
