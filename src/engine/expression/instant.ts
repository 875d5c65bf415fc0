// Points in time inside JSON: which values are one, and which moment they mean. Formatting them is in date-format.ts.

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?: ?(?:(Z)|([+-])(\d{2}):?(\d{2})))?)?$/i;

/** Epoch time has nine digits at least; a shorter number is a year, a count, a code. */
const EPOCH_FROM = 1e8;
const EPOCH_TEXT = /^-?\d{9,16}$/;

/** Numbers nearer to zero than this are seconds, others milliseconds: it is 1973 in ms and the year 5138 in seconds. */
const MILLISECONDS_FROM = 1e11;
/** The years 100 to 9999, which ISO 8601 writes with four digits and every database knows. */
const FIRST_INSTANT = Date.UTC(100, 0, 1);
const LAST_INSTANT = Date.UTC(10_000, 0, 1) - 1;

const fromEpoch = (value: number): number | undefined => {
  if (!(Math.abs(value) >= EPOCH_FROM)) return undefined;
  const ms = Math.abs(value) < MILLISECONDS_FROM ? value * 1000 : value;
  return ms >= FIRST_INSTANT && ms <= LAST_INSTANT ? ms : undefined;
};

const fromIso = (text: string): number | undefined => {
  const match = ISO.exec(text);
  if (!match) return undefined;
  const part = (group: number) => Number(match[group] ?? 0);
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)];
  const [offsetHours, offsetMinutes] = [part(10), part(11)];
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 23 || offsetMinutes > 59) return undefined;
  const midnight = new Date(Date.UTC(year, month - 1, day));
  const isRealDay =
    midnight.getUTCFullYear() === year && midnight.getUTCMonth() === month - 1 && midnight.getUTCDate() === day;
  if (!isRealDay) return undefined;
  const fraction = Math.trunc(Number(`0.${match[7] ?? 0}`) * 1000);
  const offset = (offsetHours * 60 + offsetMinutes) * 60_000 * (match[9] === "-" ? -1 : 1);
  return midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + fraction - offset;
};

/**
 * Epoch milliseconds of an ISO 8601 date or time (UTC when it names no offset), or of an epoch number or its digits
 * (1e8 to 1e11 are seconds, more are milliseconds); undefined for anything else, and outside the years 100 to 9999.
 */
export const instantOf = (value: unknown): number | undefined => {
  if (typeof value === "number") return fromEpoch(value);
  if (typeof value !== "string") return undefined;
  return EPOCH_TEXT.test(value) ? fromEpoch(Number(value)) : fromIso(value);
};
