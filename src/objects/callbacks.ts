// Providers' callbacks to the objects that keep what they tell: a person's message to their Contact, a status to an Inbox. Whose a callback is,
// its signature tells: it is believed for the organisation of the channel whose secret it was signed with, and for no other.
import { boundedFact } from "../channels/bounded-fact.ts";
import type { InboundFact, MessageReceived, StatusChanged } from "../channels/channel.ts";
import { contactObjectName } from "../domain/contact/receive.ts";
import { DomainError } from "../domain/errors.ts";
import { statusEvent } from "../domain/message/status-event.ts";
import type { Callbacks, ProviderCallback } from "../domain/ports.ts";
import type { Env } from "../env.ts";
import { mapConcurrently } from "../lib/map-concurrently.ts";
import { type CallbackProvider, type Door, doorsFor, namedChallenge } from "./doors.ts";
import { inboxPort, stored } from "./inbox-port.ts";
import { contactStub } from "./rpc.ts";

/** Meta puts at most so many updates into one call. */
const MAX_FACTS = 1_000;
/** A provider waits for its answer, some seconds: so many people's messages are taken at once. */
const LANES = 20;

export const callbacksPort = (env: Env): Callbacks => ({
  receive: async (provider, callback, named) => {
    const { doors, isRemembered } = await stored("callback", doorsFor(env, provider, callback, named));
    let taken = await throughDoors(provider, doors, callback);
    if (taken === undefined && isRemembered) {
      const latest = await stored("callback", doorsFor(env, provider, callback, named, true));
      taken = await throughDoors(provider, latest.doors, callback);
    }
    if (taken === undefined) {
      throw new DomainError("signature_invalid", "The signature of this callback is missing or wrong");
    }
    if (taken.length > MAX_FACTS) {
      throw new DomainError("payload_too_large", `A callback may report at most ${MAX_FACTS} messages and statuses`, {
        details: { limit: MAX_FACTS },
      });
    }
    await mapConcurrently(lanesOf(taken), LANES, async (lane) => {
      for (const { door, fact } of lane) await take(env, provider, door, callback.url, fact);
    });
    return taken.length;
  },
  challenge: (provider, url, named) => namedChallenge(env, provider, url, named),
});

type Taken = { door: Door; fact: InboundFact };

/** What is about one person's messages, or one message of ours, stays in its order. */
const lanesOf = (taken: readonly Taken[]): Taken[][] => {
  const lanes = Map.groupBy(taken, ({ door, fact }) => {
    const about = fact.fact === "message_received" ? `${fact.from.kind}:${fact.from.value}` : fact.providerId;
    return `${door.organizationId}/${about}`;
  });
  return [...lanes.values()];
};

/**
 * The facts with the door that each came in by; undefined when no door's secret fits. Twilio's callback is about one sender: the first door that
 * believes it takes it. Meta signs for an app with several numbers: each believing door takes what is about its own.
 */
const throughDoors = async (
  provider: CallbackProvider,
  doors: readonly Door[],
  callback: ProviderCallback,
): Promise<Taken[] | undefined> => {
  const taken: Taken[] = [];
  const seen = new Set<string>();
  let isBelieved = false;
  for (const door of doors) {
    if (!(await door.channel.verify(callback))) continue;
    isBelieved = true;
    for (const fact of door.channel.parse(callback).flatMap((one) => boundedFact(one) ?? [])) {
      if (provider === "whatsapp_cloud" && (fact.inboundKey !== door.inboundKey || seen.has(keyOf(fact)))) continue;
      seen.add(keyOf(fact));
      taken.push({ door, fact });
    }
    if (provider === "twilio") break;
  }
  return isBelieved ? taken : undefined;
};

const keyOf = (fact: InboundFact): string =>
  `${fact.inboundKey}/${fact.providerId}/${fact.fact === "status_changed" ? fact.status : ""}`;

/** What events name as their source. PERSISTED CONTRACT. */
const SOURCES: Record<CallbackProvider, string> = { twilio: "twilio", whatsapp_cloud: "whatsapp" };

const take = (env: Env, provider: CallbackProvider, door: Door, url: string, fact: InboundFact): Promise<unknown> =>
  fact.fact === "message_received"
    ? takeMessage(env, SOURCES[provider], door, fact)
    : takeStatus(env, SOURCES[provider], door, url, fact);

const takeMessage = (env: Env, source: string, { organizationId, channelId }: Door, message: MessageReceived) => {
  const stub = contactStub(env, contactObjectName(organizationId, message.from));
  return stored("contact.receive", stub.receive({ organizationId, source, message, channelId }));
};

const takeStatus = (env: Env, source: string, door: Door, url: string, status: StatusChanged) => {
  const { event, dedupeKey } = statusEvent({ door, source, status, url, now: Date.now() });
  return inboxPort(env).accept(event, dedupeKey);
};
