// Accepted events that are not processed yet: the transactional outbox that Inbox, Webhook, Contact and Schedule share.
// Owns the tables `pending` (the events) and `seen` (dedupe keys, kept for SEEN_MS).
// Invariants: an event is durable before `accept` is answered; a dedupe key leads to one event; an event leaves `pending` only by
// acknowledgement; whatever is pending is sent again until then; so many of them at the most are on the queue at a time, because others' events
// stand behind them there. That it was sent is memory only: a restart sends it again, and the consumer knows it by its id.
import { DomainError } from "../domain/errors.ts";
import { MAX_EVENT_BYTES, type StreamEvent } from "../domain/event.ts";
import { DAY_MS } from "../lib/durations.ts";
import { partsBySize } from "../lib/parts-by-size.ts";
import {
  type EventMessage,
  MAX_BATCH_BYTES,
  MAX_BATCH_MESSAGES,
  MAX_INLINE_EVENT_BYTES,
  type OutboxAddress,
} from "../queue/catalogue.ts";

const SEEN_DAYS = 7;
/** A dedupe key is known for at least so long. */
export const SEEN_MS = SEEN_DAYS * DAY_MS;
export const RESEND_FIRST_MS = 10_000;
const RESEND_LONGEST_MS = 300_000;
/** Rows that one wake looks at (the next wake goes on behind them), and old keys that it forgets. */
export const SWEEP = 1_000;
const PURGE = 5_000;
/** The next wake when one was not enough. */
const MORE_MS = 1_000;
/** A call of the queue costs more than the messages in it, and its consumer waits for a whole second for more of them (wrangler.toml). */
const GATHER_MS = 10;
/** Of one outbox on the queue at a time: two batches, so that the next one waits there when one is through. */
const MAX_ON_QUEUE = 200;
/** Beyond it nothing more is accepted: the memory of what was sent stays bounded, and the sender learns that we are behind. */
const MAX_PENDING = 100_000;

/** `occurredAt`, `acceptedAt`: of the event that stands, the first one when this is a duplicate. */
export type Accepted = { eventId: string; occurredAt: number; acceptedAt: number; duplicate: boolean };

/** `event`: only in memory, and only one that travels whole. */
type Pending = { id: string; bytes: number; acceptedAt: number; event?: StreamEvent };

export class Outbox {
  readonly #sql: SqlStorage;
  readonly #queue: Queue;
  readonly #address: OutboxAddress;
  #open: boolean;
  /** Events in `pending`. */
  #count = 0;
  readonly #maxOnQueue: number;
  /** To be sent as soon as the queue has room for them, in their order; the first of them whole. */
  readonly #unsent = new Map<string, Pending>();
  /** What this life has sent of `pending`: it is on the queue, or got lost with it. */
  readonly #sent = new Map<string, { at: number; times: number }>();
  #flushing: Promise<void> | null = null;
  /** A round of sweeps over all that is pending: up to which id it has come ("" between two), and the earliest time that it met. */
  #round = { after: "", due: Number.POSITIVE_INFINITY };

  /** Creates nothing: an object that was only asked keeps no storage. */
  constructor(sql: SqlStorage, queue: Queue, address: OutboxAddress, maxOnQueue = MAX_ON_QUEUE) {
    this.#maxOnQueue = maxOnQueue;
    this.#sql = sql;
    this.#queue = queue;
    this.#address = address;
    this.#open = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'pending'").toArray().length > 0;
    if (this.#open) this.#count = sql.exec<{ n: number }>("SELECT count(*) AS n FROM pending").one().n;
  }

  /** Events that are accepted and not acknowledged. */
  get size(): number {
    return this.#count;
  }

  /** The event that a dedupe key led to. Keys lie by day, so that old ones go without a look at the others. */
  find(dedupeKey: string, now: number): Accepted | undefined {
    if (!this.#open) return undefined;
    // A day ahead as well: the clock may have gone back.
    const days = Array.from({ length: SEEN_DAYS + 2 }, (_, back) => dayOf(now) + 1 - back);
    return this.#first(
      `SELECT event_id AS eventId, occurred_at AS occurredAt, accepted_at AS acceptedAt FROM seen
       WHERE day IN (${days.join()}) AND key = ? ORDER BY day LIMIT 1`,
      dedupeKey,
    );
  }

  /** Synchronous, so that it commits with the caller's other writes: its alarm (RESEND_FIRST_MS from now) among them. `flush` after it. */
  accept(event: StreamEvent, dedupeKey: string | undefined, now: number): Accepted {
    this.#create();
    const first = dedupeKey === undefined ? undefined : this.find(dedupeKey, now);
    if (first) return first;
    const { text, bytes } = textOfEvent(event);
    const isFull = this.#count >= MAX_PENDING;
    // Ids are new as a rule, so they are not looked for first.
    if (isFull || !this.#insert(event.id, text, now)) {
      const pending = this.#pendingOf(event.id);
      if (pending) return pending;
      throw new DomainError("unavailable", "Too many events wait to be processed", { retryAfterSeconds: 10 });
    }
    if (dedupeKey !== undefined) {
      this.#sql.exec(
        "INSERT INTO seen (day, key, event_id, occurred_at, accepted_at) VALUES (?, ?, ?, ?, ?)",
        dayOf(now),
        dedupeKey,
        event.id,
        event.occurredAt,
        now,
      );
    }
    this.#count++;
    const isWhole = bytes <= MAX_INLINE_EVENT_BYTES && this.#unsent.size < this.#maxOnQueue;
    const whole = isWhole ? { event } : {};
    this.#unsent.set(event.id, { id: event.id, bytes, acceptedAt: now, ...whole });
    return { eventId: event.id, occurredAt: event.occurredAt, acceptedAt: now, duplicate: false };
  }

