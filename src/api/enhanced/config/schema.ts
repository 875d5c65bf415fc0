// Wire shapes of …/config.
import { z } from "@hono/zod-openapi";
import { actionDefinition, customActionDefinition, integrationDefinition } from "../actions/schema.ts";
import { instant } from "../schema.ts";
import { triggerDefinition } from "../triggers/schema.ts";

const counted = {
  count: z.int(),
  countIsExact: z.boolean().openapi({ description: "False: so many were counted, and there are more" }),
};

export const triggerConfig = z.object({
  availableTriggers: z.array(triggerDefinition),
  leadSources: z.array(
    z
      .object({
        id: z.string(),
        name: z.string(),
        type: z.enum(["attribute", "webhook", "creator"]).openapi({
          description:
            "A value of the contacts' source, lead_source or utm_source; an endpoint; what made the latest new contacts",
        }),
        attribute: z.string().nullable(),
        ...counted,
        lastSeenAt: instant.nullable(),
      })
      .openapi("LeadSource"),
  ),
  formsList: z.array(
    z
      .object({
        id: z.string(),
        name: z.string(),
        type: z.enum(["webhook", "event"]),
        eventType: z.string(),
        webhookId: z.string().nullable(),
        fields: z.array(z.object({ name: z.string(), dataType: z.string(), count: z.int() })),
        submissions: z.int().openapi({ description: "Among the latest 1,000 events" }),
        lastSubmissionAt: instant.nullable(),
      })
      .openapi("FormDefinition"),
  ),
  tagsList: z.array(z.object({ id: z.string(), name: z.string(), ...counted }).openapi("TagDefinition")),
  customFields: z.array(
    z
      .object({
        id: z.string(),
        name: z.string(),
        dataType: z.string().openapi({ description: "The only one that was seen, else `mixed`" }),
        dataTypes: z.array(z.string()),
        path: z.string().openapi({ description: "For conditions and templates" }),
        ...counted,
      })
      .openapi("CustomField"),
  ),
});

const template = z.object({
  id: z.string(),
  name: z.string(),
  content: z.string(),
  variables: z.array(z.string()),
  updatedAt: instant,
});

export const actionConfig = z.object({
  availableActions: z.array(actionDefinition),
  emailTemplates: z.array(template.openapi("EmailTemplate")),
  smsTemplates: z.array(template.extend({ segments: z.int() }).openapi("SmsTemplate")),
  whatsappTemplates: z.array(template.extend({ contentSid: z.string() })),
  integrations: z.array(integrationDefinition.openapi("Integration")),
  customActions: z.array(customActionDefinition.openapi("CustomAction")),
});
