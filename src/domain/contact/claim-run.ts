// Whether a contact may have one more run of a workflow. Pure; the `Contact` object keeps what it is decided by, and decides one after the other.
import { HOUR_MS } from "../../lib/durations.ts";

export type RunClaim = {
  workflowId: string;
  /** The same run again is the same claim. */
  executionId: string;
  /** In all; 0: any number. */
  maxExecutions: number;
  /** Between two starts. */
  delayMs: number;
};

/**
 * PERSISTED CONTRACT: the `Contact` object's key `runs:<workflow>`. `recent`: the latest runs, so that a claim that comes again is known. `unsure`:
 * claims of which nobody has looked yet whether their run began, and what `latestAt` was before them.
 */
export type ClaimedRuns = { count: number; latestAt: number; recent: string[]; unsure?: UnsureClaim[] };
type UnsureClaim = { executionId: string; at: number; before: number };

export type Claimed = { allowed: true } | { allowed: false; reason: string };

/** An event comes again within minutes, or hours at the worst; nobody has so many runs of one workflow in that time. */
const MAX_RECENT = 500;

/** `kept` is what is to be kept instead; absent when nothing changes. `now`: epoch ms. */
export const claimRun = (
  runs: ClaimedRuns | undefined,
  { executionId, maxExecutions, delayMs }: RunClaim,
  now: number,
): { claimed: Claimed; kept?: ClaimedRuns } => {
  const { count, latestAt, recent, unsure = [] } = runs ?? { count: 0, latestAt: 0, recent: [] };
  if (recent.includes(executionId)) return { claimed: { allowed: true } };
  if (maxExecutions > 0 && count >= maxExecutions) {
    return refused(`The contact has had ${count} of the ${maxExecutions} executions that the workflow allows`);
  }
  const next = latestAt + delayMs;
  if (count > 0 && now < next) {
    return refused(`The contact's next execution of the workflow may start at ${new Date(next).toISOString()}`);
  }
  const kept = {
    count: count + 1,
    latestAt: now,
    recent: [...recent, executionId].slice(-MAX_RECENT),
    unsure: [...unsure, { executionId, at: now, before: latestAt }].slice(-MAX_UNSURE),
  };
  return { claimed: { allowed: true }, kept };
};

const refused = (reason: string): { claimed: Claimed } => ({ claimed: { allowed: false, reason } });

/** A run begins within seconds of its claim, or its start comes again and claims anew. */
const BEGINNING_MS = 60_000;
/** Within it a run is there, however short an organisation keeps what has ended. */
const KEPT_MS = 20 * HOUR_MS;
const MAX_UNSURE = 20;

/** Claims whose run may never have begun, to be looked for before somebody is refused for their sake. */
export const unsureClaims = ({ unsure = [] }: ClaimedRuns, now: number): string[] =>
  unsure.filter(({ at }) => now - at >= BEGINNING_MS && now - at < KEPT_MS).map(({ executionId }) => executionId);

/** After a look: what was claimed for runs that are not there (`lost`) is given back; of the others in `looked` nobody asks again. */
export const settleClaims = (runs: ClaimedRuns, looked: readonly string[], lost: readonly string[]): ClaimedRuns => {
  const { count, latestAt, recent, unsure = [] } = runs;
  const given = unsure.filter(({ executionId }) => lost.includes(executionId));
  // The last claim that counts decides when the next may start.
  const before = given
    .toReversed()
    .reduce((latest, { at, before: earlier }) => (at === latest ? earlier : latest), latestAt);
  return {
    count: count - given.length,
    latestAt: before,
    recent: recent.filter((id) => !given.some(({ executionId }) => executionId === id)),
    unsure: unsure.filter(({ executionId }) => !looked.includes(executionId)),
  };
};

/** PERSISTED CONTRACT: names the object that counts a contact's runs, whatever addresses they have. */
export const runsObjectName = (organizationId: string, contactId: string): string =>
  `${organizationId}/runs:${contactId}`;
