// What comes from one address of a person, in order: one object an organisation and address; and one a contact that counts the runs they had
// (`runs:…`), whatever their addresses. Owns what it knows of the contact (`known`), an outbox and who owns the next reply (outbox.ts and
// replies.ts have the invariants). Invariants: one message at a time; a provider's message makes one event, however often it is delivered; a
// withdrawn consent is in the database before the provider gets its answer; the events of a message and what is known then commit together.
import { DurableObject } from "cloudflare:workers";
import { changeConsent, changeConsentOfOthers } from "../domain/contact/change-consent.ts";
import {
  type Claimed,
  type ClaimedRuns,
  claimRun,
  type RunClaim,
  settleClaims,
  unsureClaims,
} from "../domain/contact/claim-run.ts";
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
import { isAnsweredByProvider, isOptOut } from "../domain/event/words.ts";
import type { StreamEvent } from "../domain/event.ts";
import type { Env } from "../env.ts";
import { newId } from "../lib/ids.ts";
import { pause } from "../lib/pause.ts";
import { Alarm } from "./alarm.ts";
import { executionStub } from "./execution/rpc.ts";
import { judgeReply, type Reply } from "./judge-reply.ts";
import { Outbox, RESEND_FIRST_MS, textOfEvent } from "./outbox.ts";
import { type Owner, Replies, type Said } from "./replies.ts";
import type { ContactRpc } from "./rpc.ts";

/** How soon what could not be judged is judged again, in ms. */
const JUDGE_AGAIN_MS = 2_000;
/** What an owner has taken is told to the stream so much later, in ms. */
const FIRST_THE_ANSWER_MS = 100;
/** What a verdict adds to an event, in bytes, with room to spare. */
const VERDICT_BYTES = 1_000;
/** Then it is told to the stream without a verdict: a run that cannot be asked must not silence a person. */
const JUDGING_MS = 300_000;

const runsKey = ({ workflowId }: RunClaim): string => `runs:${workflowId}`;

