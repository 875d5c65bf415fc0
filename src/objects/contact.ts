// What comes from one address of a person, in order: one object an organisation and address. Owns what it knows of the contact (`known`) and an
// outbox (outbox.ts has the invariants). Invariants: one message at a time; a provider's message makes one event, however often it is delivered;
// a withdrawn consent is in the database before the provider gets its answer; the events of a message and what is known then commit together.
import { DurableObject } from "cloudflare:workers";
import { changeConsent, changeConsentOfOthers } from "../domain/contact/change-consent.ts";
import { linkIdentities } from "../domain/contact/link-identities.ts";
import {
  consentOf,
  eventsOf,
  type InboundMessage,
  type InboundReceipt,
  identityOf,
  type KnownContact,
  messageDedupeKey,
  placeOf,
} from "../domain/contact/receive.ts";
import { hasConversation, resolveContact } from "../domain/contact/resolve.ts";
import { conversationIdOf } from "../domain/conversation/conversation-id.ts";
import type { StreamEvent } from "../domain/event.ts";
import type { Env } from "../env.ts";
import { newId } from "../lib/ids.ts";
import { Alarm } from "./alarm.ts";
import { Outbox, RESEND_FIRST_MS } from "./outbox.ts";
import type { ContactRpc } from "./rpc.ts";

export class Contact extends DurableObject<Env> implements ContactRpc {
  readonly #outbox: Outbox;
  readonly #alarm: Alarm;
  #known: KnownContact | undefined;
  /** Epoch ms of the latest event, so that the next one is later. */
  #latest = 0;
  /** The end of the line that messages stand in. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#outbox = new Outbox(context.storage.sql, env.EVENTS, { kind: "contact", name: context.id.name! });
    this.#alarm = new Alarm(context);
    this.#known = context.storage.kv.get<KnownContact>("known");
  }

  async receive(inbound: InboundMessage): Promise<InboundReceipt> {
    const received = this.#turn.then(() => this.#receive(inbound));
    this.#turn = received.catch(() => undefined);
    return received;
  }

  async forget(): Promise<void> {
    const forgotten = this.#turn.then(() => this.#forget());
    this.#turn = forgotten.catch(() => undefined);
    return forgotten;
  }

  async take(ids: string[]): Promise<StreamEvent[]> {
    return this.#outbox.take(ids);
  }

  async acknowledge(ids: string[]): Promise<void> {
    this.#outbox.acknowledge(ids);
  }

  override async alarm(): Promise<void> {
    await this.#alarm.handle("contact", () => this.#outbox.sweep(Date.now()));
  }

  async #receive(inbound: InboundMessage): Promise<InboundReceipt> {
    const { organizationId, source, message } = inbound;
    const dedupeKey = messageDedupeKey(message);
    const first = this.#outbox.find(dedupeKey, Date.now());
    if (first) return { eventId: first.eventId, duplicate: true };
    let known = await this.#resolve(inbound);
    const at = Math.max(Date.now(), this.#latest + 1);
    const consent = consentOf(message, source);
    if (consent) {
      const change = () => changeConsent(this.env.DB, { organizationId, contactId: known.contactId, ...consent, at });
      if (!(await change())) {
        // The contact was deleted, and nobody could say so here: what they say must not be lost.
        this.#forget();
        known = await this.#resolve(inbound);
        await change();
      }
      const addresses = message.alsoFrom ?? [];
      await changeConsentOfOthers(this.env.DB, {
        ...{ organizationId, contactId: known.contactId, addresses },
        ...consent,
        at,
      });
    }
    known = await this.#link(inbound, known);
    const events = await eventsOf(inbound, known, at);

    // No await from here to the commit.
    const told = events.at(-1)!;
    for (const event of events) this.#outbox.accept(event, event === told ? dedupeKey : undefined, at);
    this.#latest = at;
    const channels = [...new Set([...known.channels, placeOf(inbound)])];
    if (!known.announced || channels.length > known.channels.length)
      this.#keep({ ...known, announced: true, channels });
    this.#alarm.wakeBy(Date.now() + RESEND_FIRST_MS);
    this.ctx.waitUntil(this.#outbox.flush());
    return { eventId: told.id, duplicate: false };
  }

  /** The contact, found or made at the first message, and whether they have a conversation here, at the first on its channel. */
  async #resolve(inbound: InboundMessage): Promise<KnownContact> {
    const { organizationId, message, channelId = null } = inbound;
    let known = this.#known;
    const identity = identityOf(message.from);
    if (!known) {
      // Durable before the database hears of it: after a crash the same contact is made again, and is still to be announced.
      known = { contactId: newId(), resolved: identity === undefined, announced: false, channels: [] };
      if (!identity) known = { ...known, contactId: message.from.value, announced: true };
      this.#keep(known);
    }
    if (!known.resolved && identity) {
      const { contactId, created } = await resolveContact(this.env.DB, {
        organizationId,
        identity,
        others: (message.alsoFrom ?? []).flatMap((address) => identityOf(address) ?? []),
        candidateId: known.contactId,
        name: message.profileName ?? null,
        at: Date.now(),
      });
      known = { ...known, contactId, resolved: true, announced: !created };
      this.#keep(known);
    }
    const place = placeOf(inbound);
    if (known.channels.includes(place)) return known;
    const conversationId = await conversationIdOf(known.contactId, message.channel, channelId);
    const begun = await hasConversation(this.env.DB, organizationId, conversationId);
    return begun ? { ...known, channels: [...known.channels, place] } : known;
  }

  /** What else they are known by, at the first message that says so. */
  async #link({ organizationId, message }: InboundMessage, known: KnownContact): Promise<KnownContact> {
    const { contactId, linked = [] } = known;
    const addresses = (message.alsoFrom ?? []).filter(({ value }) => !linked.includes(value));
    if (addresses.length === 0) return known;
    await linkIdentities(this.env.DB, { organizationId, contactId, addresses });
    const more = { ...known, linked: [...linked, ...addresses.map(({ value }) => value)].slice(-10) };
    this.#keep(more);
    return more;
  }

  #forget(): void {
    this.#known = undefined;
    this.ctx.storage.kv.delete("known");
  }

  #keep(known: KnownContact): void {
    this.#known = known;
    this.ctx.storage.kv.put("known", known);
  }
}
