// Waiting for an event of the stream: a row that the events consumer finds. The row is written before the log is read, and the consumer writes
// the log before it reads the rows, so an event that comes in between is seen by one of the two, and by both at the worst.
import { contactOf, selectContacts } from "../../db/queries/contacts.ts";
import { deleteWaiter, type EventRow, eventsFrom, insertWaiter } from "../../db/queries/waiters.ts";
import type { EventWait, RunEvent } from "../../engine/contract.ts";
import { earliestId } from "../../lib/ids.ts";
import { type Json, type JsonObject, own } from "../../lib/json.ts";
import { contactView } from "../contact/view.ts";
import { isOptOut } from "../event/opt-out.ts";
import { runEventOf } from "../event/run-event.ts";
import type { Database } from "../ports.ts";

/** An event's id may lie so long before the event, in ms: at the beginning of the step that caused it, or at its planned time. */
const BEFORE_MS = 15_000;
/** That step may have been tried again for a day, or waited for quiet hours to end. Of one contact so much is soon read. */
const LONG_BEFORE_MS = 25 * 3_600_000;

type WaitingRun = { executionId: string; organizationId: string; contact: JsonObject | null };

/** `key` is `node:visit`. Answers the events that came since the wait began (epoch ms) and before the row stood. */
export const startListening = async (
  db: Database,
  run: WaitingRun,
  { key, wait, since }: { key: string; wait: EventWait; since: number },
): Promise<RunEvent[]> => {
  const id = own(run.contact, "id");
  const contactId = typeof id === "string" ? id : null;
  const { organizationId, executionId } = run;
  await insertWaiter(db, {
    key: `${executionId}:${key}`,
    organizationId,
    eventType: wait.eventType,
    contactId,
    executionId,
    waitKey: key,
    filters: (wait.filters ?? null) as Json,
    since,
  });
  const missed = await eventsFrom(db, {
    organizationId,
    eventType: wait.eventType,
    contactId,
    since,
    fromId: earliestId(Math.max(0, since - (contactId === null ? BEFORE_MS : LONG_BEFORE_MS))),
  });
  return asHeard(
    db,
    missed.filter((row) => !isOptOut(row)),
  );
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
