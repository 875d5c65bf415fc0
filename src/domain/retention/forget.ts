// What organisations no longer keep, deleted a page at a time: a walk over all organisations and, in each, over what grows by itself, in the
// order of ids, which is the order of time. A page reads and deletes a bounded number of rows; where it ended is where the next begins.
// What is not finished stays, however old: see db/queries/retention.ts.
import {
  deleteLeftovers,
  deletePage,
  type Forgettable,
  findOrganizations,
  readPage,
  type Store,
  selectRetention,
} from "../../db/queries/retention.ts";
import { DAY_MS } from "../../lib/durations.ts";
import { earliestId } from "../../lib/ids.ts";
import { KEPT_MS } from "../delivery/delivery.ts";
import { PARKED_MS } from "../message/parked.ts";
import type { Database } from "../ports.ts";
import { daysOf, MEMORY_DAYS, type RetentionDays } from "./days.ts";

/** Everything up to here was looked at in this round. Without a store: all of this organisation. PERSISTED CONTRACT (objects/retention.ts). */
export type Place = { organizationId: string; store?: Store; after?: string };

/** Letters that name no organisation come first. */
export const FIRST_PLACE: Place = { organizationId: "", store: "deadLetters" };

const STORES: readonly Store[] = ["executions", "events", "messages", "deadLetters"];

/** Rows that a page looks at. */
const PAGE_ROWS = 500;
/** What goes with them, in rows and database pages of 4 KB: steps of runs, long texts. */
const PAGE_WEIGHT = 2_000;
/** Leftovers of each kind that a round takes from one organisation. */
const LEFTOVERS = 2_000;
/** Organisations that are looked at together. */
const ORGANIZATIONS = 100;

/** One page, and where the next begins; null at the end of the round. Two or three statements. */
export const forgetPage = (db: Database, place: Place, now: number): Promise<Place | null> =>
  place.store === undefined
    ? nextOrganization(db, place.organizationId, now)
    : forgetIn(db, { ...place, store: place.store }, now);

/** The next place when nothing can be done about this one. */
export const skip = ({ organizationId }: Place): Place => ({ organizationId });

const nextOrganization = async (db: Database, after: string, now: number): Promise<Place | null> => {
  const oldest = now - MEMORY_DAYS * DAY_MS;
  const found = await findOrganizations(db, after, { id: earliestId(oldest), at: oldest }, leftAt(now), ORGANIZATIONS);
  const next = found.find(({ hasOld }) => hasOld);
  if (next) return { organizationId: next.id, store: STORES[0]! };
  return found.length < ORGANIZATIONS ? null : { organizationId: found.at(-1)!.id };
};

const forgetIn = async (
  db: Database,
  { organizationId, store, after = "" }: Place & { store: Store },
  now: number,
): Promise<Place> => {
  const days = daysOf(await selectRetention(db, organizationId));
  if (store === STORES[0] && after === "") await forgetLeftovers(db, organizationId, days, now);
  const limits = limitsOf(store, days, now);
  const rows = await readPage(db, store, { organizationId, after, before: limits.before }, PAGE_ROWS);
  let weight = 0;
  const tooHeavy = rows.findIndex((row, index) => {
    weight += row.weight;
    return weight > PAGE_WEIGHT && index > 0;
  });
  const page = tooHeavy === -1 ? rows : rows.slice(0, tooHeavy);
  const last = page.at(-1)?.id;
  if (last !== undefined) await deletePage(db, store, { organizationId, after, last, ...limits });
  if (last !== undefined && (page.length < rows.length || rows.length === PAGE_ROWS))
    return { organizationId, store, after: last };
  const next = STORES[STORES.indexOf(store) + 1];
  return next === undefined ? { organizationId } : { organizationId, store: next };
};

/**
 * A delivery's object takes its row along, 30 days after its end; the last attempt of all is ten days behind the first. This is for those that did
 * not.
 */
const DELIVERY_MS = KEPT_MS + 15 * DAY_MS;

/** What is too old wherever it is. */
const leftAt = (now: number) => ({
  parkedBefore: now - PARKED_MS,
  deliveriesBefore: earliestId(now - DELIVERY_MS),
  answeredBefore: now - DAY_MS,
});

/**
 * Outgoing webhooks and answers that should be gone. Statuses that no message came for, and events that could not be told for so long that an event
 * which nobody processed would be gone as well: the rest, if there is any, in the next round. And what the errors said of executions that are gone.
 */
const forgetLeftovers = async (
  db: Database,
  organizationId: string,
  days: RetentionDays,
  now: number,
): Promise<void> => {
  const untoldBefore = earliestId(now - Math.max(days.events, days.deadLetters) * DAY_MS);
  const failedBefore = now - days.executions * DAY_MS;
  await deleteLeftovers(db, organizationId, { ...leftAt(now), untoldBefore, failedBefore }, LEFTOVERS);
};

/** `before`: ids from there on are too young to be looked at. Letters have no time in their ids; there are few. */
const limitsOf = (store: Store, days: RetentionDays, now: number): Forgettable => {
  const ago = (count: number): number => now - count * DAY_MS;
  const expired = ago(days[store]);
  const before = store === "deadLetters" ? "~" : earliestId(expired);
  if (store === "deadLetters") return { before, expired, other: ago(MEMORY_DAYS) };
  return { before, expired, other: ago(Math.max(days[store], days.deadLetters)) };
};
