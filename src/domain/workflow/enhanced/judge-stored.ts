// What is wrong with a workflow as it is stored, whichever API made it.
import { type Definition, type Judges, judgeDefinition } from "../definition.ts";
import type { Workflow } from "../workflow.ts";
import { type Judged, judgeWorkflow } from "./compile-workflow.ts";
import { placesInDefinition } from "./places.ts";
import { wireOf } from "./workflow-data.ts";

export const judgeStored = (workflow: Workflow, judges?: Judges): Judged =>
  workflow.authoring === "enhanced" ? judgeWorkflow(wireOf(workflow), judges) : judgeOther(workflow.definition, judges);

const judgeOther = (definition: Definition, judges?: Judges): Judged => {
  const { program, findings } = judgeDefinition(definition, judges);
  const placeOf = placesInDefinition(definition);
  const placed = findings.map((finding) => ({ ...finding, path: placeOf(finding) }));
  return { definition, program, findings: placed, placeOf };
};
