// The event stream by itself: real outboxes and the real consumer over a real schema; the queue, the runs' objects and the limiter are stand-ins. The
// queue is a list that is delivered a batch at a time, so that delay is counted in batches. Everything that is called is a place to die at.
import type { StreamEvent } from "../../src/domain/event.ts";
import type { StartRequest } from "../../src/domain/ports.ts";
import type { Env } from "../../src/env.ts";
import { newId } from "../../src/lib/ids.ts";
import { Outbox } from "../../src/objects/outbox.ts";
import { inboxName } from "../../src/objects/rpc.ts";
import { type EventMessage, MAX_BATCH_MESSAGES } from "../../src/queue/catalogue.ts";
import { consumeEvents } from "../../src/queue/events.ts";
import { LocalD1 } from "./d1.ts";
import { LiveSql } from "./sql.ts";

type Queued = { body: EventMessage; attempts: number };
type Box = { sql: LiveSql; outbox: Outbox };

export class Stream {
  readonly db = new LocalD1();
  readonly queue: Queued[] = [];
  readonly boxes = new Map<string, Box>();
  /** Events that were answered for, by id. */
  readonly accepted = new Map<string, StreamEvent>();
  /** Runs by id, with how often each was begun: an object begins once, whatever it is asked. */
  readonly runs = new Map<string, StartRequest>();
  readonly calls: string[] = [];
  /** Batches that were delivered. */
  batches = 0;
  /** The call at which the process dies, counted from 1; 0: never. */
  dieAt = 0;
  isDead = false;
  /** A workflow whose runs cannot be begun. */
  poison = "";
  /** After each batch; replaced to plant a bug. */
  onDelivered = (): void => {};
  readonly maxOnQueue: number;

  constructor(maxOnQueue: number) {
    this.maxOnQueue = maxOnQueue;
  }

  async accept(event: StreamEvent, dedupeKey?: string): Promise<{ eventId: string; duplicate: boolean }> {
    const { outbox } = this.#box(inboxName(event.organizationId, dedupeKey ?? event.id));
    const answer = outbox.accept(event, dedupeKey, event.occurredAt);
    if (!answer.duplicate) this.accepted.set(event.id, event);
    await outbox.flush();
    return answer;
  }

  /** One batch, and what the outboxes send when they hear of it. False when the queue is empty. */
  async deliver(): Promise<boolean> {
    const taken = this.queue.splice(0, MAX_BATCH_MESSAGES);
    if (taken.length === 0 || this.isDead) return false;
    this.batches++;
    const messages = taken.map((one) => this.#messageOf(one));
    const batch = { queue: "events", messages } as unknown as MessageBatch;
    // What throws comes again as a whole, as the platform does it.
    await consumeEvents(batch, this.env as unknown as Env).catch(() => {
      for (const message of messages) message.retry();
    });
    this.onDelivered();
    if (!this.isDead) await this.settle();
    return true;
  }

  /** Until nothing is left to deliver. */
  async drain(): Promise<void> {
    while (await this.deliver());
  }

  /** A SIGKILL and a new start: what is in memory is lost, the queue with it; the alarms of what is pending go off. */
  async restart(): Promise<void> {
    this.dieAt = 0;
    this.isDead = false;
    this.queue.length = 0;
    for (const [name, box] of this.boxes) box.outbox = this.#outboxOver(box.sql, name);
    await this.sweep();
  }

  async sweep(now = Date.now()): Promise<void> {
    await Promise.all([...this.boxes.values()].map(({ outbox }) => outbox.sweep(now)));
    await this.settle();
  }

  async settle(): Promise<void> {
    await Promise.all([...this.boxes.values()].map(({ outbox }) => outbox.flush()));
  }

  /** An active workflow that every event of the type starts. Answers its id. */
  async subscribe(organizationId: string, eventType: string): Promise<string> {
    const [workflowId, versionId] = [newId(), newId()];
    const graph = JSON.stringify({ nodes: {}, edges: [], variables: {} });
    const now = Date.now();
    await this.db.batch([
      this.db
        .prepare(
          `INSERT INTO workflows (org_id, id, name, authoring, status, definition, published_version_id, created_by, created_at, updated_at)
           VALUES (?1, ?2, 'Test', 'core', 'active', ?3, ?4, 'test', ?5, ?5)`,
        )
        .bind(organizationId, workflowId, graph, versionId, now),
      this.db
        .prepare(
          `INSERT INTO workflow_versions (org_id, id, workflow_id, number, definition, created_by, created_at)
           VALUES (?1, ?2, ?3, 1, ?4, 'test', ?5)`,
        )
        .bind(organizationId, versionId, workflowId, graph, now),
      this.db
        .prepare(
          `INSERT INTO subscriptions (org_id, event_type, workflow_id, version_id, node_ids, trigger_type)
           VALUES (?1, ?2, ?3, ?4, '["t"]', 'trigger_event')`,
        )
        .bind(organizationId, eventType, workflowId, versionId),
    ]);
    return workflowId;
  }

  async rows(sql: string): Promise<Record<string, unknown>[]> {
    return (await this.db.prepare(sql).all()).results;
  }

  /** Whether the stream is through with an event. */
  async isProcessed(id: string): Promise<boolean> {
    return (await this.db.prepare("SELECT outcome FROM events WHERE id = ?1").bind(id).first("outcome")) != null;
  }

  get pending(): number {
    return [...this.boxes.values()].reduce((sum, { outbox }) => sum + outbox.size, 0);
  }

  #box(name: string): Box {
    const known = this.boxes.get(name);
    if (known) return known;
    const sql = new LiveSql([], () => {});
    const box = { sql, outbox: this.#outboxOver(sql, name) };
    this.boxes.set(name, box);
    return box;
  }

  #outboxOver(sql: LiveSql, name: string): Outbox {
    const queue = this.env.EVENTS as unknown as Queue;
    return new Outbox(sql as unknown as SqlStorage, queue, { kind: "inbox", name }, this.maxOnQueue);
  }

