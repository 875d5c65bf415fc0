// How the services answered that an organisation's executions call. Pure.
import type { ServiceHour } from "../../db/queries/performance.ts";
import { addCount, type Histogram, quantileOf } from "../../lib/histogram.ts";
import { percentOf } from "../../lib/round.ts";
import { meanOf } from "./tally.ts";

export type ServicePerformance = {
  /** A host, or a channel. */
  service: string;
  calls: number;
  failed: number;
  /** In percent. */
  failureRate: number;
  meanMs: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  lastFailedAt: number | null;
};

/** Most called first. */
export const servicePerformance = (rows: readonly ServiceHour[]): ServicePerformance[] => {
  const found = new Map<string, { calls: number; failed: number; ms: number; last: number; times: Histogram }>();
  for (const { service, calls, failed, ms, times, lastFailedAt } of rows) {
    const known = found.get(service) ?? { calls: 0, failed: 0, ms: 0, last: 0, times: new Map() };
    found.set(service, known);
    known.calls += calls;
    known.failed += failed;
    known.ms += ms;
    known.last = Math.max(known.last, lastFailedAt ?? 0);
    for (const [bucket, n] of Object.entries(times)) addCount(known.times, Number(bucket), n);
  }
  return [...found]
    .map(([service, { calls, failed, ms, last, times }]) => ({
      service,
      calls,
      failed,
      failureRate: percentOf(failed, calls),
      meanMs: meanOf(ms, calls),
      p50Ms: quantileOf(times, 0.5) ?? 0,
      p95Ms: quantileOf(times, 0.95) ?? 0,
      p99Ms: quantileOf(times, 0.99) ?? 0,
      lastFailedAt: last === 0 ? null : last,
    }))
    .sort((a, b) => b.calls - a.calls || a.service.localeCompare(b.service));
};
