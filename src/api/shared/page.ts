// Pages of a list: which rows to read, and what to say about the rest.
import { invalid } from "../../domain/errors.ts";
import type { ApiContext } from "./api.ts";

export type Page = { page: number; size: number; limit: number; offset: number };

const MAX_PAGE_SIZE = 100;
/** Beyond this an offset would cost more than anybody wants from it. */
const MAX_PAGE = 100_000;

const whole = (c: ApiContext, name: string, fallback: number): number => {
  const text = c.req.query(name);
  if (text === undefined || text === "") return fallback;
  if (!/^\d{1,15}$/.test(text) || Number(text) < 1) throw invalid(name, "Must be a whole number from 1.");
  return Number(text);
};

/** `page` and the API's own name for the size. A size over the maximum counts as the maximum. Throws `invalid_input`. */
export const parsePage = (c: ApiContext, sizeName: "limit" | "per_page" | "page_size", fallback = 20): Page => {
  const page = whole(c, "page", 1);
  if (page > MAX_PAGE) throw invalid("page", `Must be at most ${MAX_PAGE}.`);
  const size = Math.min(whole(c, sizeName, fallback), MAX_PAGE_SIZE);
  return { page, size, limit: size, offset: (page - 1) * size };
};

export const pageCount = (total: number, size: number): number => Math.ceil(total / size);
