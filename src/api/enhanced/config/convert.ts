// What an organisation's triggers and actions may name, in this API's words.
import type { z } from "@hono/zod-openapi";
import { onlyType } from "../../../domain/configuration/attribute-types.ts";
import type { ActionOptions } from "../../../domain/configuration/read-action-options.ts";
import type { TriggerOptions } from "../../../domain/configuration/read-trigger-options.ts";
import { toCustomAction, toDefinition, toIntegration } from "../actions/convert.ts";
import { timeOf, timeOrNull } from "../convert.ts";
import { toDefinition as toTriggerDefinition } from "../triggers/convert.ts";
import type * as schema from "./schema.ts";

const counted = ({ count, isExact }: { count: number; isExact: boolean }) => ({ count, countIsExact: isExact });

export const toTriggerConfig = ({
  definitions: { definitions, builtIn },
  leadSources,
  forms,
  tags,
  customFields,
}: TriggerOptions): z.input<typeof schema.triggerConfig> => ({
  availableTriggers: definitions.map((one) => toTriggerDefinition(one, builtIn)),
  leadSources: leadSources.map(({ lastSeenAt, id, name, type, attribute, ...rest }) => ({
    id,
    name,
    type,
    attribute,
    ...counted(rest),
    lastSeenAt: timeOrNull(lastSeenAt),
  })),
  formsList: forms.map((form) => ({ ...form, lastSubmissionAt: timeOrNull(form.lastSubmissionAt) })),
  tagsList: tags.map(({ name, ...rest }) => ({ id: name, name, ...counted(rest) })),
  customFields: customFields.map(({ name, dataTypes, ...rest }) => ({
    id: name,
    name,
    dataType: onlyType(dataTypes),
    dataTypes,
    path: `contact.attributes.${name}`,
    ...counted(rest),
  })),
});

export const toActionConfig = ({
  definitions,
  own,
  integrations,
  templates,
}: ActionOptions): z.input<typeof schema.actionConfig> => {
  const toTemplate = ({ id, name, content, variables, updatedAt }: ActionOptions["templates"][number]) => ({
    id,
    name,
    content,
    variables,
    updatedAt: timeOf(updatedAt),
  });
  const texts = templates.filter(({ contentSid }) => contentSid === null);
  return {
    availableActions: definitions.map(toDefinition),
    emailTemplates: texts.map(toTemplate),
    smsTemplates: texts.map((one) => ({ ...toTemplate(one), segments: one.segments })),
    whatsappTemplates: templates.flatMap((one) =>
      one.contentSid === null ? [] : [{ ...toTemplate(one), contentSid: one.contentSid }],
    ),
    integrations: integrations.map(toIntegration),
    customActions: own.map(toCustomAction),
  };
};
