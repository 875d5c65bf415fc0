// Who opts out ends what is going on with them: the runs that speak to them, also those that merely sleep. What is sent is stopped by consent itself
// (message/gates.ts); this is so that nothing is left waiting for somebody who has gone.
import type { ContactRun } from "../../db/queries/contact-runs.ts";
import { timeOfId } from "../../lib/ids.ts";
import type { StreamEvent } from "../event.ts";
import { isOptOut } from "./words.ts";

/** Runs to ask whether they speak to the contact, and to end if so. */
export type EndTalks = { contactId: string; executionIds: string[]; reason: string };

type Planned = { event: StreamEvent; starts: readonly { executionId: string }[] };

/**
 * `runs`: what the index knows; `batch`: what comes with the event may start runs that it does not know yet. A run that began behind the word
 * belongs to another talk, and one that the word itself starts says what there is to say about it.
 */
export const talksToEnd = (
  { event, starts }: Planned,
  runs: readonly ContactRun[],
  batch: readonly Planned[],
): EndTalks | undefined => {
  const { organizationId, contactId, data, occurredAt } = event;
  if (!isOptOut(event) || contactId === undefined) return undefined;
  const isTheirs = (one: { organizationId: string; contactId?: string }) =>
    one.organizationId === organizationId && one.contactId === contactId;
  const earlier = batch.filter((one) => isTheirs(one.event) && one.event.occurredAt < occurredAt);
  const own = new Set(starts.map(({ executionId }) => executionId));
  const known = [
    ...(Array.isArray(data.ended) ? data.ended.filter((id) => typeof id === "string") : []),
    ...runs.filter(isTheirs).map(({ executionId }) => executionId),
    ...earlier.flatMap((one) => one.starts.map(({ executionId }) => executionId)),
  ];
  const executionIds = [...new Set(known)].filter((id) => !own.has(id) && (timeOfId(id) ?? 0) <= occurredAt);
  if (executionIds.length === 0) return undefined;
  const said = typeof data.content === "string" ? `: ${data.content.slice(0, 100)}` : "";
  return { contactId, executionIds, reason: `The contact has opted out${said}` };
};
