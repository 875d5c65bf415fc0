// What the gates would have judged by at a time that is past: consent, messages and the window as they were then; people, channels and the
// organisation's wishes as they are now, since nobody keeps what they were.
import {
  type ContactRow,
  contactOf,
  findContact,
  findContactByIdentity,
  selectContacts,
} from "../../db/queries/contacts.ts";
import type { RecipientRow } from "../../db/queries/outbound.ts";
import { type PastConsent, type PastConversation, type PastMessage, readPast } from "../../db/queries/past.ts";
import { DAY_MS } from "../../lib/durations.ts";
import { earliestId, isUuid } from "../../lib/ids.ts";
import type { OrganizationChannels } from "../message/channels.ts";
import { WINDOW_MS } from "../message/gates.ts";
import { PERSON_WINDOW_MS } from "../message/pacing.ts";
import type { MessagingPolicy } from "../message/policy.ts";
import { findByOpaqueId, identityOfText } from "../message/recipient.ts";
import type { Database } from "../ports.ts";

type Known = { row: ContactRow; consents: PastConsent[]; messages: PastMessage[] };

/** Messages that were held back are older by their ids than when they left, in ms. */
const LONGEST_HOLD_MS = 3 * DAY_MS;

export class PastFacts {
  /** How often nothing but the present consent was known. */
  presentConsents = 0;
  /** Calls of the database. */
  reads = 0;
  readonly policy: MessagingPolicy;
  readonly channels: OrganizationChannels;
  readonly #db: Database;
  readonly #of: { organizationId: string; workflowId: string };
  readonly #fromId: string;
  readonly #known = new Map<string, Known | null>();
  /** Contact ids by how messages name them; null: nobody's. */
  readonly #named = new Map<string, string | null>();
  readonly #conversations = new Map<string, PastConversation>();

  constructor(
    db: Database,
    of: { organizationId: string; workflowId: string; since: number },
    present: { policy: MessagingPolicy; channels: OrganizationChannels },
  ) {
    this.#db = db;
    this.#of = of;
    this.policy = present.policy;
    this.channels = present.channels;
    const capMs = (present.policy.frequencyCap?.windowSeconds ?? 0) * 1000;
    this.#fromId = earliestId(of.since - Math.max(WINDOW_MS, PERSON_WINDOW_MS, capMs) - LONGEST_HOLD_MS);
  }

  /** Reads those that are not known yet: two batches, however many they are. */
  async load(contactIds: readonly string[]): Promise<void> {
    const { organizationId } = this.#of;
    const wanted = [...new Set(contactIds)].filter((id) => !this.#known.has(id));
    if (wanted.length === 0) return;
    this.reads += 2;
    const [{ results }, past] = await Promise.all([
      selectContacts(
        this.#db,
        wanted.map((contactId) => ({ organizationId, contactId })),
      ).all(),
      readPast(this.#db, organizationId, wanted, this.#fromId),
    ]);
    const rows = new Map(results.map(contactOf).map((row) => [row.id, row]));
    const consents = Map.groupBy(past.consents, ({ contactId }) => contactId);
    const messages = Map.groupBy(past.messages, ({ contactId }) => contactId);
    for (const conversation of past.conversations) this.#conversations.set(conversation.id, conversation);
    for (const id of wanted) {
      const row = rows.get(id);
      for (const { kind, value } of row?.identities ?? []) this.#named.set(`${kind} ${value}`, id);
      this.#known.set(id, row ? { row, consents: consents.get(id) ?? [], messages: messages.get(id) ?? [] } : null);
    }
  }

  contact(id: string | undefined): ContactRow | undefined {
    return id === undefined ? undefined : this.#known.get(id)?.row;
  }

  conversation(id: string | undefined): PastConversation | undefined {
    return id === undefined ? undefined : this.#conversations.get(id);
  }

  /** Whoever the text names, as a send would find them; nobody is made. */
  async find(to: string): Promise<ContactRow | undefined> {
    const identity = identityOfText(to);
    const name = identity ? `${identity.kind} ${identity.value}` : to;
    const known = isUuid(to) && this.#known.has(to) ? to : this.#named.get(name);
    if (known !== undefined) return this.contact(known ?? undefined);
    const { organizationId } = this.#of;
    this.reads++;
    const row = isUuid(to)
      ? await findContact(this.#db, organizationId, to)
      : identity
        ? await findContactByIdentity(this.#db, organizationId, identity)
        : await findByOpaqueId(this.#db, organizationId, to);
    this.#named.set(name, row?.id ?? null);
    if (row) await this.load([row.id]);
    return row;
  }

  /** The contact as a send would have read them at `at`. `own`: what this trial has sent them; what the workflow itself once sent is left out. */
  recipientAt(id: string, at: number, own: readonly { sender: string; at: number }[]): RecipientRow | undefined {
    const known = this.#known.get(id);
    if (!known) return undefined;
    const { row, messages } = known;
    const lastInboundAt: RecipientRow["lastInboundAt"] = {};
    const sent = own.filter((one) => one.at <= at);
    for (const message of messages) {
      if (message.at > at) continue;
      if (message.inbound === 1) {
        if (message.conversationId === null) continue;
        lastInboundAt[message.conversationId] = Math.max(message.at, lastInboundAt[message.conversationId] ?? 0);
      } else if (message.workflowId !== this.#of.workflowId) sent.push({ sender: message.sender, at: message.at });
    }
    const { name, timezone, identities } = row;
    return {
      id,
      name,
      timezone,
      identities,
      consentState: this.#consentAt(known, at),
      consentEpoch: 0,
      lastInboundAt,
      sent,
    };
  }

  #consentAt({ row, consents }: Known, at: number): ContactRow["consentState"] {
    if (consents.length === 0) {
      if (row.consentState !== null) this.presentConsents++;
      return row.consentState;
    }
    return consents.findLast((one) => one.at <= at)?.state ?? null;
  }
}
