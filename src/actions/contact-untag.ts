// contact.untag: takes a tag from the run's contact. Idempotent: a tag that is not there changes nothing and emits nothing.
import { z } from "zod";
import { defineAction } from "./action.ts";
import { changeContact } from "./contact-change.ts";

/** Output `{tag_name, changed}`. */
export const contactUntag = defineAction({
  name: "contact.untag",
  schema: z.strictObject({ tag_name: z.string().min(1) }),
  run: (ports, request) =>
    changeContact(ports, request, request.input, (contacts, step, contactId) =>
      contacts.removeTag(step, contactId, request.input.tag_name),
    ),
  mock: ({ tag_name }) => ({
    output: { tag_name, changed: true, mocked: true },
    log: `Mocked: would remove the tag "${tag_name}"`,
  }),
});
