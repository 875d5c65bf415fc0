// The Retry-After header (RFC 9110, section 10.2.3).

/** Milliseconds to wait from `now` (epoch ms), from seconds or an HTTP date; undefined when absent or malformed. A past date is 0. */
export const retryAfterMs = (headers: Headers, now: number): number | undefined => {
  const text = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  if (!/[a-z]{3}/i.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
};
