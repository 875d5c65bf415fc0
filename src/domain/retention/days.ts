// How long an organisation keeps what grows by itself, in days. Definitions, contacts, audit rows, counters and rollups have no end.
import type { JsonObject } from "../../lib/json.ts";

/** PERSISTED CONTRACT: organizations.retention has the same names, those that differ from the usual. */
export type RetentionDays = {
  /** From a run's end. Its steps go with it. */
  executions: number;
  /** From when it was received. */
  events: number;
  /** From when it was written. */
  messages: number;
  /** From when it was given up; once replayed, MEMORY_DAYS. */
  deadLetters: number;
};

/**
 * An `Execution` object keeps its run's journal so long after the end, then deletes itself. Nothing is forgotten before that: as long as an
 * event's replay is allowed, runs, outcomes and step keys are known that keep it from doing something twice.
 */
export const MEMORY_DAYS = 30;
export const LONGEST_DAYS = 3_650;

export const USUAL_DAYS: RetentionDays = { executions: MEMORY_DAYS, events: 90, messages: 365, deadLetters: 90 };

/** `stored`: organizations.retention. What it does not say, or not as a number, is as usual. */
export const daysOf = (stored: JsonObject | null): RetentionDays => {
  const days = (name: keyof RetentionDays): number => {
    const said = stored?.[name];
    return typeof said === "number" ? Math.max(said, MEMORY_DAYS) : USUAL_DAYS[name];
  };
  return {
    executions: days("executions"),
    events: days("events"),
    messages: days("messages"),
    deadLetters: days("deadLetters"),
  };
};
