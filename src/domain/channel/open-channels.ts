// The channels of an organisation as senders, ready to send. One read; secrets are opened here and nowhere kept.
import { type ChannelSetup, PROVIDER_FIELDS } from "../../channels/index.ts";
import { findActiveChannels } from "../../db/queries/channels.ts";
import type { Sender } from "../message/channels.ts";
import { defaultRate } from "../message/pacing.ts";
import type { Ports } from "../ports.ts";
import { type ChannelRow, egressProblem, MAX_CHANNELS, setupOf } from "./channel.ts";

export type OpeningWorld = Pick<Ports, "db" | "secrets" | "egress">;

export const senderOfSetup = (row: ChannelRow, setup: ChannelSetup, publicUrl: string): Sender => ({
  channelId: row.id,
  channel: PROVIDER_FIELDS[row.provider].create(setup, publicUrl),
  sender: row.sender,
  rate: row.rate ?? defaultRate(row.kind, row.sender),
});

/** One whose secrets do not open, or that may not lead where it does, is left out and told of: the others must not suffer. */
export const openChannels = async (
  world: OpeningWorld,
  organizationId: string,
  publicUrl: string,
): Promise<Sender[]> => {
  const rows = await findActiveChannels(world.db, organizationId, MAX_CHANNELS);
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
