// What a campaign is made of: its template, its segment and its channel, in the caller's organisation.

import { findTemplate } from "../../db/queries/templates.ts";
import { DomainError } from "../errors.ts";
import { hasChannel } from "../message/channels.ts";
import type { Ports } from "../ports.ts";
import type { Template } from "../template/template.ts";
import { findSegment, type SegmentRow } from "./audience.ts";
import { noSuchChannel, unknownReference } from "./campaign.ts";

/** Throws `impossible` and names the field: another organisation's is the same as a missing one. */
export const openReferences = async (
  { db, channels }: Pick<Ports, "db" | "channels">,
  organizationId: string,
  { templateId, segmentId, channel }: { templateId: string; segmentId: string; channel?: string | null },
): Promise<{ template: Template; segment: SegmentRow }> => {
  const [template, segment] = await Promise.all([
    findTemplate(db, organizationId, templateId),
    findSegment(db, organizationId, segmentId),
  ]);
  if (!template) throw unknownReference("template_id", "template", templateId);
  if (!segment) throw unknownReference("segment_id", "segment", segmentId);
  if (channel != null && !hasChannel(await channels(organizationId), channel)) throw noSuchChannel(channel);
  return { template, segment };
};

/** Throws `impossible`: nothing is sent of a template that was taken out of use. */
export const requireActive = (template: Template): void => {
  if (template.isActive) return;
  const message = `The template '${template.name}' is not active`;
  throw new DomainError("impossible", message, { subject: "template", problems: [{ field: "template_id", message }] });
};
