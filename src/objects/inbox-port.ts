// The way into an organisation's inbox, and what is said when nothing can be kept.
import { DomainError, ERROR_CODES } from "../domain/errors.ts";
import type { Ports } from "../domain/ports.ts";
import type { Env } from "../env.ts";
import { defined } from "../lib/defined.ts";
import { inboxStub } from "./rpc.ts";

/** What an object has refused, in its own words. Between objects an error keeps its fields and loses its class. */
const refusalOf = (error: unknown): DomainError | undefined => {
  if (!(error instanceof Error) || error.name !== "DomainError") return undefined;
  const { code, message, subject, problems, details, retryAfterSeconds } = error as DomainError;
  if (!ERROR_CODES.includes(code)) return undefined;
  return new DomainError(code, message, defined({ subject, problems, details, retryAfterSeconds }));
};

/** What cannot be stored is not accepted: throws what the object says against it, else `unavailable`, so that the sender comes again. */
export const stored = async <T>(at: string, call: Promise<T>): Promise<T> => {
  try {
    return await call;
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal) throw refusal;
    console.error(JSON.stringify({ at, message: String(error) }));
    throw new DomainError("unavailable", "This could not be stored; try again", { retryAfterSeconds: 5 });
  }
};

export const inboxPort = (env: Env): Ports["inbox"] => ({
  accept: (event, dedupeKey) =>
    stored("inbox.accept", inboxStub(env, event.organizationId, dedupeKey ?? event.id).accept(event, dedupeKey)),
});
