// Wire shapes of contacts. What a contact may be is the domain's.
import { z } from "@hono/zod-openapi";
import { isForbiddenKey, type JsonObject } from "../../../lib/json.ts";
import { anyJson } from "../../shared/any-json.ts";
import { instant, pageQuery, pagination } from "../schema.ts";

const consentState = z.enum(["OPT_IN", "OPT_OUT", "STOP"]);
const phone = z.string().openapi({ description: "E.164", example: "+14155551234" });
const attributes = z
  .record(z.string(), anyJson)
  .refine((given) => !Object.keys(given).some(isForbiddenKey), "Has a name that is not allowed.")
  .transform((given) => given as JsonObject);

const optional = {
  consentState: consentState.optional(),
  attributes: attributes.optional().openapi({ description: "Merged into those that are there; null removes one." }),
  externalId: z.string().nullish().openapi({ description: "Your own id of the contact; unique." }),
  email: z.string().nullish(),
  timezone: z.string().nullish().openapi({ description: "IANA zone" }),
  tags: z.array(z.string()).optional().openapi({ description: "All of them, in place of those that are there." }),
};

export const createContactBody = z.strictObject({
  phone: phone
    .nullish()
    .openapi({ description: "E.164. One of phone, email and externalId is needed.", example: "+14155551234" }),
  ...optional,
});
export const updateContactBody = z
  .strictObject({ phone: phone.nullish(), ...optional })
  .refine((body) => Object.values(body).some((value) => value !== undefined), "Must name what changes.");

export const listQuery = z
  .object({
    ...pageQuery,
    consentState: consentState.optional(),
    phone: phone.optional(),
    email: z.string().max(320).optional(),
    externalId: z.string().max(200).optional(),
  })
  .refine(
    ({ consentState: _c, phone, email, externalId }) =>
      [phone, email, externalId].filter((one) => one !== undefined).length <= 1,
    { error: "Name one of phone, email and externalId.", path: ["phone"] },
  );

export const contact = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    phone: phone.nullable(),
    email: z.string().nullable(),
    externalId: z.string().nullable(),
    whatsappId: z.string().nullable(),
    tags: z.array(z.string()),
    attributes: z.record(z.string(), anyJson),
    timezone: z.string().nullable(),
    consentState,
    consentUpdatedAt: instant
      .nullable()
      .openapi({ description: "null: nobody said anything, which counts as OPT_IN." }),
    consentSource: z.string().nullable(),
    lastMessageReceivedAt: instant.nullable(),
    createdAt: instant,
    updatedAt: instant,
  })
  .openapi("Contact");

export const contacts = z.object({ contacts: z.array(contact), pagination });
export const oneContact = z.object({ contact });
export const contactDetails = z.object({
  contact,
  consentHistory: z.array(
    z.object({
      consentState,
      epoch: z.int(),
      source: z.string().nullable(),
      actor: z.string().nullable(),
      requestId: z.string().nullable(),
      changedAt: instant,
    }),
  ),
});
export const deletedContact = z.object({ success: z.literal(true), contact });
