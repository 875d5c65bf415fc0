// What a workflow is to the verbs and the APIs.
import type { WorkflowHead, WorkflowRow } from "../../db/queries/workflows.ts";
import type { Definition } from "./definition.ts";

export type Workflow = Omit<WorkflowRow, "definition"> & { definition: Definition };
/** Without its graph. */
export type WorkflowSummary = WorkflowHead;
export type WorkflowStatus = Workflow["status"];
export type Authoring = Workflow["authoring"];
