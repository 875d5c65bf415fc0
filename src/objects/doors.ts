// The channels that a provider's callback may be meant for, each with its secret: those that an organisation has set up, found by what the
// callback names, and those of the operator's variables, which belong to the default organisation.
import type { Channel } from "../channels/channel.ts";
import { challengeOf, PROVIDER_FIELDS } from "../channels/index.ts";
import { createTwilio } from "../channels/twilio.ts";
import { createWhatsAppCloud } from "../channels/whatsapp-cloud.ts";
import { type ChannelRow, setupOf } from "../domain/channel/channel.ts";
import { claimedChannels, namedChannel } from "../domain/channel/inbound-channels.ts";
import { databaseOf } from "../domain/database.ts";
import { defaultOrganization } from "../domain/identity/default-organization.ts";
import { sealSecrets } from "../domain/identity/seal-secrets.ts";
import type { NamedChannel, ProviderCallback } from "../domain/ports.ts";
import type { Env } from "../env.ts";
import { configured } from "./configured.ts";

export type CallbackProvider = "twilio" | "whatsapp_cloud";

export type Door = {
  organizationId: string;
  /** Null: of the operator's variables. */
  channelId: string | null;
  channel: Channel;
  inboundKey: string | undefined;
};

/** `isRemembered`: they may not be the latest; who is believed by none of them asks anew. */
export type Doors = { doors: Door[]; isRemembered: boolean };

/** `named`: the one whose own URL was called; nobody else is asked. */
export const doorsFor = async (
  env: Env,
  provider: CallbackProvider,
  callback: ProviderCallback,
  named?: NamedChannel,
  isAnew = false,
): Promise<Doors> => {
  const db = databaseOf(env.DB);
  const origin = configured(env).publicUrl ?? new URL(callback.url).origin;
  // Meta signs for all numbers of an app: one that is not remembered would be passed over in silence.
  const asked = { isAnew: isAnew || provider !== "twilio", now: Date.now() };
  const { rows, isRemembered } = named
    ? await namedChannel(db, provider, named, asked)
    : await claimedChannels(db, provider, PROVIDER_FIELDS[provider].keysOf(callback), asked);
  const own = (await Promise.all(rows.map((row) => doorOf(env, row, origin)))).flat();
  const ofVariables = named ? [] : await variablesDoor(env, provider, origin);
  return { doors: [...own, ...ofVariables], isRemembered };
};

/** One whose secrets do not open believes nobody. */
const doorOf = async (env: Env, row: ChannelRow, publicUrl: string): Promise<Door[]> => {
  try {
    const setup = await setupOf(sealSecrets(configured(env).encryptionKeys), row);
    const channel = PROVIDER_FIELDS[row.provider].create(setup, publicUrl);
    const { organizationId, id: channelId } = row;
    return [{ organizationId, channelId, channel, inboundKey: row.inboundKey ?? undefined }];
  } catch (error) {
    console.error(JSON.stringify({ at: "channel.open", channel: row.id, message: String(error) }));
    return [];
  }
};

const variablesDoor = async (env: Env, provider: CallbackProvider, publicUrl: string): Promise<Door[]> => {
  const { twilio, whatsapp } = configured(env);
  const channel =
    provider === "twilio"
      ? twilio && createTwilio({ kind: "sms", ...twilio, publicUrl })
      : whatsapp && createWhatsAppCloud(whatsapp);
  if (!channel) return [];
  const organizationId = await defaultOrganization(databaseOf(env.DB));
  if (organizationId === null) return [];
  const channelId = provider === "whatsapp_cloud" ? CLOUD_OF_VARIABLES : null;
  return [
    { organizationId, channelId, channel, inboundKey: provider === "twilio" ? undefined : whatsapp!.phoneNumberId },
  ];
};

/** PERSISTED CONTRACT: what stands for the Cloud API's number of the variables where a channel's id does, beside Twilio's WhatsApp. */
export const CLOUD_OF_VARIABLES = "whatsapp_cloud";

/** What Meta wants echoed when it subscribes; undefined when the token is not that of the channel. */
export const namedChallenge = async (
  env: Env,
  provider: CallbackProvider,
  url: string,
  named?: NamedChannel,
): Promise<string | undefined> => {
  if (!named) return challengeOf(configured(env).whatsapp?.verifyToken, url);
  const asked = { isAnew: true, now: Date.now() };
  const [row] = (await namedChannel(databaseOf(env.DB), provider, named, asked)).rows;
  if (!row) return undefined;
  const setup = await setupOf(sealSecrets(configured(env).encryptionKeys), row).catch(() => undefined);
  return challengeOf(setup?.credentials.verifyToken, url);
};
