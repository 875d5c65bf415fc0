// Where the wire names of channels meet ours.
import type { z } from "zod";
import type { ChannelChange } from "../../../domain/channel/change-channel.ts";
import type { ChannelView } from "../../../domain/channel/channel.ts";
import type { NewChannel } from "../../../domain/channel/create-channel.ts";
import { defined } from "../../../lib/defined.ts";
import { timeOf } from "../convert.ts";
import type { changeChannelBody, createChannelBody } from "./schema.ts";

/** What stands in a secret's place. */
const MASK = "********";

const withoutPrefix = (sender: string): string => sender.replace(/^whatsapp:/i, "");

export const fromNewChannel = ({ kind, rate, settings, ...body }: z.output<typeof createChannelBody>): NewChannel => ({
  ...body,
  sender: withoutPrefix(body.sender),
  settings: settings ?? {},
  ...defined({ kind, rate }),
});

export const fromChannelChange = (body: z.output<typeof changeChannelBody>): ChannelChange => {
  const given = defined(body);
  return given.sender === undefined ? given : { ...given, sender: withoutPrefix(given.sender) };
};

/** `webhookUrls`: what to enter at the provider. */
export const toChannel = (channel: ChannelView, organizationId: string, origin: string) => {
  const place = `${organizationId}/${channel.id}`;
  const urls =
    channel.provider === "twilio"
      ? { inbound: `${origin}/webhooks/inbound/${place}`, status: `${origin}/webhooks/status/${place}` }
      : channel.provider === "whatsapp_cloud"
        ? { inbound: `${origin}/webhooks/whatsapp/${place}`, status: `${origin}/webhooks/whatsapp/${place}` }
        : null;
  return {
    id: channel.id,
    name: channel.name,
    provider: channel.provider,
    kind: channel.kind,
    sender: channel.sender,
    settings: channel.settings,
    credentials: Object.fromEntries(channel.credentials.map((name) => [name, MASK])),
    rate: channel.rate,
    status: channel.status,
    webhookUrls: urls,
    verifiedAt: channel.verifiedAt === null ? null : timeOf(channel.verifiedAt),
    createdBy: channel.createdBy,
    createdAt: timeOf(channel.createdAt),
    updatedAt: timeOf(channel.updatedAt),
  };
};
