// The live stream of one workflow: takes what its runs tell, keeps the last of it, gives it to who listens. Exists while somebody does, and for
// WATCH_MS after, so that who was cut off finds what they missed. Owns its log (log.ts) and the workflow's row in `watches`.
// Invariants: from the first listener on, runs learn of the watch by what starts them reads; those that were under way, or began in between, are
// found in the index by a look, every LOOK_MS while somebody listens. A Feed that nobody has listened to for WATCH_MS leaves nothing behind.
import { DurableObject } from "cloudflare:workers";
import { databaseOf } from "../../domain/database.ts";
import type { FeedReport } from "../../domain/feed/fed.ts";
import { MAX_LISTENERS, MAX_ORGANIZATION_LISTENERS } from "../../domain/feed/listener.ts";
import { presentPrincipals } from "../../domain/feed/present-principals.ts";
import {
  beginWatch,
  endWatch,
  idsFrom,
  openRuns,
  readWatched,
  runsSince,
  setWatch,
  type WatchedWorkflow,
} from "../../domain/feed/watch.ts";
import type { Env } from "../../env.ts";
import { mapConcurrently } from "../../lib/map-concurrently.ts";
import { Alarm } from "../alarm.ts";
import { executionStub } from "../execution/rpc.ts";
import { type FeedRpc, type ListenRequest, STREAM } from "../rpc.ts";
import { FeedLog } from "./log.ts";
import { HEARTBEAT_MS, Streams } from "./streams.ts";

/** So long after the last listener has left, runs go on telling, in ms; also how far ahead the watch is renewed. */
export const WATCH_MS = 300_000;
/** How often it looks at what nobody tells it: other runs, the workflow, who may still listen, in ms. */
const LOOK_MS = 3_000;
/** While the database is away nobody is asked whether they may still listen; after so long, in ms, they are sent away. */
const BLIND_MS = 60_000;
/** Runs under way that are followed from the first listener on, the latest. */
const MAX_FOLLOWED = 2_000;
/** One that is not there after so many looks never came to be. */
const MAX_ASKED = 20;
/** How many of them one look asks, so that it is soon over. */
const ASKED_A_LOOK = 200;
/** Of those that have begun since, one look takes so many at a time. */
const RUNS_PAGE = 500;
const MAX_PAGES = 4;
const AT_ONCE = 16;

