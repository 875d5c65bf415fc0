// How deep a value nests. Written so that no depth of the value can exhaust our own stack.

/** Whether `value` has more than `levels` objects and arrays in each other. Looks no deeper than that. */
export const isDeeperThan = (value: unknown, levels: number): boolean => {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((element) => isDeeperThan(element, levels - 1));
  for (const key of Object.keys(value))
    if (isDeeperThan((value as Record<string, unknown>)[key], levels - 1)) return true;
  return false;
};
