// Budgets of a definition and of a run. Each is stated in the error of what it stops.
import { DAY_MS } from "../lib/durations.ts";

/** Nodes and connections of one definition. */
export const MAX_NODES = 10_000;
export const MAX_EDGES = 40_000;
/** Visits of nodes in one run, loops included. */
export const MAX_VISITS = 100_000;
/** Branches alive at the same time in one run. */
export const MAX_TOKENS = 1_000;
/** Visits of one macro-step; then it commits and goes on. */
export const MACRO_STEP_VISITS = 500;
/** Work (expression/work.ts) of one macro-step: beyond it, it commits and goes on, so that a wake stays far below an isolate's 30 s of CPU. */
export const MACRO_STEP_WORK = 10_000_000;
/** Work of all templates and conditions of one visit. */
export const MAX_VISIT_WORK = 25_000_000;
/** Loops inside loops. */
export const MAX_FRAME_DEPTH = 16;
/** JSON text of one output, variable or memo, in characters. Production's row limit is 2 MB. */
export const MAX_RECORD_CHARS = 400_000;
/** Objects and lists in each other in one of those. Bodies nest up to 100; what nests without end exhausts whoever reads it. */
export const MAX_RECORD_DEPTH = 128;
/** What a run keeps, all outputs, variables, memos and log lines that were ever recorded: it is in memory, and shown, as a whole. */
export const MAX_RUN_CHARS = 10_000_000;
/** Log lines kept of one visit, and characters of one line. */
export const MAX_LOG_LINES = 100;
export const MAX_LOG_CHARS = 2_000;
/** Attempts after outcomes that stayed unknown. */
export const MAX_UNKNOWN_ATTEMPTS = 5;
/** Longest back-off between two attempts, in ms. */
export const MAX_BACKOFF_MS = DAY_MS;
