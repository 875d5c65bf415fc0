// What a campaign's object says of its run to the index: that it is awake, how large its audience is, how it ended.
import type { CampaignRow, CampaignStatus } from "./campaigns.ts";

const COLUMNS = `org_id AS organizationId, id, name, description, status, template_id AS templateId, segment_id AS segmentId, channel,
  schedule_time AS scheduleTime, rate, quiet_start AS quietStart, quiet_end AS quietEnd, on_unknown AS onUnknown, recipients, error,
  created_by AS createdBy, created_at AS createdAt, updated_at AS updatedAt, started_at AS startedAt, ended_at AS endedAt,
  next_wake_at AS nextWakeAt`;

/** The row, which says from now on when the object wakes next (epoch ms; null: not by itself). */
export const beatCampaign = async (
  db: D1Database,
  organizationId: string,
  id: string,
  nextWakeAt: number | null,
): Promise<CampaignRow | null> =>
  db
    .prepare(`UPDATE campaigns SET next_wake_at = ?3 WHERE org_id = ?1 AND id = ?2 RETURNING ${COLUMNS}`)
    .bind(organizationId, id, nextWakeAt)
    .first<CampaignRow>();

/** The time has come: answers the row when it was scheduled for no later than `now`. */
export const startScheduled = async (
  db: D1Database,
  organizationId: string,
  id: string,
  now: number,
  nextWakeAt: number,
): Promise<CampaignRow | null> =>
  db
    .prepare(
      `UPDATE campaigns SET status = 'running', started_at = ?3, updated_at = ?3, next_wake_at = ?4
       WHERE org_id = ?1 AND id = ?2 AND status = 'scheduled' AND schedule_time <= ?3 RETURNING ${COLUMNS}`,
    )
    .bind(organizationId, id, now, nextWakeAt)
    .first<CampaignRow>();

export const noteRecipients = async (db: D1Database, organizationId: string, id: string, n: number): Promise<void> => {
  await db
    .prepare("UPDATE campaigns SET recipients = ?3 WHERE org_id = ?1 AND id = ?2")
    .bind(organizationId, id, n)
    .run();
};

/** Only a run that still runs ends so; a pause or a cancellation that came before stands. True when it did. */
export const endRun = async (
  db: D1Database,
  of: { organizationId: string; id: string; status: CampaignStatus; error: string | null; at: number },
): Promise<boolean> => {
  const { meta } = await db
    .prepare(
      `UPDATE campaigns SET status = ?3, error = ?4, updated_at = ?5, next_wake_at = NULL,
         ended_at = CASE ?3 WHEN 'paused' THEN ended_at ELSE ?5 END
       WHERE org_id = ?1 AND id = ?2 AND status = 'running'`,
    )
    .bind(of.organizationId, of.id, of.status, of.error, of.at)
    .run();
  return meta.changes > 0;
};
