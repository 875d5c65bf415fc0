// What people really did after an event, for runs that wait: read once for a contact and a type, however many runs ask.
import { listNextEvents, type PastEvent } from "../../db/queries/past.ts";
import type { RunEvent } from "../../engine/contract.ts";
import { earliestId } from "../../lib/ids.ts";
import { contactView } from "../contact/view.ts";
import type { Context } from "../context.ts";
import { runEventOf } from "../event/run-event.ts";
import { isAnsweredByProvider, isOptOut } from "../event/words.ts";
import type { StreamEvent } from "../event.ts";
import type { PastFacts } from "./past-facts.ts";

const AT_ONCE = 20;

/** `from`: everything after it is there, up to `to` (epoch ms). */
type Read = { events: PastEvent[]; from: number; to: number };

export class Following {
  /** Calls of the database. */
  reads = 0;
  readonly #context: Context;
  readonly #facts: PastFacts;
  readonly #known = new Map<string, Read>();

  constructor(context: Context, facts: PastFacts) {
    this.#context = context;
    this.#facts = facts;
  }

  /** After `after` and up to `until`; the first of them. What somebody says to stop is no answer. */
  async events(type: string, contactId: string | null, after: number, until: number): Promise<RunEvent[]> {
    const place = `${type} ${contactId ?? ""}`;
    let known = this.#known.get(place);
    if (!known || after < known.from || after >= known.to) {
      known = await this.#read(type, contactId, after);
      this.#known.set(place, known);
    }
    const contact = this.#facts.contact(contactId ?? undefined);
    return known.events.flatMap((past) => {
      if (past.data === null || past.occurredAt <= after || past.occurredAt > until) return [];
      const { id, source, data, occurredAt, depth } = past;
      const event: StreamEvent = {
        id,
        organizationId: this.#context.principal.organizationId,
        type,
        source,
        data,
        occurredAt,
        depth,
        ...(past.contactId === null ? {} : { contactId: past.contactId }),
        ...(past.conversationId === null ? {} : { conversationId: past.conversationId }),
      };
      if (isOptOut(event) || isAnsweredByProvider(event)) return [];
      return [runEventOf(event, contact && contactView(contact))];
    });
  }

  async #read(type: string, contactId: string | null, after: number): Promise<Read> {
    const { ports, principal } = this.#context;
    const now = ports.now();
    if (after >= now) return { events: [], from: after, to: Number.POSITIVE_INFINITY };
    this.reads++;
    const wanted = { type, contactId, afterId: earliestId(after + 1), toId: earliestId(now + 1), limit: AT_ONCE };
    const events = await listNextEvents(ports.db, principal.organizationId, wanted);
    const isAll = events.length < AT_ONCE;
    return { events, from: after, to: isAll ? Number.POSITIVE_INFINITY : events.at(-1)!.occurredAt };
  }
}
