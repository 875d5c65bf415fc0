// Texts on the wire: names that have one line, and what people write, which has several.
import { z } from "@hono/zod-openapi";
import { isLine, isProse } from "../../lib/plain-text.ts";

const NOT_TEXT = "Has characters that are not text.";
const atMost = (max: number) => `Must have at most ${max} characters.`;

/** A name: trimmed, not blank. */
export const label = (max: number, blank = "May not be blank.") =>
  z.string().trim().min(1, blank).max(max, atMost(max)).refine(isLine, NOT_TEXT);

/** What is kept as it was written, in one line: an id, a type. */
export const line = (max: number) => z.string().max(max, atMost(max)).refine(isLine, NOT_TEXT);

export const prose = (max: number) => z.string().max(max, atMost(max)).refine(isProse, NOT_TEXT);
