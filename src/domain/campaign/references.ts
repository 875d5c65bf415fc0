// What a campaign is made of: its template and its segment, in the caller's organisation.

import { findTemplate } from "../../db/queries/templates.ts";
import { DomainError } from "../errors.ts";
import type { Database } from "../ports.ts";
import type { Template } from "../template/template.ts";
import { findSegment, type SegmentRow } from "./audience.ts";
import { unknownReference } from "./campaign.ts";

/** Throws `impossible` and names the field: another organisation's is the same as a missing one. */
export const openReferences = async (
  db: Database,
  organizationId: string,
  { templateId, segmentId }: { templateId: string; segmentId: string },
): Promise<{ template: Template; segment: SegmentRow }> => {
  const [template, segment] = await Promise.all([
    findTemplate(db, organizationId, templateId),
    findSegment(db, organizationId, segmentId),
  ]);
  if (!template) throw unknownReference("template_id", "template", templateId);
  if (!segment) throw unknownReference("segment_id", "segment", segmentId);
  return { template, segment };
};

/** Throws `impossible`: nothing is sent of a template that was taken out of use. */
export const requireActive = (template: Template): void => {
  if (template.isActive) return;
  const message = `The template '${template.name}' is not active`;
  throw new DomainError("impossible", message, { subject: "template", problems: [{ field: "template_id", message }] });
};
