import { defineNode } from "./node.ts";

export const loopBreak = defineNode({
  type: "loop_break",
  kind: "loop",
  title: "Break",
  description: "Ends the innermost loop around it at once; that loop goes on by `done`.",
  fields: {},
  ports: { inputs: ["input"], outputs: [] },
  ends: true,
  breaks: true,
  enter: () => ({ kind: "break" }),
});
