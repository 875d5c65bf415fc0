// The channels that a provider's callback may be meant for. Whose it is, the signature tells.
import { type ChannelRow, findChannel, findInboundChannels } from "../../db/queries/channels.ts";
import type { Database, NamedChannel } from "../ports.ts";

/** Channels that claim one sender: it has one owner, and strangers may claim it too. */
const MAX_CANDIDATES = 50;
/** A callback names few; whoever sends more is no provider. */
const MAX_KEYS = 20;

const isOpen = (row: ChannelRow | undefined, provider: ChannelRow["provider"]): row is ChannelRow =>
  row?.provider === provider && row.status === "active";

/** How long they may be taken from memory, in ms: a person waits for what the read would tell. */
const REMEMBERED_MS = 5_000;
const MOST_REMEMBERED = 1_000;

/** Rows as they are stored, sealed, by what was asked. */
const remembered = new WeakMap<Database, Map<string, { rows: ChannelRow[]; until: number }>>();

/** `isAnew`: not from memory. */
export type Asked = { isAnew: boolean; now: number };
/** `isRemembered`: who is believed by none of these asks anew. */
export type Candidates = { rows: ChannelRow[]; isRemembered: boolean };

const recall = async (
  db: Database,
  asked: readonly unknown[],
  { isAnew, now }: Asked,
  read: () => Promise<ChannelRow[]>,
): Promise<Candidates> => {
  const known = remembered.get(db) ?? new Map<string, { rows: ChannelRow[]; until: number }>();
  remembered.set(db, known);
  const name = JSON.stringify(asked);
  const found = known.get(name);
  if (!isAnew && found && found.until > now) return { rows: found.rows, isRemembered: true };
  const rows = await read();
  if (known.size >= MOST_REMEMBERED) known.clear();
  known.set(name, { rows, until: now + REMEMBERED_MS });
  return { rows, isRemembered: false };
};

/** A channel was made, changed or removed here; other isolates hear of it when their time is up. */
export const forgetInbound = (db: Database): void => {
  remembered.delete(db);
};

/** The one whose own URL was called, or none. One read, or none. */
export const namedChannel = (
  db: Database,
  provider: ChannelRow["provider"],
  { organizationId, channelId }: NamedChannel,
  asked: Asked,
): Promise<Candidates> =>
  recall(db, [provider, organizationId, channelId], asked, async () => {
    const row = await findChannel(db, organizationId, channelId);
    return isOpen(row, provider) ? [row] : [];
  });

/** Those whose sender the callback names by one of `keys`. One read, or none. */
export const claimedChannels = async (
  db: Database,
  provider: ChannelRow["provider"],
  keys: readonly string[],
  asked: Asked,
): Promise<Candidates> => {
  if (keys.length === 0) return { rows: [], isRemembered: false };
  const few = keys.slice(0, MAX_KEYS);
  return recall(db, [provider, few], asked, () => findInboundChannels(db, provider, few, MAX_CANDIDATES));
};
