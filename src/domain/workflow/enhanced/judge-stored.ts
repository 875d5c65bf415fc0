// What is wrong with a workflow as it is stored, whichever API made it.
import type { Egress } from "../../ports.ts";
import { type Definition, judgeDefinition } from "../definition.ts";
import type { Workflow } from "../workflow.ts";
import { type Judged, judgeWorkflow } from "./compile-workflow.ts";
import { placesInDefinition } from "./places.ts";
import { wireOf } from "./workflow-data.ts";

export const judgeStored = (workflow: Workflow, egress?: Egress): Judged =>
  workflow.authoring === "enhanced" ? judgeWorkflow(wireOf(workflow), egress) : judgeOther(workflow.definition, egress);

const judgeOther = (definition: Definition, egress?: Egress): Judged => {
  const { program, findings } = judgeDefinition(definition, egress);
  const placeOf = placesInDefinition(definition);
  const placed = findings.map((finding) => ({ ...finding, path: placeOf(finding) }));
  return { definition, program, findings: placed, placeOf };
};
