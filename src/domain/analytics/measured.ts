// What is measured of how the service performs for an organisation.
import type { ServicePerformance } from "./outside-calls.ts";

type Quantiles = { p50: number | null; p95: number | null; p99: number | null };

/** How the service performs for an organisation. */
export type Measured = {
  /** Since when services and delays count; epoch ms, a full hour. */
  since: number;
  queue: {
    /** Executions in the lists, in whatever status. */
    listed: number;
    queued: number;
    running: number;
    waiting: number;
    /** Of the queued ones, those that the dispatcher has in line; how many it takes, how many may go on at a time (null: any number). */
    waitingForSlot: number;
    limit: number;
    maxConcurrency: number | null;
    busySlots: number;
    estimatedWaitMs: number | null;
    pendingEvents: number;
    oldestEventAt: number | null;
    deadLetters: number;
    stuck: number;
    startDelay: Quantiles & { mean: number; samples: number };
  };
  load: {
    startedLastHour: number;
    perMinute: number;
    /** Those that ended by themselves, of the last hour's. */
    judgedLastHour: number;
    failedLastHour: number;
    failureRateLastHour: number;
    uptimeMs: number;
    requests: Quantiles;
    requestSamples: number;
    requestFailureRate: number;
    objectErrors: number;
  };
  database: Quantiles & { samples: number; failureRate: number; rowsReadMean: number; rowsWrittenMean: number };
  services: ServicePerformance[];
};
