// Where the values go that somebody gives who makes a workflow from a template.
import { expect, it } from "vitest";
import type { BlueprintContent } from "../../../src/domain/blueprint/blueprint.ts";
import { fillContent } from "../../../src/domain/blueprint/fill.ts";
import { judgeBlueprint } from "../../../src/domain/blueprint/judge-blueprint.ts";
import type { BlueprintVariable } from "../../../src/domain/blueprint/variables.ts";

const content: BlueprintContent = {
  workflowData: {
    nodes: [
      { id: "start", type: "trigger_manual", data: { label: "Start" } },
      {
        id: "say",
        type: "action_chat_message",
        data: {
          label: "Say",
          config: { message: "[[template.shop]]: {{ variables.offer }}", to: "{{ variables.to }}" },
        },
      },
      { id: "end", type: "flow_end", data: { label: "End" } },
    ],
    edges: [
      { source: "start", target: "say" },
      { source: "say", target: "end" },
    ],
    variables: { offer: "none", other: 1 },
  },
  triggerType: null,
  triggerConfig: {},
  settings: {},
  triggers: [],
};

it("fills places, and what has none is a variable of the workflow, before one of the drawing", () => {
  const values = new Map<string, string | number>([
    ["shop", "Mill"],
    ["offer", 5],
    ["to", "+4915112345678"],
  ]);
  const { workflowData } = fillContent(content, values);
  expect(workflowData.nodes[1]!.data!.config!.message).toBe("Mill: {{ variables.offer }}");
  expect(workflowData.variables).toEqual({ offer: 5, other: 1, to: "+4915112345678" });
  expect(fillContent(content, new Map([["shop", "Mill"]])).workflowData.variables).toEqual({ offer: "none", other: 1 });
});

it("says which variable is used by neither", () => {
  const variables = ["shop", "offer", "to", "colour"].map(
    (name): BlueprintVariable => ({ name, type: "string", required: true }),
  );
  const findings = judgeBlueprint(content, variables, { refusalOf: () => undefined } as never);
  expect(findings.filter(({ code }) => code === "unused_variable")).toMatchObject([
    { path: "requiredVariables.3", message: expect.stringContaining("[[template.colour]]") },
  ]);
});
