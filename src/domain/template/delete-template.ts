// The end of a template. One that a campaign still needs stays.
import { findCampaignUsing } from "../../db/queries/campaigns.ts";
import { deleteTemplate as deleteStatement, findTemplate } from "../../db/queries/templates.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError, notFound } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import type { Template } from "./template.ts";

export const deleteTemplate = async (context: Context, id: string): Promise<Template> => {
  authorizeRole(context.principal, "editor", "write");
  const { db } = context.ports;
  const { organizationId } = context.principal;
  const row = await findTemplate(db, organizationId, id);
  if (!row) throw notFound("template");
  const campaign = await findCampaignUsing(db, organizationId, { templateId: id });
  if (campaign) {
    throw new DomainError("conflict", `The campaign '${campaign.name}' still needs this template`, {
      subject: "template",
      details: { campaign: campaign.id },
    });
  }
  await db.batch([
    deleteStatement(db, organizationId, id),
    auditStatement(context, {
      action: "template.deleted",
      targetType: "template",
      targetId: id,
      details: { name: row.name },
    }),
  ]);
  return row;
};
