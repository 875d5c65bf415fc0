// The door for events that no other object accepts: one per organisation and shard. Owns an outbox (outbox.ts has the invariants) and nothing else.
import { DurableObject } from "cloudflare:workers";
import type { StreamEvent } from "../domain/event.ts";
import type { Env } from "../env.ts";
import { Alarm } from "./alarm.ts";
import { Outbox, RESEND_FIRST_MS } from "./outbox.ts";
import { type InboxRpc, MAX_OF_INBOX } from "./rpc.ts";

export class Inbox extends DurableObject<Env> implements InboxRpc {
  readonly #outbox: Outbox;
  readonly #alarm: Alarm;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#outbox = new Outbox(context.storage.sql, env.EVENTS, { kind: "inbox", name: context.id.name! }, MAX_OF_INBOX);
    this.#alarm = new Alarm(context);
  }

  async accept(event: StreamEvent, dedupeKey?: string): Promise<{ eventId: string; duplicate: boolean }> {
    const now = Date.now();
    const { eventId, duplicate } = this.#outbox.accept(event, dedupeKey, now);
    if (!duplicate) {
      this.#alarm.wakeBy(now + RESEND_FIRST_MS);
      this.ctx.waitUntil(this.#outbox.flush());
    }
    return { eventId, duplicate };
  }

  async take(ids: string[]): Promise<StreamEvent[]> {
    return this.#outbox.take(ids);
  }

  async acknowledge(ids: string[]): Promise<void> {
    this.#outbox.acknowledge(ids);
  }

  override async alarm(): Promise<void> {
    await this.#alarm.handle("inbox", () => this.#outbox.sweep(Date.now()));
  }
}
