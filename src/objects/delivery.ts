// One outgoing webhook. Owns its request (sealed: it may hold credentials), its log, and the time of its next attempt. Invariants: the request and
// the alarm commit before the first attempt; an attempt is written down before it leaves, so that one found begun after a restart is of unknown
// outcome and is sent again under the same key, never forgotten; the database is told until it knows; what is over goes by itself.
import { DurableObject } from "cloudflare:workers";
import { databaseOf } from "../domain/database.ts";
import {
  attemptOf,
  bodyOf,
  type DeliveryAnswer,
  type DeliveryAttempt,
  type DeliveryRequest,
  type Delivery as DeliveryState,
  KEPT_MS,
  lostAttempt,
  retryAfterOf,
  withAttempt,
} from "../domain/delivery/delivery.ts";
import { forgetDelivery, tellDelivery } from "../domain/delivery/log.ts";
import { signedHeaders } from "../domain/delivery/signing-secret.ts";
import { sealSecrets } from "../domain/identity/seal-secrets.ts";
import type { DeliveryOrder, SentOrder } from "../domain/ports.ts";
import type { Env } from "../env.ts";
import { guardedFetch } from "../lib/egress.ts";
import { Alarm } from "./alarm.ts";
import { configured } from "./configured.ts";
import { egressRules } from "./outside.ts";
import type { DeliveryRpc } from "./rpc.ts";

/** PERSISTED CONTRACT. `begun`: an attempt that has left and has not come back. `audit`: until the database has it. */
type Kept = {
  delivery: DeliveryState;
  sealed: string;
  hops: number;
  audit?: DeliveryOrder["audit"];
  begun: Pick<DeliveryAttempt, "attempt" | "startedAt"> | null;
  isTold: boolean;
};

/** The alarm looks after an attempt that should be long over. */
const GRACE_MS = 10_000;
/** What could not be done is done again so much later, the longer it cannot the rarer. */
const AGAIN_MS = 5_000;
const LONGEST_AGAIN_MS = 600_000;

const fieldOf = ({ id }: DeliveryState): string => `delivery:${id}`;

