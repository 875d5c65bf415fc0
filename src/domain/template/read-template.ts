// One template, and all of them, for whoever may look.
import { findTemplate, listTemplates as queryTemplates } from "../../db/queries/templates.ts";
import type { Context } from "../context.ts";
import { notFound } from "../errors.ts";
import { authorizeRole } from "../permission.ts";
import type { Template } from "./template.ts";

export const readTemplate = async (context: Context, id: string): Promise<Template> => {
  authorizeRole(context.principal, "viewer", "read");
  const found = await findTemplate(context.ports.db, context.principal.organizationId, id);
  if (!found) throw notFound("template");
  return found;
};

/** Newest first. */
export const listTemplates = async (
  context: Context,
  page: { limit: number; offset: number },
): Promise<{ rows: Template[]; total: number }> => {
  authorizeRole(context.principal, "viewer", "read");
  return queryTemplates(context.ports.db, context.principal.organizationId, page);
};
