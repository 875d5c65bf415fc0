// What went wrong, in the product's words, whatever threw it: for the boundaries where answers are made.
import { isDatabaseAway } from "../db/d1.ts";
import { DomainError } from "./errors.ts";

const RETRY_AFTER_SECONDS = 5;

/** `unavailable` for a database that is away. Undefined for what has no word, which is a bug. */
export const failureOf = (error: unknown): DomainError | undefined => {
  if (error instanceof DomainError) return error;
  if (!isDatabaseAway(error)) return undefined;
  return new DomainError("unavailable", "The database does not answer; try again", {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
};
