// Changes to a marketing workflow's words, limits and dates.
import type { Context } from "../context.ts";
import { invalid } from "../errors.ts";
import { changing } from "../workflow/changing.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { readJoined } from "./joined.ts";
import { openForChange } from "./open-workflow.ts";
import { saveWorkflow } from "./save-workflow.ts";
import { type MarketingWire, marketingWireOf, toWire } from "./wire.ts";

/** What is not said stays. */
export type MarketingChange = { name?: string; description?: string } & Partial<Omit<MarketingWire, "madeBy">>;

/** Throws `invalid_input` for an end before the start. */
export const checkWindow = ({ startAt, endAt }: Pick<MarketingWire, "startAt" | "endAt">): void => {
  if (startAt !== null && endAt !== null && endAt < startAt)
    throw invalid("end_date", "Must not be before start_date.");
};

export const updateWorkflow = (
  context: Context,
  id: string,
  { name, description, ...limits }: MarketingChange,
): Promise<Workflow> =>
  changing(async () => {
    const workflow = await openForChange(context, id);
    const wire = { ...marketingWireOf(workflow), ...limits };
    checkWindow(wire);
    const change = {
      ...(name !== undefined && { name }),
      ...(description !== undefined && { description }),
      wire: toWire(wire),
    };
    const joined = await readJoined(context.ports.db, workflow.organizationId, id);
    const fields = Object.keys({ ...change, ...limits }).filter((field) => field !== "wire");
    return saveWorkflow(context, workflow, { joined, change, details: { fields } });
  });
