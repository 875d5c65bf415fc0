// A new template.
import { insertTemplate } from "../../db/queries/templates.ts";
import { newId } from "../../lib/ids.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";
import { checkTemplate, type Template, type TemplateInput } from "./template.ts";

export const createTemplate = async (context: Context, input: TemplateInput): Promise<Template> => {
  authorizeRole(context.principal, "editor", "write");
  const { ports, principal } = context;
  const at = ports.now();
  const template: Template = {
    organizationId: principal.organizationId,
    id: newId(at),
    name: input.name,
    content: input.content,
    variables: checkTemplate(input.content, input.variables),
    contentSid: input.contentSid ?? null,
    isActive: input.isActive ?? true,
    createdBy: principal.userId,
    createdAt: at,
    updatedAt: at,
  };
  await ports.db.batch([
    insertTemplate(ports.db, template),
    auditStatement(context, {
      action: "template.created",
      targetType: "template",
      targetId: template.id,
      details: { name: template.name },
    }),
  ]);
  return template;
};
