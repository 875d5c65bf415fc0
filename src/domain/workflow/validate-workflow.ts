// What is wrong with a workflow's draft.
import type { Context } from "../context.ts";
import { openWorkflow } from "./access.ts";
import { type Finding, findingsOf } from "./definition.ts";

export const validateWorkflow = async (context: Context, id: string): Promise<Finding[]> =>
  findingsOf((await openWorkflow(context, id, "view")).definition, context.ports.egress);
