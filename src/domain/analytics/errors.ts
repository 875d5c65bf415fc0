// Why executions failed in a time: by code and node, by code, by node. Pure.
import type { ErrorDay } from "../../db/queries/analytics.ts";
import { DAY_MS } from "../../lib/durations.ts";
import { percentOf } from "../../lib/round.ts";
import { failureCode } from "../execution/failure-code.ts";
import { QUARTER_MS, type Span } from "./calendar.ts";

export type FailureReason = {
  /** '' where nodes are added up. */
  code: string;
  /** Null when no node is to blame, and where nodes are added up. */
  nodeId: string | null;
  /** Of the latest. */
  message: string;
  count: number;
  /** Of all failures, in percent. */
  percentage: number;
  /** When the first and the last of them ended; of the days (UTC) that the time touches. Epoch ms. */
  firstSeenAt: number;
  lastSeenAt: number;
  /** Latest first, 5 at the most. */
  samples: string[];
};

const SAMPLES = 5;

const countIn = ({ day, n, slots }: ErrorDay, span: Span): number => {
  if (span.from <= day && day + DAY_MS <= span.to) return n;
  let sum = 0;
  for (const [quarter, count] of Object.entries(slots)) {
    const at = day + Number(quarter) * QUARTER_MS;
    if (at >= span.from && at < span.to) sum += count;
  }
  return sum;
};

/** Most frequent first, added up by what `keyOf` makes of code and node. */
export const failureReasons = (
  rows: readonly ErrorDay[],
  span: Span,
  keyOf: (row: ErrorDay) => { code: string; nodeId: string | null } = ({ code, nodeId }) => ({
    code: failureCode(code),
    nodeId: nodeId === "" ? null : nodeId,
  }),
): FailureReason[] => {
  const found = new Map<string, FailureReason>();
  let total = 0;
  for (const row of [...rows].sort((a, b) => b.lastAt - a.lastAt)) {
    const count = countIn(row, span);
    if (count <= 0) continue;
    total += count;
    const key = keyOf(row);
    const name = JSON.stringify(key);
    const known = found.get(name);
    if (!known) {
      const { message, firstAt, lastAt, samples } = row;
      found.set(name, {
        ...key,
        message,
        count,
        percentage: 0,
        firstSeenAt: firstAt,
        lastSeenAt: lastAt,
        samples: samples.slice(0, SAMPLES),
      });
      continue;
    }
    known.count += count;
    known.firstSeenAt = Math.min(known.firstSeenAt, row.firstAt);
    known.samples = [...known.samples, ...row.samples].slice(0, SAMPLES);
  }
  return [...found.values()]
    .map((reason) => ({ ...reason, percentage: percentOf(reason.count, total) }))
    .sort((a, b) => b.count - a.count || b.lastSeenAt - a.lastSeenAt);
};

export const byCode = (rows: readonly ErrorDay[], span: Span): FailureReason[] =>
  failureReasons(rows, span, ({ code }) => ({ code: failureCode(code), nodeId: null }));

export const byNode = (rows: readonly ErrorDay[], span: Span): FailureReason[] =>
  failureReasons(
    rows.filter(({ nodeId }) => nodeId !== ""),
    span,
    ({ nodeId }) => ({ code: "", nodeId }),
  );
