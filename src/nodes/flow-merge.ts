import { defineNode } from "./node.ts";

/** Output: the outputs that the branches brought, by node id. */
export const flowMerge = defineNode({
  type: "flow_merge",
  kind: "flow",
  title: "Merge",
  description:
    "Waits for all branches that are still alive and may come here, then goes on once with their outputs by node id.",
  fields: {},
  joins: true,
  enter: ({ input }) => ({ kind: "next", port: "output", output: input }),
});
