// What would have become of a message at a time that is past: the same choice of a channel and the same gates as a send's, nothing sent and nobody
// made.
import { type JsonObject, own } from "../../lib/json.ts";
import { conversationIdOf } from "../conversation/conversation-id.ts";
import { type Addressee, chooseChannel, hasProvider, knownAs } from "../message/channels.ts";
import { gateFacts } from "../message/gate-facts.ts";
import { type Gate, type GateFacts, judgeGates } from "../message/gates.ts";
import { identityOfText } from "../message/recipient.ts";
import type { PastFacts } from "./past-facts.ts";

export type Trial = {
  contactId: string | null;
  /** The address; null when there is none. */
  to: string | null;
  name: string | null;
  channel: string | null;
  text: string;
  subject: string | null;
  verdict:
    | { outcome: "sent"; sender: string }
    /** It waits until a gate lets it pass. */
    | { outcome: "held"; gate: Gate; reason: string; until: number }
    | { outcome: "refused"; gate: Gate | null; code: string; reason: string };
};

type Wanted = {
  action: string;
  input: JsonObject;
  contactId: string | undefined;
  conversationId: string | undefined;
  workflowId: string;
  quietHours: GateFacts["quietHours"][number] | undefined;
};

const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** `sent`: what this trial has sent to a contact so far. */
export const tryMessage = async (
  facts: PastFacts,
  wanted: Wanted,
  at: number,
  sent: (contactId: string) => readonly { sender: string; at: number }[],
): Promise<Trial> => {
  const { action, input, contactId } = wanted;
  const isMail = action === "email.send";
  const text = textOf(isMail ? input.body : input.text) ?? "";
  const subject = isMail ? (textOf(input.subject) ?? "") : null;
  const template = own(input, "template");
  const to = isMail ? bare(textOf(input.to) ?? "") : textOf(input.to);
  const channel = isMail ? "email" : textOf(input.channel);
  const about = { contactId: null, to: to ?? null, name: null, channel: channel ?? null, text, subject };
  const refused = (code: string, reason: string, gate: Gate | null = null): Trial["verdict"] => ({
    outcome: "refused",
    gate,
    code,
    reason,
  });
  if (isMail && !facts.channels.configured.some((one) => one.channel.kind === "email"))
    return { ...about, verdict: refused("EMAIL_NOT_CONFIGURED", "No mail server is configured") };
  const contact = to === undefined ? facts.contact(contactId) : await facts.find(to);
  if (!contact) return { ...about, ...unknownOf(facts, { to, isMail, channel, contactId }) };
  const current = to === undefined ? facts.conversation(wanted.conversationId) : undefined;
  const choice = chooseChannel(facts.channels, contact, channel, current);
  const person = { ...about, contactId: contact.id, name: contact.name };
  if (!choice.ok) return { ...person, verdict: refused(choice.code, choice.message) };
  const { sender, address } = choice;
  const { kind, capabilities } = sender.channel;
  const judged = judgeGates(
    gateFacts({
      recipient: facts.recipientAt(contact.id, at, sent(contact.id))!,
      sender,
      conversationId: await conversationIdOf(contact.id, kind, sender.channelId),
      policy: facts.policy,
      plannedEpoch: undefined,
      template:
        template === undefined
          ? { use: "none" }
          : {
              use: text === "" ? "required" : "fallback",
              problem: capabilities.templates ? null : `The channel ${kind} has no templates`,
            },
      quietHours: wanted.quietHours,
      now: at,
    }),
    at,
  );
  const reached = { ...person, channel: kind, to: address };
  if (judged.passed) {
    const said = judged.useTemplate ? `[template ${textOf(own(template, "id")) ?? ""}]` : text;
    return { ...reached, text: said, verdict: { outcome: "sent", sender: sender.channelId ?? kind } };
  }
  const { gate, reason } = judged.gates.find((one) => one.gate === judged.failed)!;
  const { earliestAt } = judged;
  if (earliestAt !== null) return { ...reached, verdict: { outcome: "held", gate, reason, until: earliestAt } };
  return { ...reached, verdict: refused(gate.toUpperCase(), reason, gate) };
};

/** Of `Ada <ada@example.com>` what is inside. */
const bare = (mailbox: string): string | undefined => textOf((/<([^<>]*)>\s*$/.exec(mailbox)?.[1] ?? mailbox).trim());

/** Nobody that is known: an address becomes a contact when it is written to, who has said nothing of consent. */
const unknownOf = (
  facts: PastFacts,
  { to, isMail, channel, contactId }: Record<"to" | "channel" | "contactId", string | undefined> & { isMail: boolean },
): Partial<Trial> & Pick<Trial, "verdict"> => {
  const inApp = channel === "inapp" || !hasProvider(facts.channels);
  if (to === undefined && contactId === undefined && inApp)
    return { channel: "inapp", name: "Workflow", verdict: { outcome: "sent", sender: "inapp" } };
  const identity = to === undefined ? undefined : isMail ? ({ kind: "email", value: to } as const) : identityOfText(to);
  if (!identity) {
    const reason =
      to === undefined && contactId === undefined
        ? "The run has no contact, and the node names no recipient: to is missing or empty"
        : `There is no contact ${to ?? contactId}`;
    return { verdict: { outcome: "refused", gate: null, code: "NO_RECIPIENT", reason } };
  }
  if (isMail) return { verdict: { outcome: "sent", sender: "email" } };
  const stranger: Addressee = { id: "", identities: [identity] };
  const choice = chooseChannel(facts.channels, stranger, channel, undefined);
  if (!choice.ok) return { verdict: { outcome: "refused", gate: null, code: choice.code, reason: choice.message } };
  const { kind, capabilities } = choice.sender.channel;
  const verdict: Trial["verdict"] = capabilities.window
    ? {
        outcome: "refused",
        gate: "window",
        code: "WINDOW",
        reason: "The contact has never written, and free text needs that",
      }
    : { outcome: "sent", sender: choice.sender.channelId ?? kind };
  return { channel: kind, to: kind === "inapp" ? knownAs(stranger) : choice.address, verdict };
};
