// Changes to a template. A campaign that runs keeps the text with which it began.
import { findTemplate, updateTemplate as updateStatement } from "../../db/queries/templates.ts";
import { auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import { checkTemplate, type Template, type TemplateInput } from "./template.ts";

/** What is not named stays. */
export const updateTemplate = async (
  context: Context,
  id: string,
  { variables, ...change }: Partial<TemplateInput>,
): Promise<Template> => {
  authorizeRole(context.principal, "editor", "write");
  const { db, now } = context.ports;
  const row = await findTemplate(db, context.principal.organizationId, id);
  if (!row) throw notFound("template");
  const next: Template = { ...row, ...change, updatedAt: now() };
  next.variables = checkTemplate(next.content, variables);
  const { content, name, contentSid, isActive, updatedAt } = next;
  await db.batch([
    updateStatement(db, row, { content, name, contentSid, isActive, updatedAt, variables: next.variables }),
    auditStatement(context, {
      action: "template.updated",
      targetType: "template",
      targetId: id,
      details: { fields: Object.keys(change) },
    }),
  ]);
  return next;
};
