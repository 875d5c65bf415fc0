// One incoming webhook, judged and accepted in one call: its name is the SHA-256 of its token. Owns a copy of its settings, its sliding window, and
// an outbox (outbox.ts has the invariants). Invariants: an accepted call, its place in the window and the alarm commit together; a refused call
// writes nothing (webhook-counter.ts: but its counts, now and then); a token that leads nowhere leaves no storage behind; the secret is open in
// memory only.
import { DurableObject } from "cloudflare:workers";
import { databaseOf } from "../domain/database.ts";
import type { StreamEvent } from "../domain/event.ts";
import { executionIdOf } from "../domain/execution/execution-id.ts";
import { sealSecrets } from "../domain/identity/seal-secrets.ts";
import type {
  EndpointSettings,
  RateLimit,
  WebhookCaller,
  WebhookOutcome,
  WebhookRequest,
  WebhookSettings,
  WebhookVerdict,
} from "../domain/ports.ts";
import { passes } from "../domain/webhook/filter.ts";
import { admitCall, contentOfCall, countCall, type Refusal, refuseCaller, windowOf } from "../domain/webhook/judge.ts";
import { secretField, settingsOfToken } from "../domain/webhook/settings.ts";
import type { WindowState } from "../domain/webhook/sliding-window.ts";
import type { WebhookCounts } from "../domain/webhook/tally.ts";
import { tellingHeaders } from "../domain/webhook/telling-headers.ts";
import { type Started, wouldStart } from "../domain/webhook/would-start.ts";
import type { Env } from "../env.ts";
import { HOP_HEADER, hopsOf } from "../lib/egress.ts";
import { newId } from "../lib/ids.ts";
import type { Json, JsonObject } from "../lib/json.ts";
import { runJsonata } from "../sandbox/jsonata.ts";
import { Alarm } from "./alarm.ts";
import { configured } from "./configured.ts";
import { Outbox, RESEND_FIRST_MS } from "./outbox.ts";
import type { WebhookRpc } from "./rpc.ts";
import { WebhookCounter } from "./webhook-counter.ts";

/** PERSISTED CONTRACT. `at`: when the database last said so. */
type Kept = { settings: WebhookSettings; at: number };

/** As headers arrive here. */
const HOP_NAME = HOP_HEADER.toLowerCase();
/** A push that got lost is made good within this time, after an answer and not before it. */
const REFRESH_MS = 600_000;
/** An unknown token is asked for this rarely. */
const ABSENT_MS = 10_000;

