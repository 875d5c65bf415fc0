// Conversions that every part of the Event Stream API shares. A part's own names meet ours in its folder.
import { type Page, pageCount } from "../shared/page.ts";

export const instant = (epochMs: number): string => new Date(epochMs).toISOString();
export const instantOrNull = (epochMs: number | null): string | null => (epochMs === null ? null : instant(epochMs));

/** With three decimals. */
export const minutes = (ms: number): number => Math.round(ms / 60) / 1000;

export const toPaging = ({ page, size }: Page, total: number) => ({
  total,
  page,
  per_page: size,
  pages: pageCount(total, size),
});
