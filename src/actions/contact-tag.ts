// contact.tag: gives the run's contact a tag. Idempotent: a tag that is there changes nothing and emits nothing.
import { z } from "zod";
import { defineAction } from "./action.ts";
import { changeContact } from "./contact-change.ts";

/** Output `{tag_name, changed}`. */
export const contactTag = defineAction({
  name: "contact.tag",
  schema: z.strictObject({ tag_name: z.string().min(1) }),
  run: (ports, request) =>
    changeContact(ports, request, request.input, (contacts, step, contactId) =>
      contacts.addTag(step, contactId, request.input.tag_name),
    ),
  mock: ({ tag_name }) => ({
    output: { tag_name, changed: true, mocked: true },
    log: `Mocked: would add the tag "${tag_name}"`,
  }),
});
