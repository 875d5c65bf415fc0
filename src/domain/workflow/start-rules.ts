// What bounds the starts of a workflow: the time in which it may start, and how many runs one contact may have. Pure; who counts a contact's runs is
// contact/claim-run.ts.
import type { DefinitionSettings } from "../../engine/contract.ts";

/** PERSISTED CONTRACT: subscriptions.rules. */
export type StartRules = Pick<DefinitionSettings, "perContact" | "window">;

/** Null when nothing is bounded. */
export const startRulesOf = ({ perContact, window }: DefinitionSettings): StartRules | null => {
  const isCapped = perContact !== undefined && (perContact.maxExecutions > 0 || perContact.delayMs > 0);
  const isDated = window !== undefined && (window.startAt !== null || window.endAt !== null);
  if (!isCapped && !isDated) return null;
  return { ...(isCapped && { perContact }), ...(isDated && { window }) };
};

/** Why nothing starts at `now` (epoch ms); undefined when it may. Both ends are inside. */
export const closedAt = (rules: StartRules | null, now: number): string | undefined => {
  const { startAt = null, endAt = null } = rules?.window ?? {};
  if (startAt !== null && now < startAt) return `The workflow starts nothing before ${new Date(startAt).toISOString()}`;
  if (endAt !== null && now > endAt) return `The workflow starts nothing after ${new Date(endAt).toISOString()}`;
  return undefined;
};
