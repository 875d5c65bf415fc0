// A new flow, as a draft. It may be unfinished.
import { findPersonalFor } from "../../db/queries/organizations.ts";
import { newObjectId } from "../../lib/ids.ts";
import type { Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";
import { createWorkflow } from "../workflow/create-workflow.ts";
import { definitionOfFlow } from "./definition-of-flow.ts";
import type { Flow } from "./flow.ts";
import { type FlowRecord, recordOf, wireOf } from "./record.ts";

/** The caller becomes its user. Takes the role editor. `content` is what `readFlow` answered. */
export const createFlow = async (context: Context, content: Flow): Promise<FlowRecord> => {
  authorizeRole(context.principal, "editor", "write");
  const now = context.ports.now();
  const workflow = await createWorkflow(context, "flow", {
    id: newObjectId(now),
    name: content.name,
    description: "",
    entityId: content.brand_id ?? (await brandOf(context)),
    communityId: null,
    definition: definitionOfFlow(content),
    wire: wireOf({ flow: content, contentUpdatedAt: now }),
  });
  return recordOf(workflow);
};

/** A brand that nobody named is the organisation's: the number of the user whose own one it is, else of who makes the flow. */
const brandOf = async ({ ports, principal }: Context): Promise<number> => {
  const owner = await findPersonalFor(ports.db, principal.organizationId);
  return wholeNumber(owner) ?? wholeNumber(principal.userId) ?? 0;
};

const wholeNumber = (text: string | null): number | undefined => {
  const number = text !== null && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : undefined;
};
