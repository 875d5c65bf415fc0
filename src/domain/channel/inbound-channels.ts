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

/** How long those that claim a sender may be taken from memory, in ms: a person waits for what this read would tell. */
const CLAIMS_MS = 5_000;
const MOST_CLAIMS = 1_000;

type Claims = { rows: ChannelRow[]; until: number };
const remembered = new WeakMap<Database, Map<string, Claims>>();

/**
 * Those whose sender the callback names by one of `keys`, and whether they come from memory: who is believed by none of those reads again (`isAnew`).
 * One read, or none. What is remembered is sealed as it is stored.
 */
export const claimedChannels = async (
  db: Database,
  provider: ChannelRow["provider"],
  keys: readonly string[],
  { isAnew, now }: { isAnew: boolean; now: number },
): Promise<{ rows: ChannelRow[]; isRemembered: boolean }> => {
  if (keys.length === 0) return { rows: [], isRemembered: false };
  const few = keys.slice(0, MAX_KEYS);
  const name = JSON.stringify([provider, few]);
  const known = remembered.get(db) ?? new Map<string, Claims>();
  remembered.set(db, known);
  const claims = known.get(name);
  if (!isAnew && claims && claims.until > now) return { rows: claims.rows, isRemembered: true };
  const rows = await findInboundChannels(db, provider, few, MAX_CANDIDATES);
  if (known.size >= MOST_CLAIMS) known.clear();
  known.set(name, { rows, until: now + CLAIMS_MS });
  return { rows, isRemembered: false };
};

/** A channel was made, changed or removed here; other isolates hear of it when their time is up. */
export const forgetClaims = (db: Database): void => {
  remembered.delete(db);
};
