// A new marketing workflow, as a draft without triggers and actions.
import type { Context } from "../context.ts";
import { createWorkflow as createAny } from "../workflow/create-workflow.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { compileWorkflow } from "./compile-workflow.ts";
import { checkWindow } from "./update-workflow.ts";
import { type MarketingWire, toWire } from "./wire.ts";

export type NewMarketingWorkflow = { name: string; description: string } & Omit<MarketingWire, "madeBy">;

export const createWorkflow = async (
  context: Context,
  { name, description, ...rest }: NewMarketingWorkflow,
): Promise<Workflow> => {
  checkWindow(rest);
  const wire: MarketingWire = { ...rest, madeBy: context.principal.username };
  return createAny(context, "marketing", {
    name,
    description,
    entityId: null,
    communityId: null,
    definition: compileWorkflow(wire, { triggers: [], actions: [] }),
    wire: toWire(wire),
  });
};
