// The channels that a provider's callback may be meant for. Whose it is, the signature tells.
import { type ChannelRow, findChannel, findInboundChannels } from "../../db/queries/channels.ts";
import type { Database, NamedChannel } from "../ports.ts";

/** Channels that claim one sender: it has one owner, and strangers may claim it too. */
const MAX_CANDIDATES = 50;
/** A callback names few; whoever sends more is no provider. */
const MAX_KEYS = 20;

const isOpen = (row: ChannelRow | undefined, provider: ChannelRow["provider"]): row is ChannelRow =>
  row?.provider === provider && row.status === "active";

/** The one whose own URL was called. */
export const namedChannel = async (
  db: Database,
  provider: ChannelRow["provider"],
  { organizationId, channelId }: NamedChannel,
): Promise<ChannelRow | undefined> => {
  const row = await findChannel(db, organizationId, channelId);
  return isOpen(row, provider) ? row : undefined;
};

/** Those whose sender the callback names by one of `keys`. One read. */
export const claimedChannels = async (
  db: Database,
  provider: ChannelRow["provider"],
  keys: readonly string[],
): Promise<ChannelRow[]> =>
  keys.length === 0 ? [] : findInboundChannels(db, provider, keys.slice(0, MAX_KEYS), MAX_CANDIDATES);
