// What a node's templates and comparisons may do together, counted in what they touch: characters, elements, steps of a pattern. No clock: the
// same run counts the same in every replay. Ten million units are some 1.5 s at the worst.
import type { Json } from "../../lib/json.ts";
import { patternSize } from "./regex.ts";

/** Liquid's limit on memory is this one: it is asked by every filter. */
export class Work {
  readonly limit: number;
  used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  use(units: number): void {
    if (!(units > 0)) return;
    this.used += units;
    if (this.used > this.limit) throw new TooMuchWork();
  }

  check(units: number): void {
    if (units > this.limit - this.used) throw new TooMuchWork();
  }
}

export class TooMuchWork extends Error {
  constructor() {
    super("the template does too much work");
  }
}

/** Of one filter. */
export const MAX_FILTER_WORK = 500_000;
/** Of all filters that one event meets: many organisations' events stand in one queue. */
export const MAX_EVENT_WORK = 5_000_000;

/** What `judge` says, or undefined when saying it would be too much work: for this filter, or for all that share `total`. */
export const judgedWithin = <T>(total: Work, judge: (work: Work) => T): T | undefined => {
  const work = new Work(Math.min(MAX_FILTER_WORK, total.limit - total.used));
  try {
    return judge(work);
  } catch (error) {
    if (error instanceof TooMuchWork) return undefined;
    throw error;
  } finally {
    total.used += Math.min(work.used, work.limit);
  }
};

const sizeOf = (value: Json | undefined): number =>
  typeof value === "string" || Array.isArray(value)
    ? value.length
    : typeof value === "object" && value !== null
      ? Object.keys(value).length
      : 1;

/** The view of all variables or nodes is made and sorted each time that it is read. */
const A_NAME = 5;

/** Units of reading a value: what is looked at whole costs what it holds. */
export const readingCost = (value: Json | undefined): number =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? 1 + A_NAME * sizeOf(value) : 1;

/** Instructions of a pattern that cost, at each character and at the worst (its automaton is too large to be kept), as much as a unit. */
const INSTRUCTIONS = 5;

/** Units of one comparison, at the worst. */
export const comparisonCost = (operator: string, actual: Json | undefined, expected: Json): number => {
  const size = 1 + sizeOf(actual);
  if (operator === "regex" || operator === "not_regex")
    return typeof expected === "string" ? size * (1 + patternSize(expected) / INSTRUCTIONS) : size;
  // Every element of one may meet every element of the other.
  return Array.isArray(actual) && Array.isArray(expected) ? size * (1 + expected.length) : size + sizeOf(expected);
};
