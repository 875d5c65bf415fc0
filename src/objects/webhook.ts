// One incoming webhook, judged and accepted in one call: its name is the SHA-256 of its token. Owns a copy of its settings, its sliding window,
// and an outbox (outbox.ts has the invariants). Invariants: an accepted call, its place in the window and the alarm commit together; a refused call
// writes nothing; a token that leads nowhere leaves no storage behind; the secret is open in memory only.
import { DurableObject } from "cloudflare:workers";
import type { StreamEvent } from "../domain/event.ts";
import { executionIdOf } from "../domain/execution/execution-id.ts";
import { sealSecrets } from "../domain/identity/seal-secrets.ts";
import type { WebhookRequest, WebhookSettings, WebhookVerdict } from "../domain/ports.ts";
import { type Judgement, judgeWebhook } from "../domain/webhook/judge.ts";
import { secretField, settingsOfToken } from "../domain/webhook/settings.ts";
import type { WindowState } from "../domain/webhook/sliding-window.ts";
import { tellingHeaders } from "../domain/webhook/telling-headers.ts";
import type { Env } from "../env.ts";
import { HOP_HEADER, hopsOf } from "../lib/egress.ts";
import { newId } from "../lib/ids.ts";
import { Alarm } from "./alarm.ts";
import { configured } from "./configured.ts";
import { Outbox, RESEND_FIRST_MS } from "./outbox.ts";
import type { WebhookRpc } from "./rpc.ts";

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
  #kept: Kept | undefined;
  #window: WindowState;
  /** The opened secret, with the sealed text that it was opened from. */
  #secret: { sealed: string; plain: string } | undefined;
  #absentUntil = 0;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#outbox = new Outbox(context.storage.sql, env.EVENTS, { kind: "webhook", name: context.id.name! });
    this.#alarm = new Alarm(context);
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
  }

  async receive(token: string, request: WebhookRequest): Promise<WebhookVerdict> {
    const settings = await this.#settings(token, request.now);
    if (!settings) return { kind: "refused", code: "not_found", message: "Webhook not found" };
    const secret = settings.requireSignature ? await this.#open(settings) : "";
    // No await from here to the commit: the window that is judged is the window that is written.
    const judgement = judgeWebhook(settings, secret, token, this.#window, request);
    if (judgement.kind === "refuse") return { ...judgement, kind: "refused" };
    if (judgement.kind === "challenge") return judgement;
    return this.#accept(settings, judgement, request);
  }

  async take(ids: string[]): Promise<StreamEvent[]> {
    return this.#outbox.take(ids);
  }

  async acknowledge(ids: string[]): Promise<void> {
    this.#outbox.acknowledge(ids);
  }

  override async alarm(): Promise<void> {
    await this.#alarm.handle("webhook", () => this.#outbox.sweep(Date.now()));
  }

  async #accept(
    settings: WebhookSettings,
    { data, dedupeKey, window, rateLimit }: Extract<Judgement, { kind: "accept" }>,
    request: WebhookRequest,
  ): Promise<WebhookVerdict> {
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
      target: { workflowId, nodeIds },
    };
    const accepted = this.#outbox.accept(event, dedupeKey, now);
    this.#window = window;
    this.ctx.storage.kv.put("window", window);
    if (!accepted.duplicate) {
      this.#alarm.wakeBy(Date.now() + RESEND_FIRST_MS);
      this.ctx.waitUntil(this.#outbox.flush());
    }
    const { eventId, occurredAt, acceptedAt, duplicate } = accepted;
    const executionId = await executionIdOf({ id: eventId, occurredAt }, workflowId);
    return { kind: "accepted", executionId, webhookId, workflowId, eventId, duplicate, acceptedAt, rateLimit };
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

  async #open({ organizationId, webhookId, sealedSecret }: WebhookSettings): Promise<string> {
    if (this.#secret?.sealed === sealedSecret) return this.#secret.plain;
    const secrets = sealSecrets(configured(this.env).encryptionKeys);
    const plain = await secrets.decrypt(organizationId, secretField(webhookId), sealedSecret);
    this.#secret = { sealed: sealedSecret, plain };
    return plain;
  }
}
