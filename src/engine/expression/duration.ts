// A length of time as people configure it, in milliseconds.

import type { Result } from "../../lib/result.ts";

export type DurationFault = { path: "duration" | "unit"; message: string };

/** Milliseconds (whole, 0 to ten years of 365.25 days). */
export const durationMs = (_input: { duration: unknown; unit?: unknown }): Result<number, DurationFault> => {
  throw new Error("in work");
};
