// A list in as few parts as hold at most so much, and so many, each, in order: statements and messages have limits. What is larger by itself is a
// part of its own.
export const partsBySize = <T>(
  items: readonly T[],
  most: number,
  sizeOf: (item: T) => number,
  mostItems = Number.POSITIVE_INFINITY,
): T[][] => {
  const parts: T[][] = [];
  let room = 0;
  for (const item of items) {
    const size = sizeOf(item);
    const part = parts.at(-1);
    if (part && size <= room && part.length < mostItems) part.push(item);
    else {
      parts.push([item]);
      room = most;
    }
    room -= size;
  }
  return parts;
};

/** Bytes of `value` as JSON in a list. */
export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value)) + 1;
