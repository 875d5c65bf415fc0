import { ERROR_PORT } from "../engine/contract.ts";
import { defineNode } from "./node.ts";

/** Output `{branches}`: the names of the ports. */
export const flowParallel = defineNode({
  type: "flow_parallel",
  kind: "flow",
  title: "Parallel",
  description: "Goes on by every connected port at the same time; a port may have any name.",
  fields: {},
  ports: { inputs: ["input"], outputs: ["branch_1", "branch_2"], anyOutput: true },
  enter: ({ connected }) => {
    const ports = connected.filter((port) => port !== ERROR_PORT);
    return { kind: "fork", ports, output: { branches: ports } };
  },
});
