// The way into an organisation's inbox, and what is said when nothing can be kept.
import { DomainError } from "../domain/errors.ts";
import type { Ports } from "../domain/ports.ts";
import type { Env } from "../env.ts";
import { inboxStub } from "./rpc.ts";

/** What cannot be stored is not accepted: throws `unavailable`, so that the sender comes again. */
export const stored = async <T>(at: string, call: Promise<T>): Promise<T> => {
  try {
    return await call;
  } catch (error) {
    console.error(JSON.stringify({ at, message: String(error) }));
    throw new DomainError("unavailable", "This could not be stored; try again", { retryAfterSeconds: 5 });
  }
};

export const inboxPort = (env: Env): Ports["inbox"] => ({
  accept: (event, dedupeKey) =>
    stored("inbox.accept", inboxStub(env, event.organizationId, dedupeKey ?? event.id).accept(event, dedupeKey)),
});
