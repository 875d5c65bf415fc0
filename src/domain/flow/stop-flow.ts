// A published flow takes no new conversation; those that run go on to their end.
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import { changeTime, changing } from "../workflow/changing.ts";
import { pauseOpened } from "../workflow/pause-workflow.ts";
import { openFlow, unlessFlowChanged } from "./open-flow.ts";
import { type FlowRecord, recordOf } from "./record.ts";

/** Stopping what is stopped changes nothing. Throws `impossible` for a draft. */
export const stopFlow = (context: Context, id: string): Promise<FlowRecord> =>
  changing(async () => {
    const workflow = await openFlow(context, id, "edit");
    if (workflow.status === "draft")
      throw new DomainError("impossible", "A draft can't be stopped: it was never published", { subject: "flow" });
    const at = changeTime(context, workflow);
    return recordOf({
      ...workflow,
      ...(await pauseOpened(context, workflow, at, unlessFlowChanged(context, workflow))),
    });
  });
