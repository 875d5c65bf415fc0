// What a run tells its workflow's Feed. Travels between objects.
import type { LiveEvent } from "./live-event.ts";

/** One commit of a run, by its sequence in the run's journal; `at`: of its input, epoch ms. */
export type Fed = { seq: number; at: number; events: LiveEvent[] };

/** `dropped`: there was more before it than a Feed keeps. */
export type FeedReport = { executionId: string; commits: Fed[]; dropped?: boolean };

/** Events of one call; a commit that has more of them comes whole. */
export const FEW_EVENTS = 500;
