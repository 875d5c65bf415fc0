// What became of a campaign's messages, written for many at once. What is decided here is decided again, the same way, after a crash: the object
// keeps the outcome until its row has it.
import type { SendOutcome } from "../../channels/channel.ts";
import { markCampaignMessages, type Unsent } from "../../db/queries/campaign-messages.ts";
import type { StatusReport } from "../../db/queries/messages.ts";
import { changeConsent } from "../contact/change-consent.ts";
import { UNKNOWN_OUTCOME } from "../message/conclude.ts";
import { nextTryAt } from "./retry.ts";
import { type TellingWorld, writeAccepted } from "./tell-sent.ts";

export type Answered = {
  contactId: string;
  messageId: string;
  outcome: SendOutcome;
  /** How often it was tried, this time included. */
  tries: number;
};

/** `retryAt`, `slowUntil`: epoch ms. */
export type Concluded = {
  final: string[];
  again: { contactId: string; retryAt: number }[];
  doubtful: string[];
  /** The provider wants nothing of this sender before. */
  slowUntil: number;
  /** Refusals in a row for which the sender is to blame, not the recipient; the last one's words. */
  misconfigured: { count: number; reason: string } | null;
};

type World = TellingWorld & { now: number; chance: () => number };
type Accepted = StatusReport & { id: string; providerId: string };

/** One batch; one more for each person whose carrier says that they opted out. */
export const concludeWave = async (world: World, answers: readonly Answered[]): Promise<Concluded> => {
  const { db, organizationId, now } = world;
  const reports: Accepted[] = [];
  const unsent: Unsent[] = [];
  const concluded: Concluded = { final: [], again: [], doubtful: [], slowUntil: 0, misconfigured: null };
  for (const answer of answers) {
    const { contactId, messageId: id, outcome } = answer;
    if (outcome.outcome === "accepted") {
      reports.push(reportOf(organizationId, id, outcome, now));
      concluded.final.push(contactId);
      concluded.misconfigured = null;
    } else if (outcome.outcome === "unknown") {
      unsent.push({ ...TOLD_NOTHING, id, errorCode: UNKNOWN_OUTCOME, error: outcome.reason });
      concluded.doubtful.push(contactId);
    } else {
      const retryAt = nextTryAt(outcome, answer.tries, now, world.chance());
      const told = {
        id,
        errorCode: String(outcome.code ?? outcome.class),
        errorName: outcome.name,
        error: outcome.message,
      };
      concluded.slowUntil = Math.max(concluded.slowUntil, now + (outcome.retryAfterMs ?? 0));
      if (retryAt === undefined) {
        unsent.push({ ...told, status: "failed", holdUntil: null });
        concluded.final.push(contactId);
      } else {
        unsent.push({ ...told, status: "scheduled", holdUntil: Math.ceil(retryAt) });
        concluded.again.push({ contactId, retryAt });
      }
      if (outcome.class === "configuration") {
        concluded.misconfigured = { count: (concluded.misconfigured?.count ?? 0) + 1, reason: outcome.message };
      }
    }
  }
  const beside = unsent.length > 0 ? [markCampaignMessages(db, organizationId, now, unsent)] : [];
  await writeAccepted(world, reports, beside);
  for (const { contactId, outcome } of answers) {
    if (outcome.outcome !== "refused" || outcome.class !== "consent") continue;
    const change = { state: "OPT_OUT", source: "carrier", onlyOptedOut: false } as const;
    await changeConsent(db, { organizationId, contactId, ...change, at: now });
  }
  return concluded;
};

const TOLD_NOTHING = { status: "scheduled", errorName: null, holdUntil: null } as const;

const reportOf = (
  organizationId: string,
  id: string,
  { providerId, status, segments, error }: Extract<SendOutcome, { outcome: "accepted" }>,
  at: number,
): Accepted => ({
  organizationId,
  id,
  providerId,
  status,
  errorCode: error ? String(error.code ?? error.class) : null,
  errorName: error?.name ?? null,
  ...(segments === undefined ? {} : { segments }),
  error: error?.message ?? null,
  at,
});
