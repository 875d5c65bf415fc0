// contact.note: writes a note on the run's contact, once a step key.
import { z } from "zod";
import { defineAction, resultOf, stepOf } from "./action.ts";
import { noContact } from "./contact-change.ts";

/** Output `{note_id}`. */
export const contactNote = defineAction({
  name: "contact.note",
  schema: z.strictObject({ note: z.string().min(1) }),
  run: async (ports, request) => {
    if (request.contactId === undefined) return noContact();
    const added = await ports.contacts.addNote(stepOf(request), request.contactId, request.input.note);
    return resultOf(added, ({ noteId }) => ({ output: { note_id: noteId } }));
  },
  mock: ({ note }) => ({ output: { note_id: null, mocked: true }, log: `Mocked: would add the note "${note}"` }),
});
