import { anyJson } from "./config.ts";
import { defineNode } from "./node.ts";

/** Output: `output`, or what the branch brought. */
export const flowEnd = defineNode({
  type: "flow_end",
  kind: "flow",
  title: "End",
  description: "Ends its branch. `output` is what the run answers when this is its last step.",
  fields: { output: anyJson.optional() },
  ports: { inputs: ["input"], outputs: [] },
  ends: true,
  enter: ({ config, input }) => ({ kind: "end", output: config.output ?? input }),
});
