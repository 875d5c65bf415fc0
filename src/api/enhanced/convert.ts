// Wire names that every part of this API shares, and ours. A part's own are in its folder.
import { type Page, pageCount } from "../shared/page.ts";

export const timeOf = (ms: number): string => new Date(ms).toISOString();
export const timeOrNull = (ms: number | null): string | null => (ms === null ? null : timeOf(ms));

/** PaginationInfo of the document. */
export const toPagination = ({ page, size }: Page, total: number) => ({
  total,
  page,
  limit: size,
  totalPages: pageCount(total, size),
});

/** The half-open time between two instants, as a report names it. */
export const toPeriod = ({ from, to }: { from: number; to: number }) => ({
  startDate: timeOf(from),
  endDate: timeOf(to),
});
