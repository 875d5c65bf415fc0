// A place for a run that somebody starts by hand, before anything of it is written: who finds the queue full is told so, and nothing is left behind.
import { DomainError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import type { Asked, Place } from "./dispatch.ts";

const LONGEST_RETRY_SECONDS = 300;

/** Throws `queue_full`, `unavailable`. */
export const askForPlace = async (
  { queues }: Pick<Ports, "queues">,
  organizationId: string,
  asked: Omit<Asked, "kind" | "refusable">,
): Promise<Exclude<Place, { state: "full" }>> => {
  const place = await queues.ask(organizationId, { ...asked, kind: "start", refusable: true });
  if (place.state !== "full") return place;
  const { maxQueued } = asked.limits;
  const seconds = Math.ceil((place.waitMs ?? 0) / 1000 / maxQueued);
  throw new DomainError(
    "queue_full",
    `${maxQueued} executions of the organization are waiting to start, which is the limit`,
    {
      subject: "queue",
      details: { maxQueued },
      retryAfterSeconds: Math.min(Math.max(seconds, 1), LONGEST_RETRY_SECONDS),
    },
  );
};
