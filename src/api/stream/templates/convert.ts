// The only place where the wire names of templates meet ours.
import type { z } from "zod";
import { charactersOf, type Template, type TemplateInput } from "../../../domain/template/template.ts";
import { instant } from "../convert.ts";
import type { createTemplateBody, updateTemplateBody } from "./schema.ts";

const optionsOf = (body: z.output<typeof updateTemplateBody>) => ({
  ...(body.variables === undefined ? {} : { variables: body.variables }),
  ...(body.content_sid === undefined ? {} : { contentSid: body.content_sid }),
  ...(body.is_active === undefined ? {} : { isActive: body.is_active }),
});

export const fromTemplate = (body: z.output<typeof createTemplateBody>): TemplateInput => ({
  name: body.name,
  content: body.content,
  ...optionsOf(body),
});

export const fromTemplateChange = (body: z.output<typeof updateTemplateBody>): Partial<TemplateInput> => ({
  ...(body.name === undefined ? {} : { name: body.name }),
  ...(body.content === undefined ? {} : { content: body.content }),
  ...optionsOf(body),
});

export const toTemplate = (template: Template) => ({
  id: template.id,
  name: template.name,
  content: template.content,
  variables: template.variables,
  character_count: charactersOf(template.content),
  created_at: instant(template.createdAt),
  updated_at: instant(template.updatedAt),
  is_active: template.isActive,
  content_sid: template.contentSid,
});