export class Webhook extends DurableObject<Env> implements WebhookRpc {
  readonly #outbox: Outbox;
  readonly #alarm: Alarm;
  readonly #counter: WebhookCounter;
  #kept: Kept | undefined;
  #window: WindowState;
  /** Opened secrets, by the sealed texts that they were opened from. */
  #secrets = new Map<string, string>();
  #absentUntil = 0;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#outbox = new Outbox(context.storage.sql, env.EVENTS, { kind: "webhook", name: context.id.name! });
    this.#alarm = new Alarm(context);
    this.#counter = new WebhookCounter(context.storage);
    this.#kept = context.storage.kv.get<Kept>("settings");
    this.#window = context.storage.kv.get<WindowState>("window") ?? [];
  }

  async configure(settings: WebhookSettings): Promise<void> {
    this.#keep(settings, Date.now());
  }

  /** What was accepted is still processed. */
  async forget(): Promise<void> {
    this.#kept = undefined;
    this.#window = [];
    this.ctx.storage.kv.delete("settings");
    this.ctx.storage.kv.delete("window");
    this.#counter.forget();
  }

  async receive(token: string, request: WebhookRequest): Promise<WebhookVerdict> {
    const settings = await this.#settings(token, request.now);
    if (!settings) return { kind: "refused", code: "not_found", message: "Webhook not found" };
    const { clientAddress, headers } = request;
    const refusal = refuseCaller(settings, { clientAddress, origin: headers.origin });
    if (refusal) return this.#refuse(settings, refusal, request.now);
    const outcome = await this.#hear(settings, token, request);
    return settings.endpoint ? { ...outcome, pageMayRead: true } : outcome;
  }

  async welcomes(token: string, caller: WebhookCaller, now: number): Promise<boolean> {
    const settings = await this.#settings(token, now);
    return settings?.endpoint !== undefined && refuseCaller(settings, caller) === undefined;
  }

  /** A call of somebody who may call. */
  async #hear(settings: WebhookSettings, token: string, request: WebhookRequest): Promise<WebhookOutcome> {
    const secrets = settings.requireSignature ? await this.#open(settings, request.now) : [];
    const admission = admitCall(settings, secrets, token, request);
    if (admission.kind === "refuse") return this.#refuse(settings, admission, request.now);
    if (admission.kind === "challenge") return admission;
    // No await from here to the commit: the window that is judged is the window that is written.
    const counted = countCall(settings, this.#window, request.now);
    if (counted.kind === "refuse") return this.#refuse(settings, counted, request.now);
    this.#window = counted.window;
    this.ctx.storage.kv.put("window", counted.window);
    const { payload } = admission;
    const made = settings.endpoint ? make(settings.endpoint, payload, request.now) : { kind: "made" as const, payload };
    if (made.kind === "refuse") return this.#refuse(settings, { ...made, rateLimit: counted.rateLimit }, request.now);
    if (made.kind === "filtered") {
      this.#count(settings, "filtered", request.now);
      return { kind: "filtered", rateLimit: counted.rateLimit };
    }
    return this.#accept(settings, { ...contentOfCall(settings, request, payload, made.payload), ...counted }, request);
  }

  async counts(): Promise<WebhookCounts | null> {
    return this.#kept?.settings.endpoint ? this.#counter.counts : null;
  }

  async take(ids: string[]): Promise<StreamEvent[]> {
    return this.#outbox.take(ids);
  }

  async acknowledge(ids: string[]): Promise<void> {
    this.#outbox.acknowledge(ids);
  }

  override async alarm(): Promise<void> {
    await this.#alarm.handle("webhook", async () => {
      const now = Date.now();
      const told = await this.#counter.tell(databaseOf(this.env.DB), this.#kept?.settings, now);
      const wants = [told, await this.#outbox.sweep(now)].filter((at) => at !== null);
      return wants.length > 0 ? Math.min(...wants) : null;
    });
  }

  #refuse(settings: WebhookSettings, refusal: Refusal, now: number): WebhookOutcome {
    if (settings.endpoint) this.#alarm.wakeBy(this.#counter.count(refusal, now));
    const { reason: _, ...rest } = refusal;
    const standing = settings.endpoint ? { rateLimit: windowOf(settings, this.#window, now) } : {};
    return { ...standing, ...rest, kind: "refused" };
  }

  #count(settings: WebhookSettings, result: "accepted" | "duplicates" | "filtered", now: number): void {
    if (!settings.endpoint) return;
    this.#alarm.wakeBy(this.#counter.count(result, now));
    this.#counter.keep();
  }

  async #accept(
    settings: WebhookSettings,
    { data, dedupeKey, rateLimit }: { data: JsonObject; dedupeKey: string | undefined; rateLimit: RateLimit },
    request: WebhookRequest,
  ): Promise<WebhookOutcome> {
    const { webhookId, workflowId, organizationId, nodeIds } = settings;
    const { now } = request;
    const event: StreamEvent = {
      id: newId(now),
      organizationId,
      type: "WEBHOOK_RECEIVED",
      source: `webhook:${webhookId}`,
      data,
      headers: tellingHeaders(request.headers),
      occurredAt: now,
      depth: hopsOf(request.headers[HOP_NAME]),
      ...(workflowId !== "" && { target: { workflowId, nodeIds } }),
    };
    const accepted = this.#outbox.accept(event, dedupeKey, now);
    this.#count(settings, accepted.duplicate ? "duplicates" : "accepted", now);
    if (!accepted.duplicate) {
      this.#alarm.wakeBy(Date.now() + RESEND_FIRST_MS);
      this.ctx.waitUntil(this.#outbox.flush());
    }
    const { eventId, occurredAt, acceptedAt, duplicate } = accepted;
    const executionId = workflowId === "" ? "" : await executionIdOf({ id: eventId, occurredAt }, workflowId);
    const started = settings.endpoint
      ? await this.#started({ ...event, id: eventId, occurredAt }, settings.endpoint, now)
      : [];
    return { kind: "accepted", executionId, webhookId, workflowId, eventId, duplicate, acceptedAt, rateLimit, started };
  }

  /** What is accepted is answered as such: of listeners that cannot be judged here, such as those of another release, nothing is said. */
  async #started(event: StreamEvent, { listeners }: EndpointSettings, now: number): Promise<Started[]> {
    try {
      return (await wouldStart(event, listeners, now)).started;
    } catch (error) {
      console.error(JSON.stringify({ at: "webhook.started", source: event.source, message: String(error) }));
      return [];
    }
  }

  async #settings(token: string, now: number): Promise<WebhookSettings | undefined> {
    if (this.#kept) {
      if (now - this.#kept.at > REFRESH_MS) this.ctx.waitUntil(this.#refresh(token, now));
      return this.#kept.settings;
    }
    if (now < this.#absentUntil) return undefined;
    const found = await settingsOfToken(this.env.DB, token);
    // Configured while the database was asked: that is newer.
    if (this.#kept) return (this.#kept as Kept).settings;
    if (!found) {
      this.#absentUntil = now + ABSENT_MS;
      return undefined;
    }
    this.#keep(found, now);
    return found;
  }

  async #refresh(token: string, now: number): Promise<void> {
    const before = this.#kept;
    if (!before) return;
    // Once, whoever calls meanwhile.
    this.#kept = { ...before, at: now };
    try {
      const found = await settingsOfToken(this.env.DB, token);
      if (this.#kept?.settings !== before.settings) return;
      if (found) this.#keep(found, now);
      else await this.forget();
    } catch (error) {
      console.error(
        JSON.stringify({ at: "webhook.refresh", webhook: before.settings.webhookId, message: String(error) }),
      );
    }
  }

  #keep(settings: WebhookSettings, at: number): void {
    this.#kept = { settings, at };
    this.#absentUntil = 0;
    this.ctx.storage.kv.put("settings", this.#kept);
  }

  /** Those that are good now. */
  async #open({ organizationId, webhookId, sealedSecret, endpoint }: WebhookSettings, now: number): Promise<string[]> {
    const previous = endpoint?.previous && endpoint.previous.until > now ? [endpoint.previous.sealedSecret] : [];
    const sealed = [sealedSecret, ...previous];
    if (!sealed.every((one) => this.#secrets.has(one))) {
      const secrets = sealSecrets(configured(this.env).encryptionKeys);
      const opened = sealed.map(async (one): Promise<[string, string]> => {
        return [one, await secrets.decrypt(organizationId, secretField(webhookId), one)];
      });
      this.#secrets = new Map(await Promise.all(opened));
    }
    return sealed.map((one) => this.#secrets.get(one)!);
  }
}

type Made = { kind: "made"; payload: Json } | { kind: "filtered" } | Refusal;

/** What the endpoint's own filters and transform make of a payload. Its sender is not told what is in them. */
const make = ({ filters, transform }: EndpointSettings, payload: Json, now: number): Made => {
  if (!passes(filters, payload, now).passes) return { kind: "filtered" };
  if (transform === null) return { kind: "made", payload };
  const outcome = runJsonata(transform, payload, now);
  if (outcome.ok) return { kind: "made", payload: outcome.value };
  return {
    kind: "refuse",
    reason: "transform_failed",
    code: "impossible",
    message: "The webhook's transform could not make an event of this payload",
  };
};
