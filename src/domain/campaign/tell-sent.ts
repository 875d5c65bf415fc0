// The provider has taken messages of a campaign: their statuses, what was parked for them, and MESSAGE_SENT for whoever listens. A campaign that
// nobody listens to makes no events: a hundred thousand of them would only be counted, and counting is what the messages themselves are for.
import { MESSAGE_STATUSES } from "../../channels/status.ts";
import { readCampaignMessages, selectListens } from "../../db/queries/campaign-messages.ts";
import { raiseStatuses, type StatusReport } from "../../db/queries/messages.ts";
import { selectParked } from "../../db/queries/parked-statuses.ts";
import { derivedId, timeOfId } from "../../lib/ids.ts";
import { mapConcurrently } from "../../lib/map-concurrently.ts";
import type { StreamEvent } from "../event.ts";
import { takeUp } from "../message/parked.ts";
import type { Ports } from "../ports.ts";

const AT_ONCE = 6;
const SENT = "MESSAGE_SENT";

export type TellingWorld = Pick<Ports, "db" | "inbox"> & { organizationId: string; campaignId: string };

/** `beside`: statements of the same batch. Told again after a crash, an event is known by its key. */
export const writeAccepted = async (
  { db, inbox, organizationId, campaignId }: TellingWorld,
  accepted: readonly (StatusReport & { id: string; providerId: string })[],
  beside: readonly D1PreparedStatement[],
): Promise<void> => {
  if (accepted.length === 0) {
    if (beside.length > 0) await db.batch([...beside]);
    return;
  }
  const providerIds = accepted.map(({ providerId }) => providerId);
  const [parked, listens] = await db.batch([
    selectParked(db, organizationId, providerIds),
    selectListens(db, organizationId, SENT),
    raiseStatuses(db, MESSAGE_STATUSES, accepted),
    ...beside,
  ]);
  await takeUp(db, parked!.results);
  if (listens!.results.length === 0) return;
  const ids = accepted.map(({ id }) => id);
  const rows = await readCampaignMessages(db, organizationId, ids);
  await mapConcurrently(rows, AT_ONCE, async (row) => {
    const { at, providerId } = accepted.find(({ id }) => id === row.id)!;
    const event: StreamEvent = {
      id: await derivedId(timeOfId(row.id) ?? at, "message.sent", row.id),
      organizationId,
      type: SENT,
      source: `campaign:${campaignId}`,
      contactId: row.contactId,
      ...(row.conversationId === null ? {} : { conversationId: row.conversationId }),
      data: {
        message_id: row.id,
        provider_id: providerId,
        channel: row.channel,
        to: row.recipient,
        content: row.body,
        status: row.status,
        campaign_id: campaignId,
      },
      occurredAt: at,
      depth: 1,
    };
    await inbox.accept(event, `sent:${row.id}`);
  });
};
