// From when on a look back counts: rollups are by the hour, so it begins with the full hour in which it would. Pure.
import { HOUR_MS } from "../../lib/durations.ts";

export const sinceHours = (now: number, hours: number): number =>
  Math.floor((now - hours * HOUR_MS) / HOUR_MS) * HOUR_MS;
