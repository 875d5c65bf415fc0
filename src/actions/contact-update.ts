// contact.update: merges attributes into the run's contact; null removes one. The same merge twice is the same contact. `own_fields`: names that
// are the contact's own (phone, email, …) change those.
import { z } from "zod";
import type { Json } from "../lib/json.ts";
import { defineAction } from "./action.ts";
import { changeContact } from "./contact-change.ts";

/** Output `{attributes, changed}`. */
export const contactUpdate = defineAction({
  name: "contact.update",
  schema: z.strictObject({
    attributes: z.record(z.string(), z.json() as z.ZodType<Json>),
    own_fields: z.boolean().optional(),
  }),
  run: (ports, request) => {
    const { attributes, own_fields } = request.input;
    return changeContact(ports, request, { attributes }, (contacts, step, contactId) =>
      own_fields ? contacts.changeFields(step, contactId, attributes) : contacts.update(step, contactId, attributes),
    );
  },
  mock: ({ attributes }) => ({
    output: { attributes, changed: true, mocked: true },
    log: `Mocked: would update ${Object.keys(attributes).join(", ") || "nothing"}`,
  }),
});
