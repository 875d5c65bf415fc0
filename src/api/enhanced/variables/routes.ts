// …/workflows/{id}/variables: a route an operation. A handler is parse, convert, verb, convert.
import { deleteVariable } from "../../../domain/variable/delete-variable.ts";
import { readVariables } from "../../../domain/variable/read-variables.ts";
import { saveVariable } from "../../../domain/variable/save-variable.ts";
import { ALWAYS, BASE, enhancedOperations } from "../operations.ts";
import * as convert from "./convert.ts";
import * as schema from "./schema.ts";

const VARIABLES = `${BASE}/workflows/{id}/variables` as const;
const tag = "Variables";

const { routes, operation } = enhancedOperations();

export { routes };

operation(
  {
    method: "get",
    path: VARIABLES,
    summary: "List the variables and data that a workflow's templates may read",
    tag,
    answers: { 200: schema.workflowVariables },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => c.json(convert.toVariables(await readVariables(c.var.context, params.id))),
);

operation(
  {
    method: "post",
    path: VARIABLES,
    summary: "Declare a variable, or change it",
    tag,
    body: schema.createVariableBody,
    answers: { 200: schema.savedVariable, 201: schema.savedVariable },
    errors: [...ALWAYS, 404, 409, 413, 422],
  },
  async (c, { params, body }) => {
    const saved = await saveVariable(c.var.context, params.id, convert.fromVariable(body));
    return c.json(convert.toSavedVariable(saved), saved.created ? 201 : 200);
  },
);

operation(
  {
    method: "delete",
    path: `${VARIABLES}/{name}`,
    summary: "Delete a variable",
    tag,
    query: schema.deleteQuery,
    answers: { 200: schema.deletedVariable },
    errors: [...ALWAYS, 404, 409, 422],
  },
  async (c, { params, query }) => {
    const wanted = { name: params.name, isGlobal: query.scope === "global" };
    const variable = await deleteVariable(c.var.context, params.id, wanted);
    return c.json({ success: true, variable: convert.toVariable(variable) });
  },
);
