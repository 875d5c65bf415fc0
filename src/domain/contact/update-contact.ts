// Changes to a contact by a caller: attributes are merged, tags replaced, consent set with its source.
import { setConsent } from "../../db/queries/consent.ts";
import type { ContactRow } from "../../db/queries/contacts.ts";
import { newId } from "../../lib/ids.ts";
import { actorOf, auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { authorizeRole } from "../permission.ts";
import { applyChange } from "./apply-change.ts";
import { type ContactChange, problemsOf, refuseProblems } from "./contact-input.ts";

/** Throws `conflict` when the email or the outside id is somebody else's. */
export const updateContact = async (context: Context, id: string, change: ContactChange): Promise<ContactRow> => {
  authorizeRole(context.principal, "editor", "write");
  refuseProblems(problemsOf(change));
  const { ports, principal, requestId } = context;
  const { organizationId } = principal;
  const { contact } = await applyChange(ports, { organizationId, id }, change, {
    eventOf: async (type, at, data) => ({
      id: newId(at),
      organizationId,
      type,
      source: "api",
      contactId: id,
      data,
      occurredAt: at,
      depth: 0,
    }),
    alongside: (at) => [
      ...(change.consentState === undefined
        ? []
        : [
            setConsent(ports.db, {
              organizationId,
              contactId: id,
              state: change.consentState,
              source: "api",
              actor: actorOf(principal),
              requestId,
              at,
              onlyOptedOut: false,
            }),
          ]),
      auditStatement(context, {
        action: "contact.updated",
        targetType: "contact",
        targetId: id,
        details: { fields: Object.keys(change) },
      }),
    ],
  });
  return contact;
};
