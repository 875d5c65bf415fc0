// How many runs may be at work at a time, and how many may wait: of an organisation, and of one of its workflows. Pure.
import type { Json, JsonObject } from "../../lib/json.ts";
import { isJsonObject } from "../../lib/json.ts";

/** Runs that may wait for a slot before starts by API are refused, unless the organisation says otherwise. */
export const DEFAULT_MAX_QUEUED = 10_000;
export const MOST_QUEUED = 100_000;
/** What has been accepted as an event waits beyond that, up to so many times as much. */
const HARD_FACTOR = 10;
/** The dispatcher has all that wait in memory, some 300 bytes each, and 128 MB in all (Cloudflare Workers limits, "Memory"). */
const MOST_WAITING = 200_000;

/** How many may wait before a start is turned away: one that can be told so (`refusable`), or one that has been accepted as an event. */
export const roomFor = ({ maxQueued }: QueueLimits, refusable: boolean): number =>
  refusable ? maxQueued : Math.min(maxQueued * HARD_FACTOR, MOST_WAITING);
export const MOST_CONCURRENT = 10_000;

export type QueueLimits = {
  /** Null: any number. */
  maxConcurrency: number | null;
  maxQueued: number;
};

/** What bounds one run's start: of its workflow, and of its organisation. PERSISTED CONTRACT: a run keeps it. */
export type RunLimits = { workflow: number | null; organization: number | null; maxQueued: number };

const whole = (value: Json | undefined): number | null =>
  typeof value === "number" && Number.isInteger(value) && value > 0 ? value : null;

/** Of organizations.queue; null is an organisation that never said anything. */
export const queueLimitsOf = (kept: JsonObject | null): QueueLimits => ({
  maxConcurrency: whole(kept?.maxConcurrency),
  maxQueued: whole(kept?.maxQueued) ?? DEFAULT_MAX_QUEUED,
});

/** Of the columns workflows.max_concurrency and organizations.queue (JSON text). Undefined when nothing bounds the run, and nobody is asked. */
export const runLimitsOf = (workflow: number | null | undefined, queue: string | null): RunLimits | undefined => {
  if (!workflow && queue === null) return undefined;
  const kept = queue === null ? null : (JSON.parse(queue) as Json);
  const { maxConcurrency, maxQueued } = queueLimitsOf(isJsonObject(kept) ? kept : null);
  if (!workflow && maxConcurrency === null) return undefined;
  return { workflow: workflow ?? null, organization: maxConcurrency, maxQueued };
};
