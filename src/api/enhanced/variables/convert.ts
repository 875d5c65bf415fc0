// Variables, both ways.
import type { z } from "@hono/zod-openapi";
import type { WorkflowVariables } from "../../../domain/variable/read-variables.ts";
import type { SavedVariable, VariableInput } from "../../../domain/variable/save-variable.ts";
import type { Variable } from "../../../domain/variable/variable.ts";
import { timeOrNull } from "../convert.ts";
import type * as schema from "./schema.ts";

export const fromVariable = (body: z.output<typeof schema.createVariableBody>): VariableInput => body as VariableInput;

export const toVariable = (variable: Variable): z.input<typeof schema.workflowVariable> => ({
  id: variable.name,
  ...variable,
  validationRules: variable.validationRules as z.input<typeof schema.workflowVariable>["validationRules"],
  createdAt: timeOrNull(variable.createdAt),
  updatedAt: timeOrNull(variable.updatedAt),
});

export const toVariables = ({
  variables,
  globalVariables,
  systemVariables,
  dataSources,
}: WorkflowVariables): z.input<typeof schema.workflowVariables> => ({
  variables: variables.map(toVariable),
  globalVariables: globalVariables.map((one) => {
    const { source: _, ...rest } = toVariable(one);
    return { ...rest, scope: "global" as const };
  }),
  systemVariables: [...systemVariables],
  availableDataSources: dataSources,
});

export const toSavedVariable = ({ variable, conflicts }: SavedVariable): z.input<typeof schema.savedVariable> => ({
  variable: toVariable(variable),
  conflicts,
});
