// Providers' callbacks to the objects that keep what they tell: a person's message to their Contact, a status to an Inbox.
import type { InboundFact, MessageReceived, StatusChanged } from "../channels/channel.ts";
import { contactObjectName } from "../domain/contact/receive.ts";
import { databaseOf } from "../domain/database.ts";
import { DomainError } from "../domain/errors.ts";
import { defaultOrganization } from "../domain/identity/default-organization.ts";
import { statusEvent } from "../domain/message/status-event.ts";
import type { Callbacks } from "../domain/ports.ts";
import type { Env } from "../env.ts";
import { configured } from "./configured.ts";
import { inboxPort, stored } from "./inbox-port.ts";
import { twilioDoor } from "./outside.ts";
import { contactStub } from "./rpc.ts";

export const callbacksPort = (env: Env): Callbacks => ({
  receive: async (provider, callback) => {
    const channel = twilioDoor(configured(env), new URL(callback.url).origin);
    if (!channel || !(await channel.verify(callback))) {
      throw new DomainError("signature_invalid", "The signature of this callback is missing or wrong");
    }
    const facts = channel.parse(callback);
    if (facts.length === 0) return 0;
    const organizationId = await stored("callback", defaultOrganization(databaseOf(env.DB)));
    if (organizationId === null) throw new DomainError("unavailable", "There is no organization yet");
    for (const fact of facts) await take(env, provider, organizationId, callback.url, fact);
    return facts.length;
  },
});

const take = (env: Env, source: string, organizationId: string, url: string, fact: InboundFact): Promise<unknown> =>
  fact.fact === "message_received"
    ? takeMessage(env, source, organizationId, fact)
    : takeStatus(env, source, organizationId, url, fact);

const takeMessage = (env: Env, source: string, organizationId: string, message: MessageReceived) => {
  const stub = contactStub(env, contactObjectName(organizationId, message.from));
  return stored("contact.receive", stub.receive({ organizationId, source, message }));
};

const takeStatus = (env: Env, source: string, organizationId: string, url: string, status: StatusChanged) => {
  const { event, dedupeKey } = statusEvent({ organizationId, source, status, url, now: Date.now() });
  return inboxPort(env).accept(event, dedupeKey);
};
