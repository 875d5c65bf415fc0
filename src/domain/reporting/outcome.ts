// What statuses mean in a report, and the figures that follow from how many messages have which. Pure.
import { MESSAGE_STATUSES } from "../../channels/status.ts";
import type { StatusCounts } from "../../db/queries/message-reports.ts";

const DELIVERED = new Set(["delivered", "read"]);
const FAILED = new Set(["failed", "undelivered"]);
/** They never left, and never will. */
const DROPPED = new Set(["canceled"]);

/** Nobody knows whether it left; so it counts in the rollups, and is shown. */
const UNKNOWN = "unknown";

/** What a report can be asked for. */
export const REPORTED_STATUSES = [...MESSAGE_STATUSES, UNKNOWN] as const;

export type Outcome = {
  total: number;
  delivered: number;
  failed: number;
  /** Suppressed by a gate, or cancelled with their campaign. */
  dropped: number;
  /** Nobody knows whether they left, and they are not sent again. A late word of the provider's still settles them. */
  unknown: number;
  /** All others: on the way or held back. They may still be delivered. */
  pending: number;
};

const sumOf = (counts: StatusCounts, statuses: ReadonlySet<string>): number =>
  Object.entries(counts).reduce((sum, [status, n]) => (statuses.has(status) ? sum + n : sum), 0);

export const outcomeOf = (counts: StatusCounts): Outcome => {
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const [delivered, failed, dropped] = [DELIVERED, FAILED, DROPPED].map((each) => sumOf(counts, each)) as [
    number,
    number,
    number,
  ];
  const unknown = counts[UNKNOWN] ?? 0;
  return { total, delivered, failed, dropped, unknown, pending: total - delivered - failed - dropped - unknown };
};

/** The sum of counts, without statuses that nothing has. */
export const addCounts = (...all: readonly StatusCounts[]): StatusCounts => {
  const sum: StatusCounts = {};
  for (const counts of all) for (const [status, n] of Object.entries(counts)) sum[status] = (sum[status] ?? 0) + n;
  return Object.fromEntries(Object.entries(sum).filter(([, n]) => n !== 0));
};

/** In percent with one decimal; 0 of nothing. */
export const percent = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.round(Math.min(1, part / whole) * 1000) / 10;

/** The mean in ms; 0 of nothing. */
export const mean = ({ timed, timedMs }: { timed: number; timedMs: number }): number =>
  timed === 0 ? 0 : timedMs / timed;
