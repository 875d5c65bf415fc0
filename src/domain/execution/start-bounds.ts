// Whether a workflow's own bounds let somebody start it by hand: the same as for events.
import type { DefinitionSettings } from "../../engine/contract.ts";
import { DomainError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import { closedAt, startRulesOf } from "../workflow/start-rules.ts";

/** Throws `execution_refused`, with the reason. Without a contact, no contact's runs are counted. */
export const checkBounds = async (
  { contacts, now }: Pick<Ports, "contacts" | "now">,
  settings: DefinitionSettings,
  run: { organizationId: string; workflowId: string; executionId: string; contactId: string | null },
): Promise<void> => {
  const rules = startRulesOf(settings);
  const closed = closedAt(rules, now());
  if (closed !== undefined) throw refused(closed);
  const { organizationId, contactId, workflowId, executionId } = run;
  if (!rules?.perContact || contactId === null) return;
  const claimed = await contacts.claimRun(organizationId, contactId, { workflowId, executionId, ...rules.perContact });
  if (!claimed.allowed) throw refused(claimed.reason);
};

const refused = (reason: string): DomainError => new DomainError("execution_refused", reason, { subject: "workflow" });
