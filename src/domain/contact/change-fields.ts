// What a step changes of its contact by the names that `user.*` has: the contact's own fields, and attributes for all others. An address or id that
// is somebody else's is refused; consent and our own id are nobody's to write here.

import { derivedId } from "../../lib/ids.ts";
import { isForbiddenKey, isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";
import type { Attempted, ContactChange as Changed, StepRef } from "../action-ports.ts";
import { DomainError, type FieldProblem } from "../errors.ts";
import type { Ports } from "../ports.ts";
import { applyChange } from "./apply-change.ts";
import { type ContactChange, problemsOf, refuseProblems } from "./contact-input.ts";
import { contactView } from "./view.ts";

/** What is read under these names is never an attribute. */
const READ_ONLY_FIELDS: ReadonlySet<string> = new Set(["id", "consent_state", "created_at"]);

const TEXTS = { phone: "phone", email: "email", timezone: "timezone", external_id: "externalId" } as const;

/** Everything wrong with the names and kinds of `fields`; what a value says is judged when it is known. */
export const fieldProblems = (fields: JsonObject): FieldProblem[] =>
  Object.keys(fields)
    .filter((name) => READ_ONLY_FIELDS.has(name))
    .map((name) => ({ field: name, message: "This field cannot be changed.", code: "read_only" }));

/** Null removes, and so does an empty text: nobody has an empty address. */
const changeOf = (fields: JsonObject): { change: ContactChange; problems: FieldProblem[] } => {
  const change: ContactChange = {};
  const problems = fieldProblems(fields);
  const attributes: JsonObject = {};
  for (const [name, value] of Object.entries(fields)) {
    if (isForbiddenKey(name)) continue;
    if (Object.hasOwn(TEXTS, name)) {
      const text = textOf(value);
      if (text === undefined) problems.push({ field: name, message: "Must be text." });
      else change[TEXTS[name as keyof typeof TEXTS]] = text;
    } else if (name === "tags") {
      const tags = tagsOf(value);
      if (tags) change.tags = tags;
      else problems.push({ field: name, message: "Must be a list of texts." });
    } else if (name === "attributes" && isJsonObject(value)) Object.assign(attributes, value);
    else attributes[name] = value;
  }
  if (Object.keys(attributes).length > 0) change.attributes = attributes;
  return { change, problems };
};

const textOf = (value: Json): string | null | undefined => {
  if (value === null || value === "") return null;
  return typeof value === "string" ? value.trim() : undefined;
};

/** One text is one tag. */
const tagsOf = (value: Json): string[] | undefined => {
  if (value === null || value === "") return [];
  const tags = Array.isArray(value) ? value : [value];
  return tags.every((tag) => typeof tag === "string") ? (tags as string[]) : undefined;
};

type World = Pick<Ports, "db" | "inbox" | "contacts" | "now">;

/** Two reads and a batch; a call to an inbox for each tag that came or went. Tried again it finds nothing more to do. */
export const changeFields = async (
  world: World,
  step: StepRef,
  contactId: string,
  fields: JsonObject,
): Promise<Attempted<Changed>> => {
  const { organizationId, executionId } = step;
  try {
    const { change, problems } = changeOf(fields);
    refuseProblems([...problems, ...problemsOf(change)]);
    const { contact, changed } = await applyChange(world, { organizationId, id: contactId }, change, {
      eventOf: async (type, at, data) => ({
        id: await derivedId(step.startedAt, "step", step.key, type, String(data.tag)),
        organizationId,
        type,
        source: `execution:${executionId}`,
        contactId,
        data,
        occurredAt: at,
        depth: step.eventDepth + 1,
      }),
      alongside: () => [],
    });
    return { outcome: "ok", value: { contact: contactView(contact), changed } };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return refusalOf(error);
  }
};

const CODES: Partial<Record<DomainError["code"], string>> = {
  not_found: "NOT_FOUND",
  conflict: "ALREADY_TAKEN",
  invalid_input: "INVALID_FIELDS",
};

const refusalOf = ({ code, message }: DomainError): Attempted<Changed> => ({
  outcome: "refused",
  code: CODES[code] ?? "UNAVAILABLE",
  message,
  retryable: code === "unavailable",
});
