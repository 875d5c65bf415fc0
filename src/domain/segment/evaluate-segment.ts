// Who is in a segment now: counted, with a few of them, and how long that took.
import { countMatching, selectSample, updateSegment } from "../../db/queries/segments.ts";
import type { Context } from "../context.ts";
import { planSegment } from "./plan-segment.ts";
import { readSegment } from "./read-segment.ts";
import { settleFacts } from "./settle-facts.ts";

/** Numbers that are shown. */
const SAMPLE = 10;

/** `sample` are numbers in E.164. The count is kept as the segment's size; whoever may look may count, so nothing is audited. */
export const evaluateSegment = async (
  context: Context,
  id: string,
): Promise<{ id: string; matching: number; sample: string[]; elapsedMs: number }> => {
  const { db, now } = context.ports;
  const segment = await readSegment(context, id);
  const { organizationId } = segment;
  const began = now();
  await settleFacts(db, organizationId);
  const query = planSegment(segment.condition, began);
  const [counted, sampled] = await db.batch<{ n: number; phone: string }>([
    countMatching(db, organizationId, query),
    selectSample(db, organizationId, query, SAMPLE),
  ]);
  const elapsedMs = now() - began;
  const matching = counted!.results[0]!.n;
  await updateSegment(db, segment, { size: matching, countedAt: began }).run();
  return { id, matching, sample: sampled!.results.map(({ phone }) => phone), elapsedMs };
};
