// Time zones: which names are one, and what their wall clocks show.

/** Names come from people: what is remembered of them is bounded. */
const REMEMBERED = 2_000;

const known = new Map<string, boolean>();

/** Whether this runtime can tell the time there. A fixed offset such as +02:00 is no zone: nobody lives at one, and it knows no daylight saving. */
export const isTimeZone = (name: string): boolean => {
  const before = known.get(name);
  if (before !== undefined) return before;
  const is = /^[A-Za-z]/.test(name) && name.length <= 64 && tells(name);
  if (known.size < REMEMBERED) known.set(name, is);
  return is;
};

const tells = (timeZone: string): boolean => {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return true;
  } catch {
    return false;
  }
};

/** A formatter takes some kilobytes. */
const CACHED_ZONES = 200;

const formatters = new Map<string, Intl.DateTimeFormat>();

const formatterOf = (zone: string): Intl.DateTimeFormat => {
  const cached = formatters.get(zone);
  if (cached) return cached;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  if (formatters.size >= CACHED_ZONES) formatters.clear();
  formatters.set(zone, made);
  return made;
};

/** What the wall clock of `zone` shows at an instant, as if it showed UTC, in ms. Throws RangeError for an unknown zone. */
export const wallClock = (zone: string, instant: number): number => {
  if (zone === "UTC") return instant;
  // "11/22/2026, 09:30:00"
  const [month, day, year, hour, minute, second] = formatterOf(zone)
    .format(instant)
    .split(/[^0-9]+/)
    .map(Number);
  return Date.UTC(year!, month! - 1, day!, hour!, minute!, second!) + (((instant % 1_000) + 1_000) % 1_000);
};
