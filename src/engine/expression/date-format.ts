// Writes an instant as text in a time zone, with strftime's directives. No clock and no zone of the machine's: the same everywhere.
import { DAY_MS, MINUTE_MS } from "../../lib/durations.ts";
import { wallClock } from "../../lib/time-zone.ts";

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = "January February March April May June July August September October November December".split(" ");

/** A moment in its zone: `wall` carries the zone's wall-clock fields in its UTC getters. */
type Moment = { instant: number; wall: Date; offsetMinutes: number; zone: string };

const OFFSET = /^([+-])(\d{2}):?(\d{2})$/;
const offsetOf = (instant: number, zone: string): number => {
  if (zone === "UTC" || zone === "Z") return 0;
  const fixed = OFFSET.exec(zone);
  if (fixed) return (fixed[1] === "-" ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3]));
  try {
    return Math.round((wallClock(zone, instant) - instant) / MINUTE_MS);
  } catch {
    throw new RangeError(`unknown time zone "${zone}"`);
  }
};

const pad = (value: number | string, width: number, fill = "0") => String(value).padStart(width, fill);
const dayOfYear = ({ wall }: Moment) =>
  Math.floor((wall.getTime() - Date.UTC(wall.getUTCFullYear(), 0, 1)) / DAY_MS) + 1;
const weekOfYear = (moment: Moment, firstDay: number) =>
  Math.floor((dayOfYear(moment) + 6 - ((moment.wall.getUTCDay() - firstDay + 7) % 7)) / 7);
const hour12 = ({ wall }: Moment) => wall.getUTCHours() % 12 || 12;
const ordinalOf = (day: number) => (day >= 11 && day <= 13 ? "th" : (["th", "st", "nd", "rd"][day % 10] ?? "th"));
const offsetText = ({ offsetMinutes }: Moment, colon: string) => {
  const minutes = Math.abs(offsetMinutes);
  return `${offsetMinutes < 0 ? "-" : "+"}${pad(Math.floor(minutes / 60), 2)}${colon}${pad(minutes % 60, 2)}`;
};

/** What a directive writes, its usual width and filling (0 or space). */
type Directive = { write: (moment: Moment, colon: string) => number | string; width?: number; fill?: string };

const directives: Record<string, Directive> = {
  a: { write: ({ wall }) => DAYS[wall.getUTCDay()]!.slice(0, 3), fill: " " },
  A: { write: ({ wall }) => DAYS[wall.getUTCDay()]!, fill: " " },
  b: { write: ({ wall }) => MONTHS[wall.getUTCMonth()]!.slice(0, 3), fill: " " },
  h: { write: ({ wall }) => MONTHS[wall.getUTCMonth()]!.slice(0, 3), fill: " " },
  B: { write: ({ wall }) => MONTHS[wall.getUTCMonth()]!, fill: " " },
  C: { write: ({ wall }) => Math.floor(wall.getUTCFullYear() / 100), width: 2 },
  d: { write: ({ wall }) => wall.getUTCDate(), width: 2 },
  e: { write: ({ wall }) => wall.getUTCDate(), width: 2, fill: " " },
  H: { write: ({ wall }) => wall.getUTCHours(), width: 2 },
  I: { write: hour12, width: 2 },
  j: { write: dayOfYear, width: 3 },
  k: { write: ({ wall }) => wall.getUTCHours(), width: 2, fill: " " },
  l: { write: hour12, width: 2, fill: " " },
  L: { write: ({ wall }) => wall.getUTCMilliseconds(), width: 3 },
  m: { write: ({ wall }) => wall.getUTCMonth() + 1, width: 2 },
  M: { write: ({ wall }) => wall.getUTCMinutes(), width: 2 },
  N: { write: ({ wall }) => `${pad(wall.getUTCMilliseconds(), 3)}000000` },
  p: { write: ({ wall }) => (wall.getUTCHours() < 12 ? "AM" : "PM"), fill: " " },
  P: { write: ({ wall }) => (wall.getUTCHours() < 12 ? "am" : "pm"), fill: " " },
  q: { write: ({ wall }) => ordinalOf(wall.getUTCDate()), fill: " " },
  s: { write: ({ instant }) => Math.floor(instant / 1000) },
  S: { write: ({ wall }) => wall.getUTCSeconds(), width: 2 },
  u: { write: ({ wall }) => wall.getUTCDay() || 7 },
  U: { write: (moment) => weekOfYear(moment, 0), width: 2 },
  w: { write: ({ wall }) => wall.getUTCDay() },
  W: { write: (moment) => weekOfYear(moment, 1), width: 2 },
  y: { write: ({ wall }) => wall.getUTCFullYear() % 100, width: 2 },
  Y: { write: ({ wall }) => wall.getUTCFullYear(), width: 4 },
  z: { write: offsetText },
  Z: { write: ({ zone }) => zone, fill: " " },
  n: { write: () => "\n" },
  t: { write: () => "\t" },
  "%": { write: () => "%" },
};

const shorthands: Record<string, string> = {
  c: "%a %b %e %H:%M:%S %Y",
  D: "%m/%d/%y",
  F: "%Y-%m-%d",
  R: "%H:%M",
  T: "%H:%M:%S",
  x: "%m/%d/%y",
  X: "%H:%M:%S",
};

/** Flags (`-` no filling, `_` spaces, `0` zeros, `^` upper case, `:` a colon in an offset), width, directive. */
const DIRECTIVE = /%([-_0^:]*)(\d{0,2})([a-zA-Z%])/g;

const write = (moment: Moment, format: string): string =>
  format.replace(DIRECTIVE, (source: string, flags: string, width: string, name: string) => {
    if (Object.hasOwn(shorthands, name)) return write(moment, shorthands[name]!);
    const directive = directives[name];
    if (!directive) return source;
    const written = String(directive.write(moment, flags.includes(":") ? ":" : ""));
    const fill = flags.includes("_") ? " " : flags.includes("0") ? "0" : (directive.fill ?? "0");
    const filled = pad(written, flags.includes("-") ? 0 : Number(width) || directive.width || 0, fill);
    return flags.includes("^") ? filled.toUpperCase() : filled;
  });

/**
 * @param instant epoch ms
 * @param zone IANA name ("Asia/Tehran") or offset ("+03:30")
 * @throws RangeError for an unknown zone. Directives that do not exist stay as they are.
 */
export const formatDate = (instant: number, format: string, zone = "UTC"): string => {
  const offsetMinutes = offsetOf(instant, zone);
  return write({ instant, wall: new Date(instant + offsetMinutes * MINUTE_MS), offsetMinutes, zone }, format);
};
