// Messages to people and what became of them, newest first: a page of rows, and the figures of all that the filter lets through. The figures
// come from rollups, so they cost the same for ten messages and ten million; so does the way to a far page.
import { selectCampaign } from "../../db/queries/campaigns.ts";
import {
  type After,
  ALL_TIME,
  type Counted,
  listReported,
  type MessageReportRow,
  type Rollup,
  rollupsOf,
  type StatusCounts,
  selectCounts,
  selectRollups,
} from "../../db/queries/message-reports.ts";
import { HOUR_MS } from "../../lib/durations.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import { addCounts, type Outcome, outcomeOf, percent } from "./outcome.ts";
import { coverRange, FOREVER, type TimeRange } from "./time-range.ts";

export type { After, MessageReportRow };

export type MessageFilter = {
  campaignId?: string | undefined;
  status?: string | undefined;
  /** Epoch ms at which messages were made; `to` is left out. */
  from?: number | undefined;
  to?: number | undefined;
};

export type MessageReport = Outcome & {
  rows: MessageReportRow[];
  /** Delivered ones in percent of those that the provider accepted. */
  deliveryRate: number;
  /** Where the next page begins; undefined at the end. */
  next: After | undefined;
};

/** A part of the time with what it holds. */
type Part = TimeRange & { counts: StatusCounts; sent: number };

/**
 * `after` wins over `offset`. Reads a row for each day of the time and two days' hours (of a campaign: one in all, or each hour), of an hour that
 * begins or ends inside the time its messages, and the page; by `offset` the hours on the way and what of one hour is passed over. Throws
 * `not_found` for a campaign that is none.
 */
export const reportMessages = async (
  context: Context,
  filter: MessageFilter,
  page: { limit: number; offset: number; after?: After | undefined },
): Promise<MessageReport> => {
  authorizeRole(context.principal, "viewer", "read");
  const { organizationId } = context.principal;
  const { db } = context.ports;
  const range = { from: filter.from ?? 0, to: filter.to ?? FOREVER };
  const parts = await readParts(context, filter, range);
  const wanted = (part: Part) => (filter.status === undefined ? sumOf(part.counts) : (part.counts[filter.status] ?? 0));

  const counts = addCounts(...parts.map((part) => part.counts));
  const own = filter.status === undefined ? counts : { [filter.status]: counts[filter.status] ?? 0 };
  const outcome = outcomeOf(own);
  // Whatever is delivered was accepted.
  const sent = filter.status === undefined ? parts.reduce((sum, part) => sum + part.sent, 0) : outcome.delivered;

  const begin = page.after
    ? { after: page.after, offset: 0 }
    : await seek(context, filter.campaignId ?? "", parts, page.offset, wanted);
  const rows = begin
    ? await listReported(
        db,
        organizationId,
        { ...filter, from: range.from, after: earlier(begin.after, { at: range.to, id: "" }) },
        { limit: page.limit, offset: begin.offset },
      )
    : [];
  const last = rows.length === page.limit ? rows.at(-1) : undefined;
  return {
    rows,
    ...outcome,
    deliveryRate: percent(outcome.delivered, sent),
    next: last && { at: last.createdAt, id: last.id },
  };
};

const sumOf = (counts: StatusCounts): number => Object.values(counts).reduce((sum, n) => sum + n, 0);
const earlier = (a: After, b: After): After => (a.at < b.at || (a.at === b.at && a.id < b.id) ? a : b);

const partOf = ({ start, span, counts, sent, sentGone }: Rollup): Part => ({
  from: start,
  to: span === 0 ? FOREVER : start + span * HOUR_MS,
  counts,
  sent: sent - sentGone,
});

/** Newest first. One batch; throws `not_found` when there is and was no such campaign. */
const readParts = async (context: Context, { campaignId }: MessageFilter, range: TimeRange): Promise<Part[]> => {
  const { db } = context.ports;
  const { organizationId } = context.principal;
  const { slices, edges } =
    campaignId !== undefined && range.from === 0 && range.to === FOREVER
      ? { slices: [ALL_TIME], edges: [] }
      : coverRange(range, campaignId === undefined ? "day" : "hour");
  const of = campaignId ?? "";
  const [campaign, rollups, ...counted] = await db.batch([
    selectCampaign(db, organizationId, of),
    selectRollups(db, organizationId, of, slices),
    ...edges.map((edge) => selectCounts(db, organizationId, of, edge)),
  ]);
  if (campaignId !== undefined && campaign!.results.length === 0) throw notFound("campaign");
  const parts = rollupsOf(rollups!).map(partOf);
  edges.forEach((edge, index) => {
    const rows = counted[index]!.results as Counted[];
    parts.push({
      ...edge,
      counts: Object.fromEntries(rows.map(({ status, n }) => [status, n])),
      sent: rows.reduce((sum, row) => sum + row.sent, 0),
    });
  });
  return parts.sort((a, b) => b.from - a.from);
};

/** Passes over whole days and hours; what is left of `offset` counts inside one hour. Undefined: there are not so many. */
const seek = async (
  context: Context,
  campaignId: string,
  parts: readonly Part[],
  offset: number,
  wanted: (part: Part) => number,
): Promise<{ after: After; offset: number } | undefined> => {
  let left = offset;
  for (const part of parts) {
    const n = wanted(part);
    if (n <= left) left -= n;
    else if (left === 0 || part.to - part.from <= HOUR_MS) return { after: { at: part.to, id: "" }, offset: left };
    else {
      const { db } = context.ports;
      const slice = { span: 1, from: part.from, to: part.to } as const;
      const hours = await selectRollups(db, context.principal.organizationId, campaignId, [slice]).all();
      const inside = rollupsOf(hours)
        .map(partOf)
        .sort((a, b) => b.from - a.from);
      return seek(context, campaignId, inside, left, wanted);
    }
  }
  return undefined;
};