  #messageOf({ body, attempts }: Queued): Message {
    return {
      ...{ id: body.id, timestamp: new Date(), body: structuredClone(body), attempts },
      ack: () => {},
      retry: () => void this.queue.push({ body, attempts: attempts + 1 }),
    };
  }

  /** Begins a run, once, whatever its object is asked; replaced to plant a bug. */
  start(name: string, request: StartRequest): void {
    if (request.workflowId === this.poison) throw new Error("the test says no");
    if (!this.runs.has(name)) this.runs.set(name, request);
  }

  /** A call from the consumer: the process may die before it, and does nothing any more then. */
  #called<T>(what: string, work: () => T): T {
    this.calls.push(what);
    if (this.dieAt > 0 && this.calls.length >= this.dieAt) this.isDead = true;
    if (this.isDead) throw new Error(`killed before ${what}`);
    return work();
  }

  /** Replaced in part to plant a bug. */
  readonly env = {
    DB: {
      prepare: (sql: string) => this.db.prepare(sql),
      batch: async (statements: Parameters<LocalD1["batch"]>[0]) =>
        this.#called("database", () => this.db.batch(statements)),
    },
    EVENTS: {
      sendBatch: async (messages: { body: EventMessage }[]) => {
        if (this.isDead) throw new Error("killed before sending");
        this.queue.push(...messages.map(({ body }) => ({ body: structuredClone(body), attempts: 1 })));
      },
    },
    INBOX: {
      idFromName: (name: string) => name,
      get: (name: string) => ({
        take: async (ids: string[]) => this.#called("take", () => this.#box(name).outbox.take(ids)),
        acknowledge: async (ids: string[]) =>
          this.#called("acknowledge", () => this.#box(name).outbox.acknowledge(ids)),
      }),
    },
    EXECUTION: {
      idFromName: (name: string) => name,
      get: (name: string) => ({
        start: async (request: StartRequest) =>
          this.#called("start", () => {
            this.start(name, request);
            return { status: "running", created: true, startedAt: 1 };
          }),
        deliver: async () => this.#called("deliver", () => true),
        read: async () => this.#called("read", () => (this.runs.has(name) ? {} : null)),
      }),
    },
    LIMITER: {
      idFromName: (name: string) => name,
      get: () => ({ take: async () => this.#called("limiter", () => ({ allowed: true })) }),
    },
  };
}
