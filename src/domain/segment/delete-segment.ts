// The end of a segment. One that a campaign still needs stays.
import { findCampaignUsing } from "../../db/queries/campaigns.ts";
import { deleteSegment as deleteStatement } from "../../db/queries/segments.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import { readSegment } from "./read-segment.ts";
import type { Segment } from "./segment.ts";

export const deleteSegment = async (context: Context, id: string): Promise<Segment> => {
  authorizeRole(context.principal, "editor", "write");
  const { db } = context.ports;
  const segment = await readSegment(context, id);
  const { organizationId, name } = segment;
  const campaign = await findCampaignUsing(db, organizationId, { segmentId: id });
  if (campaign) {
    throw new DomainError("conflict", `The campaign '${campaign.name}' still needs this segment`, {
      subject: "segment",
      details: { campaign: campaign.id },
    });
  }
  await db.batch([
    deleteStatement(db, organizationId, id),
    auditStatement(context, { action: "segment.deleted", targetType: "segment", targetId: id, details: { name } }),
  ]);
  return segment;
};
