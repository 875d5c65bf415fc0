// Conversions that every part of the Marketing API shares. A part's own names meet ours in its folder.
import type { ApiContext } from "../shared/api.ts";
import type { Page } from "../shared/page.ts";

export const instant = (epochMs: number): string => new Date(epochMs).toISOString();
export const instantOrNull = (epochMs: number | null): string | null => (epochMs === null ? null : instant(epochMs));

/** The URL that was asked for, with another page: everything else of the query stays. */
const urlOfPage = (c: ApiContext, page: number): string => {
  const url = new URL(c.req.url);
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  url.searchParams.set("page", String(page));
  return url.href;
};

export const toPage = <T>(c: ApiContext, { page, size }: Page, total: number, results: readonly T[]) => ({
  count: total,
  next: page * size < total ? urlOfPage(c, page + 1) : null,
  previous: page > 1 ? urlOfPage(c, page - 1) : null,
  results,
});
