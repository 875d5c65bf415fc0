// contact.update: merges attributes into the run's contact; null removes one. The same merge twice is the same contact.
import { z } from "zod";
import type { Json } from "../lib/json.ts";
import { defineAction } from "./action.ts";
import { changeContact } from "./contact-change.ts";

/** Output `{attributes, changed}`. */
export const contactUpdate = defineAction({
  name: "contact.update",
  schema: z.strictObject({ attributes: z.record(z.string(), z.json() as z.ZodType<Json>) }),
  run: (ports, request) =>
    changeContact(ports, request, request.input, (contacts, step, contactId) =>
      contacts.update(step, contactId, request.input.attributes),
    ),
  mock: ({ attributes }) => ({
    output: { attributes, changed: true, mocked: true },
    log: `Mocked: would update ${Object.keys(attributes).join(", ") || "nothing"}`,
  }),
});
