// Whether a contact may have one more run of a workflow. Pure; the `Contact` object keeps what it is decided by, and decides one after the other.

export type RunClaim = {
  workflowId: string;
  /** The same run again is the same claim. */
  executionId: string;
  /** In all; 0: any number. */
  maxExecutions: number;
  /** Between two starts. */
  delayMs: number;
};

/** PERSISTED CONTRACT: the `Contact` object's key `runs:<workflow>`. `recent`: the latest runs, so that a claim that comes again is known. */
export type ClaimedRuns = { count: number; latestAt: number; recent: string[] };

export type Claimed = { allowed: true } | { allowed: false; reason: string };

/** An event comes again within minutes, or hours at the worst; nobody has so many runs of one workflow in that time. */
const MAX_RECENT = 500;

/** `kept` is what is to be kept instead; absent when nothing changes. `now`: epoch ms. */
export const claimRun = (
  runs: ClaimedRuns | undefined,
  { executionId, maxExecutions, delayMs }: RunClaim,
  now: number,
): { claimed: Claimed; kept?: ClaimedRuns } => {
  const { count, latestAt, recent } = runs ?? { count: 0, latestAt: 0, recent: [] };
  if (recent.includes(executionId)) return { claimed: { allowed: true } };
  if (maxExecutions > 0 && count >= maxExecutions) {
    return refused(`The contact has had ${count} of the ${maxExecutions} executions that the workflow allows`);
  }
  const next = latestAt + delayMs;
  if (runs && now < next) {
    return refused(`The contact's next execution of the workflow may start at ${new Date(next).toISOString()}`);
  }
  const kept = { count: count + 1, latestAt: now, recent: [...recent, executionId].slice(-MAX_RECENT) };
  return { claimed: { allowed: true }, kept };
};

const refused = (reason: string): { claimed: Claimed } => ({ claimed: { allowed: false, reason } });

/** PERSISTED CONTRACT: names the object that counts a contact's runs, whatever addresses they have. */
export const runsObjectName = (organizationId: string, contactId: string): string =>
  `${organizationId}/runs:${contactId}`;
