// The caller's own flows: all of them a page at a time, and one with how often its nodes were entered.
import { type FlowCursor, listFlowsOf } from "../../db/queries/flows.ts";
import { readNodeEntries } from "../../db/queries/node-entries.ts";
import type { Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";
import { openFlow } from "./open-flow.ts";
import { type FlowRecord, recordOf } from "./record.ts";

/** Documents of a page, each of up to 400 KB. */
const PAGE = 20;

/** Newest first. Reads on as they are taken. */
export async function* listFlows({ principal, ports }: Context): AsyncGenerator<FlowRecord[], void> {
  authorizeRole(principal, "viewer", "read");
  let last: FlowCursor | null = null;
  do {
    const rows: Awaited<ReturnType<typeof listFlowsOf>> = await listFlowsOf(ports.db, principal, last, PAGE);
    yield rows.map(recordOf);
    last = rows.length === PAGE ? rows.at(-1)! : null;
  } while (last);
}

/** `entries`: by node id, of a flow that was published before; a node that nobody has entered is not there. */
export const readFlowDetail = async (
  context: Context,
  id: string,
): Promise<{ flow: FlowRecord; entries: ReadonlyMap<string, number> | null }> => {
  const workflow = await openFlow(context, id, "view");
  const isCounted = workflow.status !== "draft";
  const entries = isCounted ? await readNodeEntries(context.ports.db, workflow.organizationId, id) : null;
  return { flow: recordOf(workflow), entries };
};
