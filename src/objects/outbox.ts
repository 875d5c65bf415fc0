// Accepted events that are not processed yet: the transactional outbox that Inbox, Webhook, Contact and Schedule share.
// Owns the tables `pending` (the events) and `seen` (dedupe keys, kept for SEEN_MS).
// Invariants: an event is durable before `accept` is answered; a dedupe key leads to one event; an event leaves `pending` only by
// acknowledgement; whatever is pending is sent again until then. That it was sent is memory only: a restart sends it again, and the
// consumer knows it by its id.
import { DomainError } from "../domain/errors.ts";
import type { StreamEvent } from "../domain/event.ts";
import {
  type EventMessage,
  MAX_BATCH_BYTES,
  MAX_BATCH_MESSAGES,
  MAX_INLINE_EVENT_BYTES,
  type OutboxAddress,
} from "../queue/catalogue.ts";

export const SEEN_MS = 7 * 86_400_000;
export const RESEND_FIRST_MS = 10_000;
const RESEND_LONGEST_MS = 300_000;
/** Old keys are looked for this often: it reads them all. */
const PURGE_EVERY_MS = 86_400_000;
/** Rows that one wake looks at. */
const SWEEP = 1_000;
/** Beyond it nothing more is accepted: the memory of what was sent stays bounded, and the sender learns that we are behind. */
const MAX_PENDING = 100_000;

/** `occurredAt`, `acceptedAt`: of the event that stands, the first one when this is a duplicate. */
export type Accepted = { eventId: string; occurredAt: number; acceptedAt: number; duplicate: boolean };

type Pending = { id: string; event: StreamEvent; bytes: number; acceptedAt: number };

export class Outbox {
  readonly #sql: SqlStorage;
  readonly #queue: Queue;
  readonly #address: OutboxAddress;
  #open: boolean;
  /** Events in `pending`. */
  #count = 0;
  /** Accepted in this life and not sent yet. */
  readonly #unsent = new Map<string, Pending>();
  /** What this life has sent of `pending`. */
  readonly #sent = new Map<string, { at: number; times: number }>();
  #flushing: Promise<void> | null = null;
  #purgedAt = 0;

  /** Creates nothing: an object that was only asked keeps no storage. */
  constructor(sql: SqlStorage, queue: Queue, address: OutboxAddress) {
    this.#sql = sql;
    this.#queue = queue;
    this.#address = address;
    this.#open = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'pending'").toArray().length > 0;
    if (this.#open) this.#count = sql.exec<{ n: number }>("SELECT count(*) AS n FROM pending").one().n;
  }

  /** The event that a dedupe key led to. */
  find(dedupeKey: string): Accepted | undefined {
    if (!this.#open) return undefined;
    return this.#first(
      "SELECT event_id AS eventId, occurred_at AS occurredAt, accepted_at AS acceptedAt FROM seen WHERE key = ?",
      dedupeKey,
    );
  }

  /** Synchronous, so that it commits with the caller's other writes: its alarm (RESEND_FIRST_MS from now) among them. `flush` after it. */
  accept(event: StreamEvent, dedupeKey: string | undefined, now: number): Accepted {
    this.#create();
    const first = dedupeKey === undefined ? this.#pendingOf(event.id) : this.find(dedupeKey);
    if (first) return first;
    if (this.#count >= MAX_PENDING) {
      throw new DomainError("unavailable", "Too many events wait to be processed", { retryAfterSeconds: 10 });
    }
    const text = JSON.stringify(event);
    this.#sql.exec("INSERT INTO pending (id, event, accepted_at) VALUES (?, ?, ?)", event.id, text, now);
    if (dedupeKey !== undefined) {
      this.#sql.exec(
        "INSERT INTO seen (key, event_id, occurred_at, accepted_at) VALUES (?, ?, ?, ?)",
        dedupeKey,
        event.id,
        event.occurredAt,
        now,
      );
    }
    this.#count++;
    this.#unsent.set(event.id, { id: event.id, event, bytes: Buffer.byteLength(text), acceptedAt: now });
    return { eventId: event.id, occurredAt: event.occurredAt, acceptedAt: now, duplicate: false };
  }

