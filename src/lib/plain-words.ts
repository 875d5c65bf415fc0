// What is wrong with a value, in words for who sent it, where a schema has none of its own.
import type { z } from "zod";

/** What a value should be, by Zod's name of its type. */
const KINDS: Readonly<Record<string, string>> = {
  int: "a whole number",
  integer: "a whole number",
  number: "a number",
  string: "text",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  map: "an object",
  array: "a list",
  tuple: "a list",
  null: "null",
  date: "a date",
};

const FORMATS: Readonly<Record<string, string>> = {
  email: "an e-mail address",
  url: "a URL",
  uuid: "a UUID",
  guid: "a UUID",
  datetime: "a date and time in ISO 8601",
  date: "a date, YYYY-MM-DD",
  time: "a time, HH:MM:SS",
  ipv4: "an IPv4 address",
  ipv6: "an IPv6 address",
  e164: "a phone number in E.164",
  json_string: "JSON",
};

export const kindOf = (type: string): string => KINDS[type] ?? type;

type Bound = { origin: string; inclusive?: boolean | undefined };

const bounded = (most: boolean, limit: number | bigint, { origin, inclusive = true }: Bound): string => {
  const among = most ? "at most" : "at least";
  if (origin === "string") {
    if (!most && Number(limit) === 1) return "May not be empty.";
    return `Must have ${among} ${limit} ${Number(limit) === 1 ? "character" : "characters"}.`;
  }
  if (origin === "array" || origin === "set" || origin === "map" || origin === "object") {
    if (!most && Number(limit) === 1) return "May not be empty.";
    return `Must have ${among} ${limit} ${Number(limit) === 1 ? "entry" : "entries"}.`;
  }
  return inclusive ? `Must be ${among} ${limit}.` : `Must be ${most ? "less than" : "more than"} ${limit}.`;
};

/** Undefined where Zod's own words will do. To be given to `safeParse` as its `error`: a schema's own words win over it. */
export const plainWords = (issue: z.core.$ZodRawIssue): string | undefined => {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "This field is required." : `Must be ${kindOf(String(issue.expected))}.`;
    case "too_small":
      return bounded(false, issue.minimum as number, issue);
    case "too_big":
      return bounded(true, issue.maximum as number, issue);
    case "invalid_format":
      return `Must be ${FORMATS[String(issue.format)] ?? "of the form that is described for it"}.`;
    case "not_multiple_of":
      return `Must be a multiple of ${String(issue.divisor)}.`;
    case "invalid_key":
      return "Has a name that is not allowed.";
    case "invalid_union":
      return "Fits none of the shapes that are allowed here.";
    case "custom":
      return "Is not allowed.";
    default:
      return undefined;
  }
};

/** Where an issue is, and what it says: a field that nobody knows is a place of its own. */
export const placesOf = (issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string }[] =>
  issue.code === "unrecognized_keys"
    ? issue.keys.map((key) => ({ path: [...issue.path, key], message: "Unknown field." }))
    : [{ path: issue.path, message: issue.message }];
