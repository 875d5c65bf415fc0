// The worker over bindings that count. Objects are the real classes over their real storage, D1 is real; the queues keep what they are sent
// until the test delivers it, so that the test decides what a batch is.
import { createExecutionContext, createMessageBatch, runInDurableObject } from "cloudflare:test";
import type { Env } from "../../src/env.ts";
import { newId } from "../../src/lib/ids.ts";
import worker, * as classes from "../../src/worker.ts";
import { testEnv } from "../fixtures/identity.ts";

const OBJECTS = {
  EXECUTION: "Execution",
  INBOX: "Inbox",
  WEBHOOK: "Webhook",
  CONTACT: "Contact",
  SCHEDULE: "Schedule",
  CAMPAIGN: "Campaign",
  LIMITER: "Limiter",
  PACER: "Pacer",
  SWEEPER: "Sweeper",
  DISPATCHER: "Dispatcher",
  FEED: "Feed",
} as const;
type Binding = keyof typeof OBJECTS;

export type Counts = {
  /** Calls of objects, as `WEBHOOK.receive`. */
  calls: Record<string, number>;
  /** Messages by queue. */
  messages: Record<string, number>;
  /** Round trips to D1, and statements in them. */
  d1: { requests: number; statements: number; rowsRead: number; rowsWritten: number };
  /** Times that an object's writes became durable, by binding: what is written in one turn is one commit. */
  commits: Record<string, number>;
  /** SQL statements and alarms that objects wrote, by binding. */
  sql: Record<string, number>;
  alarms: Record<string, number>;
};

const none = (): Counts => ({
  calls: {},
  messages: {},
  d1: { requests: 0, statements: 0, rowsRead: 0, rowsWritten: 0 },
  commits: {},
  sql: {},
  alarms: {},
});

type Counted = D1PreparedStatement & { original: D1PreparedStatement };
type Methods = Record<string, (...args: unknown[]) => unknown>;

export class CountingWorld {
  readonly env: Env;
  #counts = none();
  readonly #queued: Record<string, unknown[]> = {};
  readonly #objects = new Map<string, object>();
  readonly #states = new Map<string, DurableObjectState>();

