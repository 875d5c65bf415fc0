// trigger_manual: somebody, or another workflow, says so.
import { z } from "zod";
import { defineTrigger } from "./trigger.ts";

export const triggerManual = defineTrigger({
  type: "trigger_manual",
  title: "Manual",
  description: "Starts when the workflow is executed by a person, by the API, or by another workflow.",
  schema: z.strictObject({}),
  startedBy: "hand",
  subscriptions: () => [],
});