export class Delivery extends DurableObject<Env> implements DeliveryRpc {
  readonly #alarm: Alarm;
  #kept: Kept | undefined;
  /** The attempt of this life that is under way. */
  #running: Promise<void> | null = null;
  #answer: DeliveryAnswer | null = null;
  /** Those who wait for its end, and until when (epoch ms). */
  readonly #waiters = new Map<() => void, number>();

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#alarm = new Alarm(context);
    this.#kept = context.storage.kv.get<Kept>("delivery");
  }

  async send({ delivery, request, hops, audit }: DeliveryOrder, waitMs: number): Promise<SentOrder> {
    if (!this.#kept) {
      const sealed = await this.#secrets().encrypt(delivery.organizationId, fieldOf(delivery), JSON.stringify(request));
      // Sent twice at once, it is sent once.
      if (!this.#kept) {
        this.#keep({ delivery, sealed, hops, audit, begun: null, isTold: false });
        this.#alarm.wakeBy(Date.now() + GRACE_MS);
        this.ctx.waitUntil(this.#tell());
        this.ctx.waitUntil(this.#attempt());
      }
    }
    await this.#end(waitMs);
    return { delivery: this.#kept!.delivery, answer: this.#answer };
  }

  async request(organizationId: string): Promise<{ request: DeliveryRequest; hops: number } | null> {
    if (this.#kept?.delivery.organizationId !== organizationId) return null;
    return { request: await this.#open(this.#kept), hops: this.#kept.hops };
  }

  poke(): Promise<void> {
    return this.alarm();
  }

  override async alarm(): Promise<void> {
    await this.#alarm.handle("delivery", async () => {
      if (!this.#kept) return null;
      const { delivery } = this.#kept;
      const now = Date.now();
      if (delivery.completedAt !== null && delivery.completedAt + KEPT_MS <= now) {
        await forgetDelivery(databaseOf(this.env.DB), delivery);
        await this.ctx.storage.deleteAll();
        this.#kept = undefined;
        return null;
      }
      if (delivery.nextAttemptAt !== null && delivery.nextAttemptAt <= now) await this.#attempt();
      if (!this.#kept.isTold) await this.#tell();
      return this.#wakeAt();
    });
  }

  #wakeAt(): number {
    const { delivery, isTold } = this.#kept!;
    const now = Date.now();
    const { completedAt, nextAttemptAt } = delivery;
    const next = completedAt === null ? (nextAttemptAt ?? now) : completedAt + KEPT_MS;
    // One that is due and could not be made, because the database is away, is tried again, and not at once.
    const again = now + Math.min(Math.max(AGAIN_MS, (now - next) / 4), LONGEST_AGAIN_MS);
    const wanted = next <= now ? again : next;
    return isTold ? wanted : Math.min(wanted, now + AGAIN_MS);
  }

  /** One at a time. Never throws. */
  #attempt(): Promise<void> {
    this.#running ??= this.#try()
      .catch((error) => console.error(JSON.stringify({ at: "delivery.attempt", message: String(error) })))
      .finally(() => {
        this.#running = null;
      });
    return this.#running;
  }

  async #try(): Promise<void> {
    const kept = this.#kept!;
    const request = await this.#open(kept);
    if (kept.begun) {
      this.#conclude(kept, request, lostAttempt(kept.begun, Date.now()), 0);
      return this.#tell();
    }
    const { delivery } = kept;
    const world = { db: databaseOf(this.env.DB), secrets: this.#secrets(), now: () => Date.now() };
    const { messageId, organizationId } = delivery;
    const signature = await signedHeaders(world, organizationId, { messageId, body: request.body ?? "" });
    const begun = { attempt: delivery.attempts.length + 1, startedAt: Date.now() };
    // Before it leaves: the output gate holds the request back until this is durable.
    this.#keep({ ...kept, begun });
    this.#alarm.wakeBy(begun.startedAt + request.timeoutMs + GRACE_MS);
    const answer = await guardedFetch(
      {
        url: request.url,
        method: request.method,
        headers: headersOf(request, messageId, signature),
        ...(request.body !== null && { body: request.body }),
        hops: kept.hops,
      },
      { ...egressRules(configured(this.env)), timeoutMs: request.timeoutMs },
      (input, init) => fetch(input, init),
    );
    this.#answer = answer.ok ? { status: answer.status, body: bodyOf(answer) } : null;
    this.#conclude(this.#kept!, request, attemptOf(begun, request, answer, Date.now()), retryAfterOf(answer));
    await this.#tell();
  }

  #conclude(kept: Kept, { retry }: DeliveryRequest, attempt: DeliveryAttempt, retryAfterMs: number): void {
    const delivery = withAttempt(kept.delivery, attempt, retry, retryAfterMs, Date.now());
    this.#keep({ ...kept, delivery, begun: null, isTold: false });
    this.#alarm.wakeBy(this.#wakeAt());
    const next = delivery.completedAt === null ? (delivery.nextAttemptAt ?? 0) : Number.POSITIVE_INFINITY;
    for (const [wake, until] of this.#waiters) if (next > until) wake();
  }

  /** What cannot be told now is told by the alarm. */
  async #tell(): Promise<void> {
    const kept = this.#kept!;
    try {
      await tellDelivery(databaseOf(this.env.DB), kept.delivery, kept.audit);
      const { audit: _, ...rest } = this.#kept!;
      this.#keep({ ...rest, isTold: rest.isTold || this.#kept === kept });
    } catch (error) {
      console.error(JSON.stringify({ at: "delivery.tell", delivery: kept.delivery.id, message: String(error) }));
    }
  }

  /** Resolves at the end, after `waitMs`, or as soon as the next attempt is later than that. */
  #end(waitMs: number): Promise<void> {
    if (this.#kept!.delivery.completedAt !== null) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.set(resolve, Date.now() + waitMs);
    const timer = setTimeout(resolve, waitMs);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#waiters.delete(resolve);
    });
  }

  async #open({ delivery, sealed }: Kept): Promise<DeliveryRequest> {
    return JSON.parse(await this.#secrets().decrypt(delivery.organizationId, fieldOf(delivery), sealed));
  }

  #secrets() {
    return sealSecrets(configured(this.env).encryptionKeys);
  }

  #keep(kept: Kept): void {
    this.#kept = kept;
    this.ctx.storage.kv.put("delivery", kept);
  }
}

/** Users' own, under their spelling, and ours, which win. */
const headersOf = (
  { headers, body }: DeliveryRequest,
  messageId: string,
  signature: { [name: string]: string },
): { [name: string]: string } => {
  const all = new Headers({ "user-agent": "Signalbox", "idempotency-key": messageId });
  if (body !== null) all.set("content-type", "application/json");
  for (const [name, value] of Object.entries({ ...headers, ...signature })) all.set(name, value);
  return Object.fromEntries(all);
};
