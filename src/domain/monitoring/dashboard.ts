// How an organisation's messaging is doing, from counters and the rollups of the last day.
import { type ErrorCount, selectErrors } from "../../db/queries/message-reports.ts";
import { type Activity, type People, selectActivity, selectPeople } from "../../db/queries/monitoring.ts";
import type { Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";
import { sinceHours } from "./since.ts";

/** Kinds of errors that are shown. */
const MAX_ERRORS = 20;

export type Dashboard = {
  people: People;
  activity: Activity;
  /** Epoch ms from which `activity` and `errors` count. */
  since: number;
  /** Latest first. */
  errors: ErrorCount[];
  uptimeMs: number;
};

/** One batch of three statements, and a call to the heartbeat. */
export const readDashboard = async (context: Context): Promise<Dashboard> => {
  authorizeRole(context.principal, "viewer", "read");
  const { db, now, heartbeat } = context.ports;
  const { organizationId } = context.principal;
  const at = now();
  const since = sinceHours(at, 24);
  const [[people, activity, errors], upSince] = await Promise.all([
    db.batch([
      selectPeople(db, organizationId),
      selectActivity(db, organizationId, since),
      selectErrors(db, organizationId, "", since),
    ]),
    heartbeat.upSince(),
  ]);
  return {
    people: people!.results[0] as People,
    activity: activity!.results[0] as Activity,
    since,
    errors: (errors!.results as ErrorCount[]).sort((a, b) => b.lastAt - a.lastAt).slice(0, MAX_ERRORS),
    uptimeMs: upSince === null ? 0 : Math.max(0, at - upSince),
  };
};
