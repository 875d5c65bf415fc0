// What people wrote to an organisation lately: the latest messages, and the figures of all of them from rollups.
import { type Activity, type InboundRow, selectActivity, selectInbound } from "../../db/queries/monitoring.ts";
import type { Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";
import { sinceHours } from "./since.ts";

export const MAX_INBOUND_HOURS = 720;
export const MAX_INBOUND_EVENTS = 500;

export type InboundReport = {
  rows: InboundRow[];
  /** Of the hours that were asked for. */
  activity: Activity;
  /** In the last day, whatever was asked for. */
  ofLastDay: number;
  /** Epoch ms from which `rows` and `activity` count. */
  since: number;
};

/** One batch of three statements. */
export const reportInbound = async (
  context: Context,
  { hours, limit }: { hours: number; limit: number },
): Promise<InboundReport> => {
  authorizeRole(context.principal, "viewer", "read");
  const { db, now } = context.ports;
  const { organizationId } = context.principal;
  const at = now();
  const since = sinceHours(at, hours);
  const [rows, activity, day] = await db.batch([
    selectInbound(db, organizationId, since, limit),
    selectActivity(db, organizationId, since),
    selectActivity(db, organizationId, sinceHours(at, 24)),
  ]);
  return {
    rows: rows!.results as InboundRow[],
    activity: activity!.results[0] as Activity,
    ofLastDay: (day!.results[0] as Activity).inbound,
    since,
  };
};
