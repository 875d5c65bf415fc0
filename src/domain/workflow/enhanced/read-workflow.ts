// One workflow of any API, as it is now.
import type { Context } from "../../context.ts";
import { openWorkflow } from "../access.ts";
import { recordOf, type WorkflowRecord } from "./record.ts";

export const readEnhancedWorkflow = async (context: Context, id: string): Promise<WorkflowRecord> =>
  recordOf(context.ports.db, await openWorkflow(context, id, "view"));