  /** Sends what this life has accepted and not sent. One at a time: what comes meanwhile goes together. Never throws. */
  flush(): Promise<void> {
    this.#flushing ??= this.#drain().finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  /** One wake: sends again what is overdue, forgets old keys. Answers when it wants the next (epoch ms), or null. */
  async sweep(now: number): Promise<number | null> {
    if (!this.#open) return null;
    this.#purge(now);
    await this.#send(this.#stored().filter((one) => this.#dueOf(one) <= now));
    if (this.#count === 0) return this.#anySeen() ? now + PURGE_EVERY_MS : null;
    return this.#stored().reduce((due, one) => Math.min(due, this.#dueOf(one)), now + RESEND_LONGEST_MS);
  }

  /** Sends everything again, whenever it was sent before. */
  async resend(): Promise<void> {
    if (this.#open) await this.#send(this.#stored());
  }

  take(ids: readonly string[]): StreamEvent[] {
    return this.#stored(ids).map((one) => one.event);
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
  }

  async #drain(): Promise<void> {
    while (this.#unsent.size > 0) {
      const all = [...this.#unsent.values()];
      this.#unsent.clear();
      await this.#send(all);
    }
  }

  /** What cannot be sent stays pending, and the alarm sends it again. */
  async #send(pending: readonly Pending[]): Promise<void> {
    const at = Date.now();
    for (const { id } of pending) this.#sent.set(id, { at, times: (this.#sent.get(id)?.times ?? 0) + 1 });
    await Promise.all(
      batchesOf(pending).map((batch) =>
        this.#queue
          .sendBatch(batch.map((one) => ({ body: this.#messageOf(one), contentType: "json" })))
          .catch((error) => logFailure(this.#address, batch.length, error)),
      ),
    );
  }

  #messageOf({ id, event, bytes, acceptedAt }: Pending): EventMessage {
    const { organizationId } = event;
    const head = { id, organizationId, outbox: this.#address, acceptedAt };
    return bytes <= MAX_INLINE_EVENT_BYTES ? { ...head, event } : head;
  }

  #dueOf({ id, acceptedAt }: Pending): number {
    const sent = this.#sent.get(id);
    if (sent) return sent.at + Math.min(RESEND_FIRST_MS * 2 ** (sent.times - 1), RESEND_LONGEST_MS);
    return this.#unsent.has(id) ? acceptedAt + RESEND_FIRST_MS : acceptedAt;
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

  #stored(ids?: readonly string[]): Pending[] {
    if (!this.#open) return [];
    const wanted = ids === undefined ? "" : "WHERE id IN (SELECT value FROM json_each(?))";
    return this.#sql
      .exec<{ id: string; event: string; accepted_at: number }>(
        `SELECT id, event, accepted_at FROM pending ${wanted} ORDER BY id LIMIT ${SWEEP}`,
        ...(ids === undefined ? [] : [JSON.stringify(ids)]),
      )
      .toArray()
      .map((row) => ({
        id: row.id,
        event: JSON.parse(row.event) as StreamEvent,
        bytes: Buffer.byteLength(row.event),
        acceptedAt: row.accepted_at,
      }));
  }

  #purge(now: number): void {
    if (now - this.#purgedAt < PURGE_EVERY_MS) return;
    this.#purgedAt = now;
    this.#sql.exec("DELETE FROM seen WHERE accepted_at < ?", now - SEEN_MS);
  }

  #anySeen(): boolean {
    return this.#sql.exec("SELECT 1 FROM seen LIMIT 1").toArray().length > 0;
  }

  #create(): void {
    if (this.#open) return;
    this.#sql.exec(`
      CREATE TABLE pending (id TEXT PRIMARY KEY, event TEXT NOT NULL, accepted_at INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE seen (
        key TEXT PRIMARY KEY, event_id TEXT NOT NULL, occurred_at INTEGER NOT NULL, accepted_at INTEGER NOT NULL
      ) WITHOUT ROWID;
    `);
    this.#open = true;
  }
}

/** What a message weighs beside its event, in bytes, with room to spare. */
const ENVELOPE_BYTES = 500;

/** As few batches as the queue's limits allow, in order. */
const batchesOf = (pending: readonly Pending[]): Pending[][] => {
  const batches: Pending[][] = [];
  let room = 0;
  for (const one of pending) {
    const size = ENVELOPE_BYTES + (one.bytes <= MAX_INLINE_EVENT_BYTES ? one.bytes : 0);
    if (size > room || batches.at(-1)!.length === MAX_BATCH_MESSAGES) {
      batches.push([]);
      room = MAX_BATCH_BYTES;
    }
    batches.at(-1)!.push(one);
    room -= size;
  }
  return batches;
};

const logFailure = (outbox: OutboxAddress, events: number, error: unknown): void =>
  console.error(JSON.stringify({ at: "outbox.send", ...outbox, events, message: String(error) }));
