// …/templates: a route an operation. A handler is parse, convert, verb, convert.
import type { Blueprint } from "../../../domain/blueprint/blueprint.ts";
import { createBlueprint } from "../../../domain/blueprint/create-blueprint.ts";
import { deleteBlueprint } from "../../../domain/blueprint/delete-blueprint.ts";
import { instantiateBlueprint } from "../../../domain/blueprint/instantiate-blueprint.ts";
import { rateBlueprint } from "../../../domain/blueprint/rate-blueprint.ts";
import { countedBlueprint, listBlueprints, readBlueprint } from "../../../domain/blueprint/read-blueprint.ts";
import { updateBlueprint } from "../../../domain/blueprint/update-blueprint.ts";
import type { Finding } from "../../../domain/workflow/definition.ts";
import type { ApiContext } from "../../shared/api.ts";
import { parsePage } from "../../shared/page.ts";
import { toPagination } from "../convert.ts";
import { ALWAYS, BASE, enhancedOperations } from "../operations.ts";
import { tagsOf } from "../tags-of.ts";
import * as convert from "./convert.ts";
import * as schema from "./schema.ts";

const TEMPLATES = `${BASE}/templates` as const;
const TEMPLATE = `${TEMPLATES}/{id}` as const;
const tag = "Templates";

const { routes, operation } = enhancedOperations();

export { routes };

const callerOf = (c: ApiContext): string => c.var.context.principal.organizationId;

const answerOf = async (c: ApiContext, { blueprint, findings }: { blueprint: Blueprint; findings: Finding[] }) => ({
  template: convert.toTemplate(await countedBlueprint(c.var.context, blueprint), callerOf(c)),
  validationResults: convert.toResults(findings),
});

operation(
  {
    method: "get",
    path: TEMPLATES,
    summary: "List templates: your organization's, those that come with the product, and everybody's that are public",
    tag,
    query: schema.templateQuery,
    answers: { 200: schema.templateList },
    errors: ALWAYS,
  },
  async (c, { query }) => {
    const page = parsePage(c, "limit");
    const found = await listBlueprints(c.var.context, convert.fromQuery(query, tagsOf(c)), page);
    return c.json({ ...convert.toList(found, callerOf(c)), pagination: toPagination(page, found.total) });
  },
);

operation(
  {
    method: "post",
    path: TEMPLATES,
    summary: "Create a template from a workflow or a drawing; what is your organization's own becomes variables",
    tag,
    body: schema.createTemplateBody,
    answers: { 201: schema.madeTemplate },
    errors: [...ALWAYS, 404, 413, 422],
  },
  async (c, { body }) => c.json(await answerOf(c, await createBlueprint(c.var.context, convert.fromCreate(body))), 201),
);

operation(
  {
    method: "get",
    path: TEMPLATE,
    summary: "Get a template",
    tag,
    answers: { 200: schema.oneTemplate },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) =>
    c.json({ template: convert.toTemplate(await readBlueprint(c.var.context, params.id), callerOf(c)) }),
);

operation(
  {
    method: "put",
    path: TEMPLATE,
    summary: "Change a template; what was made from it stays",
    tag,
    body: schema.updateTemplateBody,
    answers: { 200: schema.madeTemplate },
    errors: [...ALWAYS, 404, 409, 413],
  },
  async (c, { params, body }) =>
    c.json(await answerOf(c, await updateBlueprint(c.var.context, params.id, convert.fromUpdate(body)))),
);

operation(
  {
    method: "delete",
    path: TEMPLATE,
    summary: "Delete a template; what was made from it stays",
    tag,
    answers: { 200: schema.deletedTemplate },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => {
    const { id, name } = await deleteBlueprint(c.var.context, params.id);
    return c.json({ success: true, template: { id, name } });
  },
);

operation(
  {
    method: "post",
    path: `${TEMPLATE}/instantiate`,
    summary: "Create a workflow from a template",
    tag,
    perMinute: 120,
    body: schema.instantiateBody,
    answers: { 201: schema.instantiated },
    errors: [...ALWAYS, 404, 413],
  },
  async (c, { params, body }) =>
    c.json(
      convert.toInstantiated(await instantiateBlueprint(c.var.context, params.id, convert.fromInstantiate(body))),
      201,
    ),
);

operation(
  {
    method: "post",
    path: `${TEMPLATE}/rate`,
    summary: "Rate a template; your last rating counts",
    tag,
    perMinute: 60,
    body: schema.rateBody,
    answers: { 200: schema.oneTemplate },
    errors: [...ALWAYS, 404],
  },
  async (c, { params, body }) =>
    c.json({ template: convert.toTemplate(await rateBlueprint(c.var.context, params.id, body.rating), callerOf(c)) }),
);
