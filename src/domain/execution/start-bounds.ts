// Whether a workflow's own bounds let somebody, or a run, start it: the same as for events.
import type { DefinitionSettings } from "../../engine/contract.ts";
import { DomainError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import { closedAt, startRulesOf } from "../workflow/start-rules.ts";

type Start = { organizationId: string; workflowId: string; executionId: string; contactId: string | null };

/** Why it may not start; undefined when it may. Without a contact, no contact's runs are counted. */
export const boundsRefusal = async (
  { contacts, now }: Pick<Ports, "contacts" | "now">,
  settings: DefinitionSettings,
  { organizationId, contactId, workflowId, executionId }: Start,
): Promise<string | undefined> => {
  const rules = startRulesOf(settings);
  const closed = closedAt(rules, now());
  if (closed !== undefined) return closed;
  if (!rules?.perContact || contactId === null) return undefined;
  const claimed = await contacts.claimRun(organizationId, contactId, { workflowId, executionId, ...rules.perContact });
  return claimed.allowed ? undefined : claimed.reason;
};

/** Throws `execution_refused`, with the reason. */
export const checkBounds = async (
  ports: Pick<Ports, "contacts" | "now">,
  settings: DefinitionSettings,
  run: Start,
): Promise<void> => {
  const reason = await boundsRefusal(ports, settings, run);
  if (reason !== undefined) throw new DomainError("execution_refused", reason, { subject: "workflow" });
};
