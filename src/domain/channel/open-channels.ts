// The channels of an organisation as senders, ready to send. One read at most; secrets are opened here and nowhere kept.
import { type ChannelSetup, PROVIDER_FIELDS } from "../../channels/index.ts";
import { findActiveChannels } from "../../db/queries/channels.ts";
import type { Sender } from "../message/channels.ts";
import { defaultRate } from "../message/pacing.ts";
import type { Database, Ports } from "../ports.ts";
import { type ChannelRow, egressProblem, MAX_CHANNELS, setupOf } from "./channel.ts";
import type { Asked } from "./inbound-channels.ts";

export type OpeningWorld = Pick<Ports, "db" | "secrets" | "egress">;

const senderOfSetup = (row: ChannelRow, setup: ChannelSetup, publicUrl: string): Sender => ({
  channelId: row.id,
  channel: PROVIDER_FIELDS[row.provider].create(setup, publicUrl),
  sender: row.sender,
  rate: row.rate ?? defaultRate(row.kind, row.sender),
});

/** How long an organisation's rows may be taken from memory, in ms, where a person waits for what leaves. */
const ROWS_MS = 5_000;
const MOST_ORGANIZATIONS = 1_000;
const remembered = new WeakMap<Database, Map<string, { rows: ChannelRow[]; until: number }>>();

/** As they are stored, sealed. */
const activeRows = async (db: Database, organizationId: string, { isAnew, now }: Asked): Promise<ChannelRow[]> => {
  const known = remembered.get(db) ?? new Map();
  remembered.set(db, known);
  const found = known.get(organizationId);
  if (!isAnew && found && found.until > now) return found.rows;
  const rows = await findActiveChannels(db, organizationId, MAX_CHANNELS);
  if (known.size >= MOST_ORGANIZATIONS) known.clear();
  known.set(organizationId, { rows, until: now + ROWS_MS });
  return rows;
};

/** A channel was made, changed or removed here; other isolates hear of it when their time is up. */
export const forgetChannels = (db: Database): void => {
  remembered.delete(db);
};

/** One whose secrets do not open, or that may not lead where it does, is left out and told of: the others must not suffer. */
export const openChannels = async (
  world: OpeningWorld,
  organizationId: string,
  publicUrl: string,
  asked: Asked,
): Promise<Sender[]> => {
  const rows = await activeRows(world.db, organizationId, asked);
  const senders = await Promise.all(
    rows.map(async (row) => {
      try {
        const setup = await setupOf(world.secrets, row);
        const problem = egressProblem(row.provider, setup, world.egress);
        if (problem) throw new Error(`${problem.field}: ${problem.message}`);
        return [senderOfSetup(row, setup, publicUrl)];
      } catch (error) {
        const message = error instanceof Error ? error.message : "cannot be opened";
        console.error(JSON.stringify({ at: "channel.open", channel: row.id, message }));
        return [];
      }
    }),
  );
  return senders.flat();
};
