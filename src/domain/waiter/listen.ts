// Waiting for an event of the stream: a row that the events consumer finds. The row is written before the log is read, and the consumer writes
// the log before it reads the rows, so an event that comes in between is seen by one of the two, and by both at the worst.
import { contactOf, selectContacts } from "../../db/queries/contacts.ts";
import { deleteWaiter, type EventRow, findEvents, findLogged, insertWaiter } from "../../db/queries/waiters.ts";
import type { EventWait, RunEvent } from "../../engine/contract.ts";
import { HOUR_MS } from "../../lib/durations.ts";
import { earliestId } from "../../lib/ids.ts";
import { type Json, type JsonObject, own } from "../../lib/json.ts";
import { partsBySize } from "../../lib/parts-by-size.ts";
import { contactView } from "../contact/view.ts";
import { runEventOf } from "../event/run-event.ts";
import { heardAs, isOptOut, REPLY } from "../event/words.ts";
import type { Database } from "../ports.ts";

/** An event's id may lie so long before the event, in ms: at the beginning of the step that caused it, or at its planned time. */
const BEFORE_MS = 15_000;
/** That step may have been tried again for a day, or waited for quiet hours to end. Of one contact so much is soon read. */
const LONG_BEFORE_MS = 25 * HOUR_MS;

type WaitingRun = { executionId: string; organizationId: string; contact: JsonObject | null };

/** As what the wait is looked up. */
const heardBy = ({ eventType, reply }: EventWait): string => (reply ? REPLY : eventType);

/** `key` is `node:visit`. From now on the events consumer finds the wait; what came since it began (epoch ms) is in the log: `missedEvents`. */
export const startListening = (
  db: Database,
  run: WaitingRun,
  { key, wait, since }: { key: string; wait: EventWait; since: number },
): Promise<void> =>
  insertWaiter(db, {
    key: `${run.executionId}:${key}`,
    organizationId: run.organizationId,
    eventType: heardBy(wait),
    contactId: contactOfRun(run),
    executionId: run.executionId,
    waitKey: key,
    filters: (wait.filters ?? null) as Json,
    since,
  });

/** What one look may bring into memory: events, and bytes of their data (each may have MAX_EVENT_BYTES). */
const MAX_HEARD = 100;
const MAX_HEARD_BYTES = 4_000_000;

/**
 * Events in the log that a wait may have missed, in the order of their ids, as many as fit into memory: those behind `after`, null for the first
 * look. `next`: where to go on, null when that was all. To be asked once the wait's row stands. One read, and two more when there are any.
 */
export const missedEvents = async (
  db: Database,
  run: WaitingRun,
  { wait, since }: { wait: EventWait; since: number },
  after: string | null,
): Promise<{ events: RunEvent[]; next: string | null }> => {
  const { organizationId } = run;
  const contactId = contactOfRun(run);
  const from = earliestId(Math.max(0, since - (contactId === null ? BEFORE_MS : LONG_BEFORE_MS)));
  const wanted = { organizationId, eventType: wait.eventType, contactId, since };
  const { found, passed } = await findLogged(db, wanted, after ?? from);
  if (found.length === 0) return { events: [], next: passed };
  const [part, ...others] = partsBySize(found, MAX_HEARD_BYTES, ({ bytes }) => bytes, MAX_HEARD);
  const ids = part!.map(({ id }) => id);
  const rows = await findEvents(db, organizationId, ids);
  const events = await asHeard(
    db,
    rows.filter((row) => !isOptOut(row) && heardAs(row).includes(heardBy(wait))),
  );
  return { events, next: others.length > 0 ? ids.at(-1)! : passed };
};

/** Whose events alone a run waits for: those of the contact that it is about. */
const contactOfRun = ({ contact }: WaitingRun): string | null => {
  const id = own(contact, "id");
  return typeof id === "string" ? id : null;
};

/** The same that the consumer of the queue would bring: with the sender's headers, and the contact as it is now. One read, when there is any. */
const asHeard = async (db: Database, rows: readonly EventRow[]): Promise<RunEvent[]> => {
  const whose = new Map(
    rows.flatMap(({ organizationId, contactId }) =>
      contactId === null ? [] : [[contactId, { organizationId, contactId }] as const],
    ),
  );
  const contacts = new Map<string, JsonObject>();
  if (whose.size > 0) {
    const { results } = await selectContacts(db, [...whose.values()]).all();
    for (const contact of results.map(contactOf)) contacts.set(contact.id, contactView(contact));
  }
  return rows.map(({ contactId, conversationId, headers, ...row }) =>
    runEventOf(
      {
        ...row,
        ...(contactId === null ? {} : { contactId }),
        ...(conversationId === null ? {} : { conversationId }),
        ...(headers === null ? {} : { headers }),
      },
      contactId === null ? undefined : contacts.get(contactId),
    ),
  );
};

export const stopListening = (db: Database, executionId: string, key: string): Promise<void> =>
  deleteWaiter(db, `${executionId}:${key}`);
