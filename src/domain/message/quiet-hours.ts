// Hours in which nobody is written to, on the recipient's clock. Quiet is what their wall clock says it is: where clocks jump forward over the
// end, quiet ends with the jump; where an hour comes twice, it is quiet both times. Pure.
import { DAY_MS, MINUTE_MS } from "../../lib/durations.ts";
import { wallClock } from "../../lib/time-zone.ts";

/** `HH:MM` each; `end` is the first minute that is not quiet. A window whose end is not later than its start crosses midnight; equal ends: none. */
export type QuietHours = { start: string; end: string };

const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** Milliseconds since midnight. Throws RangeError for what is no `HH:MM`. */
const clockOf = (text: string): number => {
  const [, hours, minutes] = CLOCK.exec(text) ?? [];
  if (hours === undefined) throw new RangeError(`"${text}" is no HH:MM`);
  return (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
};

/** Milliseconds since midnight on the wall clock of `zone` (IANA) at `instant` (epoch ms). */
const timeOfDay = (zone: string, instant: number): number => untilClock(0, wallClock(zone, instant) % DAY_MS);

const untilClock = (from: number, to: number): number => (to - from + DAY_MS) % DAY_MS;

const isWithin = (clock: number, { start, end }: QuietHours): boolean => {
  const [from, to] = [clockOf(start), clockOf(end)];
  return from <= to ? clock >= from && clock < to : clock >= from || clock < to;
};

/** Whether it is quiet in `zone` at `instant` (epoch ms). */
export const isQuiet = (hours: QuietHours, zone: string, instant: number): boolean =>
  isWithin(timeOfDay(zone, instant), hours);

/** First instant in (from, to] at which the zone's offset is no longer what it is at `from`; the offsets at both differ. */
const transitionIn = (zone: string, from: number, to: number): number => {
  const shift = (instant: number) => untilClock(instant % DAY_MS, timeOfDay(zone, instant));
  const before = shift(from);
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (shift(middle) === before) low = middle;
    else high = middle;
  }
  return high;
};

/** The first instant from `now` on (epoch ms) at which it is not quiet in `zone`; `now` itself when it is not. */
export const quietUntil = (hours: QuietHours, zone: string, now: number): number => {
  const end = clockOf(hours.end);
  let at = now;
  while (isQuiet(hours, zone, at)) {
    const clock = timeOfDay(zone, at);
    const planned = at + untilClock(clock, end);
    // The wall clock went on as time did: the window ends when it is planned to.
    at = timeOfDay(zone, planned) === end ? planned : transitionIn(zone, at, planned);
  }
  return at;
};