export class Contact extends DurableObject<Env> implements ContactRpc {
  readonly #outbox: Outbox;
  readonly #replies: Replies;
  readonly #alarm: Alarm;
  #known: KnownContact | undefined;
  /** Epoch ms of the latest event, so that the next one is later. */
  #latest = 0;
  /** The end of the line that messages stand in. */
  #turn: Promise<unknown> = Promise.resolve();
  #judging: Promise<void> | null = null;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#outbox = new Outbox(context.storage.sql, env.EVENTS, { kind: "contact", name: context.id.name! });
    this.#replies = new Replies(context.storage.kv);
    this.#alarm = new Alarm(context);
    this.#known = context.storage.kv.get<KnownContact>("known");
  }

  async receive(inbound: InboundMessage): Promise<InboundReceipt> {
    const received = this.#turn.then(() => this.#receive(inbound));
    this.#turn = received.catch(() => undefined);
    return received;
  }

  async claim(executionId: string, until: number): Promise<void> {
    this.#replies.claim(executionId, until);
  }

  async claimRun(claim: RunClaim): Promise<Claimed> {
    const claimed = this.#claimRun(claim);
    return !claimed.allowed && (await this.#giveBack(claim)) ? this.#claimRun(claim) : claimed;
  }

  #claimRun(claim: RunClaim): Claimed {
    const key = runsKey(claim);
    const { claimed, kept } = claimRun(this.ctx.storage.kv.get<ClaimedRuns>(key), claim, Date.now());
    if (kept) this.ctx.storage.kv.put(key, kept);
    return claimed;
  }

  /** Who claimed a run and died before it began has taken it from nobody. Answers whether there was such a one. A run that cannot be asked counts. */
  async #giveBack(claim: RunClaim): Promise<boolean> {
    const key = runsKey(claim);
    const { kv } = this.ctx.storage;
    const runs = kv.get<ClaimedRuns>(key);
    const unsure = runs ? unsureClaims(runs, Date.now()) : [];
    if (unsure.length === 0) return false;
    const [organizationId] = this.ctx.id.name!.split("/");
    const looks = await Promise.all(
      unsure.map(async (id) => ({
        id,
        run: await executionStub(this.env, id)
          .read(organizationId!)
          .catch(() => "unknown"),
      })),
    );
    // No await from here to the write.
    const looked = looks.filter(({ run }) => run !== "unknown").map(({ id }) => id);
    const lost = looks.filter(({ run }) => run === null).map(({ id }) => id);
    const now = kv.get<ClaimedRuns>(key);
    if (now && looked.length > 0) kv.put(key, settleClaims(now, looked, lost));
    return lost.length > 0;
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
    await this.#alarm.handle("contact", async () => {
      await this.#judge();
      return this.#outbox.sweep(Date.now());
    });
  }

  async #receive(inbound: InboundMessage): Promise<InboundReceipt> {
    const { organizationId, source, message } = inbound;
    const dedupeKey = messageDedupeKey(message);
    const first = this.#outbox.find(dedupeKey, Date.now());
    const eventId = first?.eventId ?? this.#replies.find(dedupeKey)?.event.id;
    if (eventId !== undefined) return { eventId, duplicate: true };
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
        organizationId,
        contactId: known.contactId,
        addresses,
        ...consent,
        at,
      });
    }
    known = await this.#link(inbound, known);
    const events = await eventsOf(inbound, known, at);

    // No await from here to the commit.
    const told = events.pop()!;
    for (const event of events) this.#outbox.accept(event, undefined, at);
    this.#take(told, dedupeKey, at);
    this.#latest = at;
    const channels = [...new Set([...known.channels, placeOf(inbound)])];
    if (!known.announced || channels.length > known.channels.length)
      this.#keep({ ...known, announced: true, channels });
    this.#alarm.wakeBy(Date.now() + RESEND_FIRST_MS);
    this.ctx.waitUntil(Promise.all([this.#outbox.flush(), this.#judge()]));
    return { eventId: told.id, duplicate: false };
  }

  /** Into the outbox at once, unless somebody may own it, or it comes behind something that somebody may own. */
  #take(event: StreamEvent, dedupeKey: string, at: number): void {
    if (isOptOut(event)) {
      const ended = this.#replies.clear().map(({ executionId }) => executionId);
      this.#outbox.accept(ended.length > 0 ? { ...event, data: { ...event.data, ended } } : event, dedupeKey, at);
    } else if (this.#replies.isAwaited(at)) {
      // What would not fit later is refused now, while somebody can be told.
      textOfEvent(event, VERDICT_BYTES);
      this.#replies.hold(event, dedupeKey);
    } else this.#outbox.accept(event, dedupeKey, at);
  }

  /** What was said goes to its owner, and then with the verdict to the stream: one after the other. Never throws. */
  #judge(): Promise<void> {
    if (!this.#replies.first()) return Promise.resolve();
    this.#judging ??= this.#judgeAll().catch((error) => {
      console.error(JSON.stringify({ at: "contact.judge", message: String(error) }));
      this.#alarm.wakeBy(Date.now() + JUDGE_AGAIN_MS);
      this.#judging = null;
    });
    return this.#judging;
  }

  async #judgeAll(): Promise<void> {
    for (let said = this.#replies.first(); said; said = this.#replies.first()) {
      const { reply, spent } = await this.#verdictOn(said);
      // No await from here to the commit.
      const { event, dedupeKey } = said;
      const now = Date.now();
      // First of all: what the outbox does not take now stays here, and is judged again.
      this.#outbox.accept(reply ? { ...event, data: { ...event.data, reply } } : event, dedupeKey, now);
      this.#replies.settle(spent, now);
      this.#alarm.wakeBy(now + RESEND_FIRST_MS);
      // The person waits for what the run says now, and nobody for the log; what is free may start something.
      const isOwned = reply?.outcome === "answered" || reply?.outcome === "refused";
      this.ctx.waitUntil(isOwned ? pause(FIRST_THE_ANSWER_MS).then(() => this.#outbox.flush()) : this.#outbox.flush());
    }
    // Right behind the last look: what is said from now on is judged anew.
    this.#judging = null;
  }

  async #verdictOn(said: Said): Promise<{ reply?: Reply; spent: Owner[] }> {
    // The provider has answered it, and it is no answer to anybody.
    if (isAnsweredByProvider(said.event)) return { spent: [] };
    try {
      return await judgeReply(this.env, said, this.#replies.ownersOf(said));
    } catch (error) {
      if (Date.now() - said.event.occurredAt < JUDGING_MS) throw error;
      return { spent: [] };
    } finally {
      // Whatever becomes of the verdict, an owner may have taken it.
      said.asked = true;
    }
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