export class Feed extends DurableObject<Env> implements FeedRpc {
  readonly #organizationId: string;
  readonly #workflowId: string;
  readonly #log: FeedLog;
  readonly #streams: Streams;
  readonly #alarm: Alarm;
  /** Streams that are being opened. */
  #opening = 0;
  #timer: ReturnType<typeof setInterval> | null = null;
  #isLooking = false;
  #beatAt = 0;
  /** When the database last answered a look, epoch ms. */
  #seenAt = 0;
  /** Listeners that the row in `watches` names. */
  #counted = 0;
  /** Runs that were asked to tell, and those that have yet to be, with how often that was in vain: the first is asked first. */
  readonly #asked = new Set<string>();
  readonly #unasked = new Map<string, number>();
  /** Those that were under way are known. */
  #knowsOpen = false;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    [this.#organizationId, this.#workflowId] = context.id.name!.split("/") as [string, string];
    this.#log = new FeedLog(context.storage);
    this.#streams = new Streams(this.#log, this.#workflowId, () => this.#left());
    this.#alarm = new Alarm(context);
  }

  async tell(report: FeedReport): Promise<boolean> {
    const now = Date.now();
    if (!this.#log.isWatched(now)) return false;
    if (report.dropped)
      this.#log.append({ name: "gap", data: { workflowId: this.#workflowId, reason: "dropped" } }, now);
    this.#log.take(report, now);
    await this.#show();
    return true;
  }

  /** A stream, or JSON that says who is full. */
  override async fetch(request: Request): Promise<Response> {
    const { listener, lastEventId } = (await request.json()) as ListenRequest;
    if (this.#streams.size + this.#opening >= MAX_LISTENERS) return full("workflow");
    this.#opening++;
    let body: ReadableStream | null = null;
    try {
      const now = Date.now();
      this.#watch(now);
      if (await this.#isCounted(now)) body = this.#streams.open(listener, lastEventId, Date.now());
    } finally {
      this.#opening--;
      // Also for one that was refused: its count has to be taken back.
      this.#start();
    }
    return body ? new Response(body, { headers: { "Content-Type": STREAM } }) : full("organization");
  }

  override async alarm(): Promise<void> {
    await this.#alarm.handle("feed", async () => {
      const now = Date.now();
      if (now < this.#log.until) return this.#log.until;
      if (this.#streams.size + this.#opening > 0) return now + WATCH_MS;
      await endWatch(this.#db, this.#key, now);
      if (this.#log.isWatched(Date.now()) || this.#opening > 0) return Date.now() + WATCH_MS;
      await this.ctx.storage.deleteAll();
      this.#log.forget();
      this.#asked.clear();
      this.#unasked.clear();
      return null;
    });
  }

  get #db(): D1Database {
    return databaseOf(this.env.DB);
  }

  get #key() {
    return { organizationId: this.#organizationId, workflowId: this.#workflowId };
  }

  #watch(now: number): void {
    if (!this.#log.isWatched(now)) {
      this.#log.begin(now);
      this.#knowsOpen = false;
    }
    this.#log.keepUntil(now + WATCH_MS);
    this.#alarm.wakeBy(now + WATCH_MS);
  }

  /** The watch and this stream are in the database; false when the organisation has too many. */
  async #isCounted(now: number): Promise<boolean> {
    const listeners = this.#streams.size + this.#opening;
    const watch = { until: this.#log.until, listeners };
    const { ofOrganization, workflow } = await beginWatch(this.#db, this.#key, watch, now);
    this.#counted = listeners;
    this.#seenAt = now;
    this.#compare(workflow, now);
    return ofOrganization <= MAX_ORGANIZATION_LISTENERS;
  }

  /** Nothing durable hangs on this timer: with its listeners it is gone. */
  #start(): void {
    if (this.#timer !== null) return;
    this.#beatAt = Date.now();
    this.#timer = setInterval(() => this.#tick(), LOOK_MS);
    this.#tick();
  }

  #tick(): void {
    const now = Date.now();
    if (now - this.#beatAt >= HEARTBEAT_MS) {
      this.#beatAt = now;
      this.#streams.beat(now);
    }
    this.#streams.endExpired(now);
    if (this.#streams.size === 0 && this.#counted === 0) {
      clearInterval(this.#timer!);
      this.#timer = null;
      return;
    }
    if (this.#isLooking) return;
    this.#isLooking = true;
    const looked = this.#look(now)
      .then(() => {
        this.#seenAt = now;
      })
      .catch((error) => {
        console.error(JSON.stringify({ at: "feed.look", workflow: this.#workflowId, message: String(error) }));
        if (now - this.#seenAt > BLIND_MS) this.#streams.end(() => true);
      });
    this.ctx.waitUntil(
      looked.finally(() => {
        this.#isLooking = false;
      }),
    );
  }

  async #look(now: number): Promise<void> {
    const listeners = this.#streams.size + this.#opening;
    const isRenewed = this.#streams.size > 0 && this.#log.until - now < WATCH_MS / 2;
    if (isRenewed) this.#watch(now);
    if (isRenewed || listeners !== this.#counted) {
      await setWatch(this.#db, this.#key, { until: this.#log.until, listeners });
      this.#counted = listeners;
    }
    if (this.#streams.size === 0) return;
    this.#compare(await readWatched(this.#db, this.#key), now);
    await this.#sendAway();
    await this.#follow(now);
  }

  /** A change that any API has made is an event; one that is made again and again in between is one. */
  #compare(workflow: WatchedWorkflow | undefined, now: number): void {
    if (!workflow) return;
    const before = this.#log.workflow;
    const changes = before ? changesOf(before, workflow) : [];
    if (before && changes.length === 0) return;
    this.#log.workflow = workflow;
    if (!before) return;
    const { name, status, version, updatedAt } = workflow;
    const timestamp = new Date(updatedAt).toISOString();
    const data = { workflowId: this.#workflowId, name, status, version, changes, updatedAt: timestamp, timestamp };
    this.#log.append({ name: "workflow_updated", data }, now);
    this.ctx.waitUntil(this.#show());
  }

  /** Who may not see the workflow any more. */
  async #sendAway(): Promise<void> {
    const { listeners } = this.#streams;
    const present = await presentPrincipals(this.#db, this.#key, listeners);
    const gone = new Set(listeners.filter((_, index) => !present[index]).map((listener) => JSON.stringify(listener)));
    if (gone.size > 0) this.#streams.end((listener) => gone.has(JSON.stringify(listener)));
  }

  /** Runs that were not told at their start that somebody listens. */
  async #follow(now: number): Promise<void> {
    if (!this.#knowsOpen) {
      const open = await openRuns(this.#db, this.#key, MAX_FOLLOWED + 1);
      if (open.length > MAX_FOLLOWED) {
        this.#log.append({ name: "gap", data: { workflowId: this.#workflowId, reason: "too_many" } }, now);
        this.ctx.waitUntil(this.#show());
      }
      for (const id of open.slice(0, MAX_FOLLOWED)) this.#unasked.set(id, 0);
      this.#knowsOpen = true;
    }
    await this.#ask([...this.#unasked.keys()].slice(0, ASKED_A_LOOK));
    let from = this.#log.lookedTo;
    for (let page = 0; page < MAX_PAGES; page++) {
      const ids = await runsSince(this.#db, this.#key, from, RUNS_PAGE);
      await this.#ask(ids);
      if (ids.length === RUNS_PAGE) from = ids.at(-1)!;
      else {
        const recent = idsFrom(now);
        if (recent > from) from = recent;
        break;
      }
    }
    this.#log.lookedTo = from;
    if (this.#asked.size > MAX_FOLLOWED) for (const id of this.#asked) if (id < from) this.#asked.delete(id);
  }

  /** One whose object cannot be reached, or has not begun it, is asked again by the next look. */
  async #ask(ids: readonly string[]): Promise<void> {
    const unheard = this.#log.unheard(ids.filter((id) => !this.#asked.has(id)));
    const times = new Map(unheard.map((id) => [id, (this.#unasked.get(id) ?? 0) + 1]));
    for (const id of ids) this.#unasked.delete(id);
    await mapConcurrently(unheard, AT_ONCE, async (id) => {
      const isThere = await executionStub(this.env, id)
        .watch(this.#organizationId, this.#log.since)
        .catch(() => false);
      if (isThere || times.get(id)! >= MAX_ASKED) this.#asked.add(id);
      else if (this.#unasked.size < MAX_FOLLOWED) this.#unasked.set(id, times.get(id)!);
    });
  }

  async #show(): Promise<void> {
    await this.#log.show();
    this.#streams.tell();
  }

  /** The last one's leave is written at once, so that the organisation's count is right. */
  #left(): void {
    if (this.#timer === null || this.#streams.size > 0) return;
    this.#tick();
  }
}

const full = (by: "workflow" | "organization"): Response => Response.json({ full: by });

const changesOf = (before: WatchedWorkflow, after: WatchedWorkflow): string[] => {
  const named = (["name", "status", "version"] as const).filter((field) => before[field] !== after[field]);
  return named.length > 0 || before.updatedAt === after.updatedAt ? named : ["content"];
};
