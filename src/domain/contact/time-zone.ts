// What counts as a time zone: what this runtime can tell the time in. Fixed offsets are none: nobody lives at one.
const known = new Map<string, boolean>();

/** Names come from people: the memory of them is bounded. */
const REMEMBERED = 2_000;

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
