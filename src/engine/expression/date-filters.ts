// Liquid's date filters, on our clock and in UTC unless a zone is given. Liquid's own read the machine's clock and zone.
import type { FilterImplOptions } from "liquidjs";
import { formatDate } from "./date-format.ts";
import { instantOf } from "./instant.ts";

type Filter = Extract<FilterImplOptions, (...args: never[]) => unknown>;

/** Liquid's own default. */
const DEFAULT_FORMAT = "%A, %B %-e, %Y at %-l:%M %P %z";
const MAX_FORMAT_LENGTH = 1000;

/** A zone is a name, an offset, or minutes west of UTC as in Liquid (and `getTimezoneOffset`). */
const zoneOf = (zone: unknown): string | undefined => {
  if (typeof zone !== "number") return zone === undefined || zone === null ? undefined : String(zone);
  const minutes = Math.abs(Math.trunc(zone));
  const pad = (part: number) => String(part).padStart(2, "0");
  return `${zone > 0 ? "-" : "+"}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
};

/** "now" and "today" are the time of the rendering; what is no instant passes unchanged. */
const date: Filter = function (value, format = DEFAULT_FORMAT, zone) {
  const { now } = this.context as unknown as { now: number };
  const instant = value === "now" || value === "today" ? now : instantOf(value);
  if (instant === undefined) return value;
  const wanted = String(format ?? DEFAULT_FORMAT);
  if (wanted.length > MAX_FORMAT_LENGTH) throw new Error(`a date format has at most ${MAX_FORMAT_LENGTH} characters`);
  return formatDate(instant, wanted, zoneOf(zone));
};

const dateAs = (format: string): Filter =>
  function (value, zone) {
    return date.call(this, value, format, zone);
  };

export const dateFilters: Record<string, Filter> = {
  date,
  date_to_xmlschema: dateAs("%Y-%m-%dT%H:%M:%S%:z"),
  date_to_rfc822: dateAs("%a, %d %b %Y %H:%M:%S %z"),
  date_to_string: dateAs("%d %b %Y"),
  date_to_long_string: dateAs("%d %B %Y"),
};