  /** Sends what the queue has room for, with what comes within GATHER_MS. One batch at a time. Never throws. */
  flush(): Promise<void> {
    this.#flushing ??= this.#drain().finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  /** One wake: sends again what is overdue, forgets old keys. Answers when it wants the next (epoch ms), or null. */
  async sweep(now: number): Promise<number | null> {
    if (!this.#open) return null;
    const purged = this.#purge(now);
    const { after, due: met } = this.#round;
    const page = this.#stored(after);
    const due = page.filter((one) => this.#dueOf(one) <= now);
    await this.#send(due.filter(({ id }) => this.#sent.has(id)));
    // What an earlier life has left stands in line again.
    for (const one of due) if (!this.#sent.has(one.id) && !this.#unsent.has(one.id)) this.#unsent.set(one.id, one);
    await this.flush();
    const next = page.reduce((earliest, one) => Math.min(earliest, this.#dueOf(one)), met);
    const isOver = page.length < SWEEP;
    this.#round = isOver ? { after: "", due: Number.POSITIVE_INFINITY } : { after: page.at(-1)!.id, due: next };
    if (purged >= PURGE || !isOver) return now + MORE_MS;
    if (this.#count === 0) return this.#anySeen() ? now + DAY_MS : null;
    // Behind a round of several wakes something may have been accepted.
    return Math.min(next, now + (after === "" ? RESEND_LONGEST_MS : RESEND_FIRST_MS));
  }

  take(ids: readonly string[]): StreamEvent[] {
    return [...this.#events(ids).values()];
  }

  acknowledge(ids: readonly string[]): void {
    if (!this.#open || ids.length === 0) return;
    const gone = this.#sql.exec(
      "DELETE FROM pending WHERE id IN (SELECT value FROM json_each(?)) RETURNING id",
      JSON.stringify(ids),
    );
    this.#count -= gone.toArray().length;
    for (const id of ids) {
      this.#sent.delete(id);
      this.#unsent.delete(id);
    }
    // There is room again. Not to be waited for: whoever acknowledges has other outboxes to tell.
    void this.flush().catch((error) => logFailure(this.#address, this.#unsent.size, error));
  }

  /** False when it is there already. */
  #insert(id: string, text: string, now: number): boolean {
    const { rowsWritten } = this.#sql.exec(
      "INSERT INTO pending (id, event, accepted_at) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
      id,
      text,
      now,
    );
    return rowsWritten > 0;
  }

  async #drain(): Promise<void> {
    while (this.#unsent.size > 0 && this.#room() > 0) {
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      const next = [...this.#unsent.values()].slice(0, this.#room());
      for (const { id } of next) this.#unsent.delete(id);
      await this.#send(next);
    }
  }

  #room(): number {
    return Math.max(0, this.#maxOnQueue - this.#sent.size);
  }

  /** What cannot be sent stays pending, and the alarm sends it again. */
  async #send(pending: readonly Pending[]): Promise<void> {
    const at = Date.now();
    for (const { id } of pending) this.#sent.set(id, { at, times: (this.#sent.get(id)?.times ?? 0) + 1 });
    for (const batch of batchesOf(pending)) {
      // One batch in memory at a time. What was acknowledged meanwhile is not there any more.
      const messages = this.#messagesOf(batch);
      if (messages.length === 0) continue;
      await this.#queue
        .sendBatch(messages.map((body) => ({ body, contentType: "json" })))
        .catch((error) => logFailure(this.#address, messages.length, error));
    }
  }

  #messagesOf(batch: readonly Pending[]): EventMessage[] {
    const outbox = this.#address;
    const isWhole = ({ bytes }: Pending) => bytes <= MAX_INLINE_EVENT_BYTES;
    const stored = this.#events(batch.filter((one) => isWhole(one) && !one.event).map((one) => one.id));
    const owners = this.#owners(batch.filter((one) => !isWhole(one)).map((one) => one.id));
    return batch.flatMap((one): EventMessage[] => {
      const { id, acceptedAt } = one;
      const event = one.event ?? stored.get(id);
      const organizationId = event?.organizationId ?? owners.get(id);
      return organizationId === undefined ? [] : [{ id, organizationId, outbox, acceptedAt, ...(event && { event }) }];
    });
  }

  #dueOf({ id, acceptedAt }: Pending): number {
    const sent = this.#sent.get(id);
    // A clock that went back must not keep it waiting.
    if (sent)
      return Math.min(sent.at, Date.now()) + Math.min(RESEND_FIRST_MS * 2 ** (sent.times - 1), RESEND_LONGEST_MS);
    // It goes when there is room: nobody has to wake for it.
    return this.#unsent.has(id) ? Date.now() + RESEND_LONGEST_MS : acceptedAt;
  }

  #pendingOf(id: string): Accepted | undefined {
    return this.#first(
      "SELECT id AS eventId, event ->> '$.occurredAt' AS occurredAt, accepted_at AS acceptedAt FROM pending WHERE id = ?",
      id,
    );
  }

  #first(query: string, key: string): Accepted | undefined {
    const [row] = this.#sql.exec<Omit<Accepted, "duplicate">>(query, key).toArray();
    return row && { ...row, duplicate: true };
  }

  /** Without the events, which may be large and many. */
  #stored(after: string): Pending[] {
    if (!this.#open) return [];
    return this.#sql
      .exec<{ id: string; bytes: number; acceptedAt: number }>(
        `SELECT id, octet_length(event) AS bytes, accepted_at AS acceptedAt FROM pending WHERE id > ? ORDER BY id LIMIT ${SWEEP}`,
        after,
      )
      .toArray();
  }

  #events(ids: readonly string[]): Map<string, StreamEvent> {
    const events = new Map<string, StreamEvent>();
    if (!this.#open || ids.length === 0) return events;
    const rows = this.#sql.exec<{ id: string; event: string }>(
      "SELECT id, event FROM pending WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
      JSON.stringify(ids),
    );
    for (const { id, event } of rows) events.set(id, JSON.parse(event) as StreamEvent);
    return events;
  }

  #owners(ids: readonly string[]): Map<string, string> {
    if (ids.length === 0) return new Map();
    const rows = this.#sql.exec<{ id: string; owner: string }>(
      "SELECT id, event ->> '$.organizationId' AS owner FROM pending WHERE id IN (SELECT value FROM json_each(?))",
      JSON.stringify(ids),
    );
    return new Map(rows.toArray().map(({ id, owner }) => [id, owner]));
  }

  /** How many old keys it has forgotten. */
  #purge(now: number): number {
    const { rowsWritten } = this.#sql.exec(
      `DELETE FROM seen WHERE (day, key) IN (SELECT day, key FROM seen WHERE day < ? LIMIT ${PURGE})`,
      dayOf(now - SEEN_MS),
    );
    return rowsWritten;
  }

  #anySeen(): boolean {
    return this.#sql.exec("SELECT 1 FROM seen LIMIT 1").toArray().length > 0;
  }

  #create(): void {
    if (this.#open) return;
    this.#sql.exec(`
      CREATE TABLE pending (id TEXT PRIMARY KEY, event TEXT NOT NULL, accepted_at INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE seen (
        day INTEGER NOT NULL, key TEXT NOT NULL, event_id TEXT NOT NULL, occurred_at INTEGER NOT NULL, accepted_at INTEGER NOT NULL,
        PRIMARY KEY (day, key)
      ) WITHOUT ROWID;
    `);
    this.#open = true;
  }
}

/** An event as it is stored; `room`: bytes that it is still to grow by. Throws for one that no row would hold. */
export const textOfEvent = (event: StreamEvent, room = 0): { text: string; bytes: number } => {
  const text = JSON.stringify(event);
  const bytes = Buffer.byteLength(text);
  if (bytes + room > MAX_EVENT_BYTES) throw new DomainError("payload_too_large", `An event has ${bytes} bytes`);
  return { text, bytes };
};

const dayOf = (time: number): number => Math.floor(time / DAY_MS);

/** What a message weighs beside its event, in bytes, with room to spare. */
const ENVELOPE_BYTES = 500;

/** Within the queue's limits. */
const batchesOf = (pending: readonly Pending[]): Pending[][] =>
  partsBySize(
    pending,
    MAX_BATCH_BYTES,
    ({ bytes }) => ENVELOPE_BYTES + (bytes <= MAX_INLINE_EVENT_BYTES ? bytes : 0),
    MAX_BATCH_MESSAGES,
  );

const logFailure = (outbox: OutboxAddress, events: number, error: unknown): void =>
  console.error(JSON.stringify({ at: "outbox.send", ...outbox, events, message: String(error) }));
