// Wire shapes of users: what comes in is judged here as far as its shape goes (what a contact may be is the domain's), and the source of their part
// of the OpenAPI document.
import { z } from "@hono/zod-openapi";
import { isForbiddenKey, type Json, type JsonObject } from "../../../lib/json.ts";
import { instant, page, paging } from "../schema.ts";

export const CONSENT_STATES = ["OPT_IN", "OPT_OUT", "STOP"] as const;
const consentState = z.enum(CONSENT_STATES);

const phone = z.string().openapi({
  example: "+14155551234",
  description: "E.164, kept as it is given. One line in two spellings is one user.",
});

const attributes = z
  .record(
    z.string(),
    z.custom<Json>((value) => value !== undefined),
  )
  .refine((given) => !Object.keys(given).some(isForbiddenKey), "Has a name that is not allowed.")
  .transform((given) => given as JsonObject)
  .openapi({
    type: "object",
    description: "Any JSON by name: at most 200, and 32 KiB in all.",
    example: { name: "Jane Smith", city: "Austin" },
  });

const externalId = z.string().openapi({ description: "Your own id of the user; unique." });
const email = z.string().openapi({ description: "Unique.", example: "jane@example.com" });
const timezone = z
  .string()
  .openapi({ description: "IANA time zone; without one the number's place counts.", example: "America/Chicago" });
const tags = z.array(z.string());

export const createUserBody = z.strictObject({
  phone_e164: phone,
  consent_state: consentState.optional(),
  attributes: attributes.optional(),
  external_id: externalId.nullish(),
  email: email.nullish(),
  timezone: timezone.nullish(),
  tags: tags.optional(),
});

export const updateUserBody = z.strictObject({
  phone_e164: phone.optional().openapi({ description: "The one in the path, if any." }),
  consent_state: consentState.optional(),
  attributes: attributes.optional().openapi({ description: "Merged into those that are there; null removes one." }),
  external_id: externalId.nullish(),
  email: email.nullish(),
  timezone: timezone.nullish(),
  tags: tags.optional().openapi({ description: "All of them, in place of those that are there." }),
});

export const listQuery = z.object({ ...page, consent_state: consentState.optional() });

const consentEntry = z.object({
  consent_state: consentState,
  epoch: z.int(),
  source: z.string().nullable(),
  actor: z.string().nullable(),
  request_id: z.string().nullable(),
  changed_at: instant,
});

export const user = z
  .object({
    phone_e164: phone,
    created_at: instant,
    consent_state: consentState,
    consent_updated_at: instant,
    consent_source: z.string().nullable().openapi({ description: "null: nobody said anything." }),
    attributes: z.looseObject({}),
    last_message_received: instant.nullable(),
    id: z.string(),
    external_id: z.string().nullable(),
    email: z.string().nullable(),
    timezone: z.string().nullable(),
    tags,
    updated_at: instant,
  })
  .openapi("User");

export const userDetails = user
  .extend({
    consent_epoch: z.int(),
    consent_history: z.array(consentEntry).openapi({ description: "The latest 20 changes, newest first." }),
  })
  .openapi("UserDetails");

export const writtenUser = user.extend({ message: z.string() });
export const userList = z.object({ users: z.array(user), ...paging });
export const deletedUser = z.object({ message: z.string(), phone_e164: phone });
