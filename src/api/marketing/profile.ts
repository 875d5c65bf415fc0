// A user object as other systems send one, and what is said against it, in the names in which it was sent.
import type { Profile } from "../../domain/contact/upsert-contact.ts";
import { DomainError, invalid } from "../../domain/errors.ts";
import { defined } from "../../lib/defined.ts";
import { isJsonObject, type JsonObject, own } from "../../lib/json.ts";

const OWN_FIELDS = new Set([
  "id",
  "external_id",
  "user_id",
  "phone",
  "phone_e164",
  "email",
  "timezone",
  "tags",
  "attributes",
]);

/** What is no field of ours is an attribute. `path` names it in what is said against it. */
export const profileOf = (userId: string | undefined, user: JsonObject, path: string): Profile => {
  const text = (name: string): string | undefined => {
    const value = own(user, name) ?? null;
    if (value === null || value === "") return undefined;
    if (typeof value === "number" && name.endsWith("id")) return String(value);
    if (typeof value !== "string") throw invalid(`${path}.${name}`, "Must be text.");
    return value;
  };
  const externalId = userId ?? text("id") ?? text("external_id") ?? text("user_id");
  const phone = text("phone") ?? text("phone_e164");
  const [email, timezone] = [text("email"), text("timezone")];
  const tags = own(user, "tags") ?? null;
  if (tags !== null && !(Array.isArray(tags) && tags.every((tag) => typeof tag === "string")))
    throw invalid(`${path}.tags`, "Must be a list of texts.");
  const attributes = own(user, "attributes") ?? {};
  if (!isJsonObject(attributes)) throw invalid(`${path}.attributes`, "Must be an object.");
  const others = Object.entries(user).filter(([name]) => !OWN_FIELDS.has(name));
  return {
    ...defined({ externalId, phone, email, timezone }),
    ...(tags === null ? {} : { tags: tags as string[] }),
    attributes: { ...attributes, ...Object.fromEntries(others) },
  };
};

/** What `work` throws of a profile, in the names of the body: `path` holds the user object, `id` their id. */
export const named = async <T>(path: string, id: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DomainError) || !NAMED.has(error.code)) throw error;
    const { code, message, subject, details } = error;
    const problems = error.problems.map((one) => ({ ...one, field: fieldOf(one.field, path, id) }));
    throw new DomainError(code === "conflict" ? "invalid_input" : code, message, {
      ...(subject === undefined ? {} : { subject }),
      problems,
      details,
    });
  }
};

const NAMED: ReadonlySet<string> = new Set(["invalid_input", "conflict"]);

const fieldOf = (field: string, path: string, id: string): string => {
  if (field === "externalId") return id;
  const name = field.replace(/^attributes\./, "");
  return ["event_type", "user_id"].includes(name) ? name : `${path}.${name}`;
};
