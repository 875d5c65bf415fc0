// Events that were written in one transaction with what they tell of (untold_events), so that a crash right after cannot lose them. Whoever wrote
// one hands it to an inbox here; what is left behind is handed over by the sweeper.
import { deleteUntold, findUntold, postponeUntold, type UntoldEvent } from "../../db/queries/untold-events.ts";
import { mapConcurrently } from "../../lib/map-concurrently.ts";
import type { StreamEvent } from "../event.ts";
import type { Ports } from "../ports.ts";

/** Inboxes that are called at once. */
const INBOXES = 6;

/**
 * Each by itself: one that cannot be told keeps back no other. Answers those; their rows stay, and the sweeper tells them. Never throws.
 */
export const tellUntold = async (
  { db, inbox }: Pick<Ports, "db" | "inbox">,
  untold: readonly UntoldEvent[],
): Promise<UntoldEvent[]> => {
  const told: UntoldEvent[] = [];
  const left: UntoldEvent[] = [];
  await mapConcurrently(untold, INBOXES, async (one) => {
    try {
      await inbox.accept(one.event as StreamEvent, one.dedupeKey);
      told.push(one);
    } catch (error) {
      left.push(one);
      logFailure(error, { event: one.id });
    }
  });
  if (told.length > 0) {
    await deleteUntold(db, told)
      .run()
      .catch((error) => logFailure(error, { events: told.length }));
  }
  return left;
};

const logFailure = (error: unknown, about: object): void =>
  console.error(JSON.stringify({ at: "untold", ...about, message: String(error) }));

/** Whoever wrote it is given so long to tell it, in ms; what cannot be told is tried again as long after. */
const LEFT_BEHIND_MS = 30_000;
const AT_ONCE = 50;

/** Tells what was left behind, the oldest first, and what could not be told goes to the end of the line. Answers whether there may be more. */
export const tellLeftBehind = async (world: Pick<Ports, "db" | "inbox" | "now">): Promise<boolean> => {
  const untold = await findUntold(world.db, world.now() - LEFT_BEHIND_MS, AT_ONCE);
  const left = await tellUntold(world, untold);
  if (left.length > 0) await postponeUntold(world.db, left, world.now()).run();
  return untold.length === AT_ONCE;
};
