// Which types the values of an attribute have that contacts were given. Pure.
import type { SeenAttribute } from "../../db/queries/seen.ts";

/** What reads as a number or a date is one; what is left is text. */
export const attributeTypes = ({ text, number, date, boolean, list, object }: SeenAttribute): string[] => {
  const counts = { string: text - number - date, number, date, boolean, array: list, object };
  return Object.entries(counts).flatMap(([type, n]) => (n > 0 ? [type] : []));
};

/** The only one, else `mixed`. */
export const onlyType = (types: readonly string[]): string => (types.length === 1 ? types[0]! : "mixed");
