// A span of time in the largest unit of the flow format that holds it exactly.

const UNITS = [
  ["days", 86_400],
  ["hours", 3600],
  ["minutes", 60],
] as const;
const LONGEST_DAYS = 365;

/** Undefined for no time at all. Parts of a second count as a whole one. */
export const waitOf = (
  seconds: number,
): { delayDuration: number; delayUnit: "seconds" | "minutes" | "hours" | "days" } | undefined => {
  const whole = Math.min(Math.ceil(seconds), LONGEST_DAYS * 86_400);
  if (!(whole > 0)) return undefined;
  const unit = UNITS.find(([, length]) => whole % length === 0);
  return unit ? { delayDuration: whole / unit[1], delayUnit: unit[0] } : { delayDuration: whole, delayUnit: "seconds" };
};