  constructor() {
    const namespaces = Object.fromEntries(
      Object.keys(OBJECTS).map((binding) => [binding, this.#namespace(binding as Binding)]),
    );
    this.env = {
      ...testEnv,
      ...namespaces,
      DB: this.#database(testEnv.DB),
      EVENTS: this.#queue("events"),
      PROJECTIONS: this.#queue("projections"),
    };
  }

  /** What was counted since the last time. */
  take(): Counts {
    const counts = this.#counts;
    this.#counts = none();
    return counts;
  }

  queued(queue: string): number {
    return this.#queued[queue]?.length ?? 0;
  }

  fetch(path: string, init: RequestInit): Promise<Response> {
    const request = new Request(`https://signalbox.test${path}`, init);
    return Promise.resolve(worker.fetch(request as never, this.env, createExecutionContext()));
  }

  /** All that waits in the queue, as one batch. */
  async deliver(queue: "events" | "projections"): Promise<void> {
    const bodies = this.#queued[queue] ?? [];
    this.#queued[queue] = [];
    const messages = bodies.map((body) => ({ id: newId(), timestamp: new Date(), attempts: 1, body }));
    await worker.queue(createMessageBatch(queue, messages) as MessageBatch, this.env);
  }

  /** Bytes of an object's database: whole pages. */
  async storedBytes(binding: Binding, name: string): Promise<number> {
    const namespace = testEnv[binding];
    return runInDurableObject(namespace.get(namespace.idFromName(name)), (_, state) => state.storage.sql.databaseSize);
  }

  #namespace(binding: Binding): DurableObjectNamespace {
    const namespace = testEnv[binding];
    return {
      idFromName: (name: string) => namespace.idFromName(name),
      get: (id: DurableObjectId) =>
        new Proxy({} as Methods, {
          get: (_, method: string) =>
            method === "then"
              ? undefined
              : (...args: unknown[]) => {
                  add(this.#counts.calls, `${binding}.${method}`);
                  return runInDurableObject(namespace.get(id), (_instance, state) =>
                    (this.#object(binding, state) as Methods)[method]!(...structuredClone(args)),
                  );
                },
        }),
    } as unknown as DurableObjectNamespace;
  }

  /** Our own instance over the object's real state: with bindings that count, and a storage that does. */
  #object(binding: Binding, state: DurableObjectState): object {
    const id = `${binding}/${state.id}`;
    const known = this.#objects.get(id);
    if (known && this.#states.get(id) === state) return known;
    Object.defineProperty(state, "storage", { value: this.#storage(binding, state.storage), configurable: true });
    const Class = classes[OBJECTS[binding]] as unknown as new (state: DurableObjectState, env: Env) => object;
    const made = new Class(state, this.env);
    this.#objects.set(id, made);
    this.#states.set(id, state);
    return made;
  }

  #storage(binding: Binding, storage: DurableObjectStorage): DurableObjectStorage {
    let isCommitting = false;
    const wrote = () => {
      if (isCommitting) return;
      isCommitting = true;
      add(this.#counts.commits, binding);
      void storage.sync().then(() => {
        isCommitting = false;
      });
    };
    const sql = watched(storage.sql, {
      exec: (query: string) => {
        add(this.#counts.sql, binding);
        if (!/^\s*SELECT/i.test(query)) wrote();
      },
    });
    const kv = watched(storage.kv, { put: wrote, delete: wrote });
    const noteAlarm = () => {
      add(this.#counts.alarms, binding);
      wrote();
    };
    return watched(storage, { setAlarm: noteAlarm, deleteAlarm: noteAlarm, deleteAll: wrote }, { sql, kv });
  }

  #queue(name: string): Queue {
    const put = (bodies: unknown[]) => {
      add(this.#counts.messages, name, bodies.length);
      this.#queued[name] = [...(this.#queued[name] ?? []), ...structuredClone(bodies)];
    };
    return {
      send: async (body: unknown) => put([body]),
      sendBatch: async (batch: Iterable<{ body: unknown }>) => put([...batch].map(({ body }) => body)),
    } as unknown as Queue;
  }

  #database(db: D1Database): D1Database {
    const note = <T>(results: D1Result<T>[]): D1Result<T>[] => {
      this.#counts.d1.requests++;
      for (const { meta } of results) {
        this.#counts.d1.statements++;
        this.#counts.d1.rowsRead += meta.rows_read;
        this.#counts.d1.rowsWritten += meta.rows_written;
      }
      return results;
    };
    const all = async <T>(original: D1PreparedStatement) => note([await original.all<T>()])[0]!;
    const statement = (original: D1PreparedStatement): Counted =>
      ({
        original,
        bind: (...values: unknown[]) => statement(original.bind(...values)),
        all: () => all(original),
        run: () => all(original),
        // Columns in order; the same as the platform's as long as no two of them have one name.
        raw: async () => (await all<Record<string, unknown>>(original)).results.map((row) => Object.values(row)),
        first: async (column?: string) => {
          const [row] = (await all<Record<string, unknown>>(original)).results;
          return row === undefined ? null : column === undefined ? row : row[column];
        },
      }) as unknown as Counted;
    return {
      prepare: (query: string) => statement(db.prepare(query)),
      batch: async (statements: Counted[]) => note(await db.batch(statements.map(({ original }) => original))),
    } as unknown as D1Database;
  }
}

const add = (counts: Record<string, number>, name: string, by = 1): void => {
  counts[name] = (counts[name] ?? 0) + by;
};

/** The same object, its methods told of before they run, and some of its properties replaced. */
const watched = <T extends object>(
  object: T,
  before: Record<string, (...args: never[]) => void>,
  replaced: Partial<T> = {},
): T =>
  new Proxy(object, {
    get: (_, name: string) => {
      if (name in replaced) return replaced[name as keyof T];
      const value = object[name as keyof T];
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        before[name]?.(...(args as never[]));
        return value.apply(object, args);
      };
    },
  });
