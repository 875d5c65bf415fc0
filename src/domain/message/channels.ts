// The channels of an organisation, and which one a message takes.
import { type Address, CHANNEL_KINDS, type Channel } from "../../channels/channel.ts";
import type { ContactRow, IdentityKind } from "../../db/queries/contacts.ts";

export type Sender = {
  /** Its row; null for those of the operator's variables and for `inapp`. */
  channelId: string | null;
  channel: Channel;
  /** The address that people see. */
  sender: string;
  /** Messages a second; null: as many as there are. */
  rate: number | null;
};

/** Under which its slots are leased (pacing.ts). PERSISTED CONTRACT: the name of an object. */
export const pacingKey = (organizationId: string, { channelId, channel, sender }: Sender): string =>
  `${organizationId}/${channelId ?? `${channel.kind}:${sender}`}`;

/** The sender that a message went by, as its row says; undefined when it is not there any more. */
export const senderOf = (
  { configured, inapp }: OrganizationChannels,
  row: { channel: string; channelId: string | null },
): Sender | undefined =>
  [...configured, inapp].find(({ channel, channelId }) =>
    row.channelId === null ? channelId === null && channel.kind === row.channel : channelId === row.channelId,
  );

export type OrganizationChannels = {
  /** In order of preference. */
  configured: readonly Sender[];
  inapp: Sender;
  /** Where providers report statuses, without parameters; absent without a public URL. */
  callbackUrl: string | undefined;
};

export type Addressee = Pick<ContactRow, "id" | "identities">;

/** The address under which a contact is reached on a channel; undefined when they have none there. */
const addressOn = (
  contact: Addressee,
  { addressedBy, elseAddressedBy }: Channel["capabilities"],
): string | undefined => {
  const identity = (kind: Address["kind"]) =>
    kind === "contact" ? contact.id : contact.identities.find((one) => one.kind === kind)?.value;
  return identity(addressedBy) ?? (elseAddressedBy && identity(elseAddressedBy));
};

/** Whether messages may leave us at all. */
export const hasProvider = ({ configured }: OrganizationChannels): boolean =>
  configured.some(({ channel }) => channel.kind !== "email");

/** What a person is known by among people; our own id of them only where there is nothing else. */
export const knownAs = ({ id, identities }: Addressee): string =>
  KNOWN_BY.map((kind) => identities.find((one) => one.kind === kind)?.value).find(Boolean) ?? id;

const KNOWN_BY: readonly IdentityKind[] = ["phone", "email", "external_id", "whatsapp_bsuid"];

const namedIn = (configured: readonly Sender[], name: string): Sender | undefined =>
  configured.find(({ channelId }) => channelId === name) ?? configured.find(({ channel }) => channel.kind === name);

/** Whether messages that name a channel, by its id or kind, can go anywhere. Without any provider they go in-app. */
export const hasChannel = (channels: OrganizationChannels, name: string): boolean =>
  name === "inapp" ||
  namedIn(channels.configured, name) !== undefined ||
  (!hasProvider(channels) && CHANNEL_KINDS.some((kind) => kind === name));

export type Choice = { ok: true; sender: Sender; address: string } | { ok: false; code: string; message: string };

/**
 * `wanted` as the author named it, a channel's id or kind; `current` is the conversation's. Without any provider everything goes in-app; else the
 * wanted channel, the conversation's, the first on which the contact has an address.
 */
export const chooseChannel = (
  { configured, inapp }: OrganizationChannels,
  contact: Addressee,
  wanted: string | undefined,
  current: { channel: string; channelId: string | null } | undefined,
): Choice => {
  const take = (sender: Sender): Choice => {
    const address = addressOn(contact, sender.channel.capabilities);
    const { kind, capabilities } = sender.channel;
    return address === undefined
      ? {
          ok: false,
          code: "NO_ADDRESS",
          message: `The contact has no ${capabilities.addressedBy} for the channel ${kind}`,
        }
      : { ok: true, sender, address };
  };
  const messaging = configured.filter(({ channel }) => channel.kind !== "email");
  if (wanted !== undefined && wanted !== "inapp") {
    const named = namedIn(configured, wanted);
    if (named) return take(named);
    if (messaging.length > 0) {
      return { ok: false, code: "CHANNEL_NOT_CONFIGURED", message: `The organization has no channel '${wanted}'` };
    }
    return take(inapp);
  }
  if (wanted === "inapp") return take(inapp);
  const now =
    messaging.find(({ channelId }) => channelId !== null && channelId === current?.channelId) ??
    messaging.find(({ channel }) => channel.kind === current?.channel);
  if (now) return take(now);
  if (current?.channel === "inapp") return take(inapp);
  for (const sender of messaging) {
    const choice = take(sender);
    if (choice.ok) return choice;
  }
  return take(inapp);
};
