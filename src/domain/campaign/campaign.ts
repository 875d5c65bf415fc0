// A campaign as verbs give it, what leads from one state to the next, and what holds for every one that is stored. How it is sent is run.ts and
// the `Campaign` object.
import type { CampaignRow, CampaignStatus, CampaignWithCounts } from "../../db/queries/campaigns.ts";
import { DomainError } from "../errors.ts";

export type Campaign = CampaignWithCounts;
export type { CampaignRow, CampaignStatus };

export const CAMPAIGN_STATUSES = [
  "draft",
  "scheduled",
  "running",
  "paused",
  "completed",
  "failed",
  "cancelled",
] as const satisfies readonly CampaignStatus[];

/** More than any sender is allowed. */
export const MAX_RATE = 1_000;

export const hasEnded = (status: CampaignStatus): boolean =>
  status === "completed" || status === "failed" || status === "cancelled";

export type CampaignInput = {
  name: string;
  description?: string;
  templateId: string;
  segmentId: string;
  /** A channel's kind or id. */
  channel?: string | null;
  /** Epoch ms. */
  scheduleTime?: number | null;
  /** Messages a second. */
  rate?: number | null;
  /** `HH:MM`. */
  quietStart?: string | null;
  quietEnd?: string | null;
  onUnknown?: "park" | "resend";
};

/** Throws `conflict`: the campaign is in no state for this. */
export const wrongState = (campaign: Pick<CampaignRow, "id" | "status">, doing: string): DomainError =>
  new DomainError("conflict", `A campaign that is ${campaign.status.toUpperCase()} cannot be ${doing}`, {
    subject: "campaign",
    details: { status: campaign.status.toUpperCase() },
  });

const impossible = (field: string, message: string, provided: string, expected: string): DomainError =>
  new DomainError("impossible", message, { subject: "campaign", problems: [{ field, message, provided, expected }] });

/** A time that has passed is a mistake, not a wish to start at once: that is what triggering is for. Throws `impossible`. */
export const checkSchedule = (scheduleTime: number | null | undefined, now: number): void => {
  if (scheduleTime != null && scheduleTime <= now) {
    const message = "The schedule time has passed; trigger the campaign to start it now";
    throw impossible("schedule_time", message, new Date(scheduleTime).toISOString(), "A time to come");
  }
};

/** Throws `invalid_input`: half a window, or one without an inside. */
export const checkQuietHours = ({ quietStart, quietEnd }: Pick<CampaignRow, "quietStart" | "quietEnd">): void => {
  const wrong = (field: string, message: string) => {
    throw new DomainError("invalid_input", `${field}: ${message}`, { problems: [{ field, message }] });
  };
  if (quietStart !== null && quietEnd === null) wrong("quiet_hours_end", "Quiet hours need an end.");
  if (quietEnd !== null && quietStart === null) wrong("quiet_hours_start", "Quiet hours need a start.");
  if (quietStart !== null && quietStart === quietEnd) {
    wrong("quiet_hours_end", "Must differ from the start: such quiet hours would last no time, or for ever.");
  }
};

/** Over it every message would fail: an audience spent on a slip of the pen. */
export const noSuchChannel = (channel: string): DomainError =>
  impossible(
    "channel",
    "There is no such channel",
    channel,
    "The id or kind of a channel that is configured, or inapp",
  );

/** Throws `impossible`, naming the field that leads to nothing. */
export const unknownReference = (field: "template_id" | "segment_id", thing: string, id: string): DomainError =>
  impossible(field, `There is no such ${thing}`, id, `The id of a ${thing}`);
