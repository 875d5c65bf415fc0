// What the actions on a run's contact share: there must be one, and a change is told the same way.
import type { ActionPorts, Attempted, ContactChange, StepRef } from "../domain/action-ports.ts";
import type { EffectResult } from "../engine/contract.ts";
import type { JsonObject } from "../lib/json.ts";
import { type ActionRequest, failed, resultOf, stepOf } from "./action.ts";

export const noContact = (): EffectResult => failed("NO_CONTACT", "This run has no contact to act on");

/** Changes the run's contact; the output is `about` and whether anything changed. */
export const changeContact = async (
  ports: ActionPorts,
  request: ActionRequest<unknown>,
  about: JsonObject,
  change: (contacts: ActionPorts["contacts"], step: StepRef, contactId: string) => Promise<Attempted<ContactChange>>,
): Promise<EffectResult> => {
  if (request.contactId === undefined) return noContact();
  const changed = await change(ports.contacts, stepOf(request), request.contactId);
  return resultOf(changed, ({ contact, changed }) => ({ output: { ...about, changed }, contact }));
};
