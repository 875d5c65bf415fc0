// Which browsers' pages may call an endpoint. Pure.

/** In the list: all of them. */
export const ANY_ORIGIN = "*";

/** A request without the header comes from no browser. No list, and `*` in it, let every page pass. */
export const originAllowed = (allowed: readonly string[], origin: string | undefined): boolean =>
  allowed.length === 0 ||
  origin === undefined ||
  allowed.includes(ANY_ORIGIN) ||
  allowed.includes(origin.toLowerCase());
