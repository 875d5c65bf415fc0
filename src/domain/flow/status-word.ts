// The states of a flow in the flow document's words, which a client may send back with a flow (CONTRACT "One vocabulary").
import type { WorkflowStatus } from "../workflow/workflow.ts";

/** An archived flow is never shown as a flow. */
const WORDS: Record<WorkflowStatus, string> = {
  draft: "draft",
  active: "published",
  paused: "stop",
  archived: "archived",
};

export const statusWord = (status: WorkflowStatus): string => WORDS[status];
