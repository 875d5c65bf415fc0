// A route an operation. A handler is parse, convert, verb, convert.
import { createTemplate } from "../../../domain/template/create-template.ts";
import { deleteTemplate } from "../../../domain/template/delete-template.ts";
import { listTemplates, readTemplate } from "../../../domain/template/read-template.ts";
import { updateTemplate } from "../../../domain/template/update-template.ts";
import { parsePage } from "../../shared/page.ts";
import { toPaging } from "../convert.ts";
import { ALWAYS, streamOperations } from "../operations.ts";
import { pageQuery } from "../schema.ts";
import { fromTemplate, fromTemplateChange, toTemplate } from "./convert.ts";
import * as schema from "./schema.ts";

const TEMPLATES = "/api/v1/templates";
const TEMPLATE = `${TEMPLATES}/{template_id}` as const;
const tag = "Templates";

const { routes, operation } = streamOperations();

export { routes };

operation(
  {
    method: "get",
    path: TEMPLATES,
    summary: "List templates",
    tag,
    query: pageQuery,
    answers: { 200: schema.templateList },
    errors: [400, ...ALWAYS],
  },
  async (c) => {
    const page = parsePage(c, "per_page");
    const { rows, total } = await listTemplates(c.var.context, page);
    return c.json({ templates: rows.map(toTemplate), ...toPaging(page, total) });
  },
);

operation(
  {
    method: "post",
    path: TEMPLATES,
    summary: "Create a template",
    tag,
    body: schema.createTemplateBody,
    answers: { 201: schema.writtenTemplate },
    errors: [400, ...ALWAYS],
  },
  async (c, { body }) => {
    const template = await createTemplate(c.var.context, fromTemplate(body));
    return c.json({ ...toTemplate(template), message: "Template created successfully" }, 201);
  },
);

operation(
  {
    method: "get",
    path: TEMPLATE,
    summary: "Get a template",
    tag,
    answers: { 200: schema.template },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => c.json(toTemplate(await readTemplate(c.var.context, params.template_id))),
);

operation(
  {
    method: "put",
    path: TEMPLATE,
    summary: "Change a template",
    tag,
    body: schema.updateTemplateBody,
    answers: { 200: schema.writtenTemplate },
    errors: [400, ...ALWAYS, 404],
  },
  async (c, { body, params }) => {
    const template = await updateTemplate(c.var.context, params.template_id, fromTemplateChange(body));
    return c.json({ ...toTemplate(template), message: "Template updated successfully" });
  },
);

operation(
  {
    method: "delete",
    path: TEMPLATE,
    summary: "Delete a template",
    tag,
    answers: { 200: schema.deletedTemplate },
    errors: [...ALWAYS, 404, 409],
  },
  async (c, { params }) => {
    const { id } = await deleteTemplate(c.var.context, params.template_id);
    return c.json({ message: "Template deleted successfully", id });
  },
);
