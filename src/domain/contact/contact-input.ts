// A contact as callers give one, and what of it may be.
import type { ConsentState, Identity } from "../../db/queries/contacts.ts";
import type { JsonObject } from "../../lib/json.ts";
import { isPhone } from "../../lib/phone.ts";
import { isLine } from "../../lib/plain-text.ts";
import { isTimeZone } from "../../lib/time-zone.ts";
import { DomainError, type FieldProblem } from "../errors.ts";
import { problemsOfAttributes } from "./attributes.ts";

/** `undefined`: nothing is said. A phone, an email or an outside id is what they are known by: one of them at least. */
export type ContactInput = {
  phone?: string;
  consentState?: ConsentState;
  attributes: JsonObject;
  externalId?: string;
  email?: string;
  timezone?: string;
  tags?: string[];
};

/** Null removes what can be without. */
export type ContactChange = {
  /** In place of all numbers that they have. */
  phone?: string | null;
  consentState?: ConsentState;
  /** Merged into those that are there. */
  attributes?: JsonObject;
  externalId?: string | null;
  email?: string | null;
  timezone?: string | null;
  /** All of them, in place of those that are there. */
  tags?: string[];
};

export const MAX_TAGS = 100;
const MAX_TAG_CHARACTERS = 100;
const MAX_ID_CHARACTERS = 200;
const EXPECTED_PHONE = "E.164 format (+1234567890)";
const EMAIL = /^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+$/;

export const phoneProblem = (phone: string): FieldProblem | undefined =>
  isPhone(phone)
    ? undefined
    : {
        field: "phone",
        message: "Invalid phone number format",
        code: "invalid_phone",
        ...(phone.length <= 64 && phone.isWellFormed() ? { provided: phone } : {}),
        expected: EXPECTED_PHONE,
      };

/** Everything wrong with what is given, by its name here; empty when nothing is. Attributes are judged as a whole, by whoever has them whole. */
export const problemsOf = (input: ContactChange): FieldProblem[] => {
  const problems: FieldProblem[] = [];
  const judge = (field: string, holds: boolean, message: string, expected?: string) => {
    if (!holds) problems.push({ field, message, ...(expected === undefined ? {} : { expected }) });
  };
  const { phone, externalId, email, timezone, tags } = input;
  if (phone != null) problems.push(...[phoneProblem(phone) ?? []].flat());
  if (externalId != null)
    judge(
      "externalId",
      isLabel(externalId, MAX_ID_CHARACTERS),
      `Must be 1 to ${MAX_ID_CHARACTERS} characters of text.`,
    );
  if (email != null)
    judge("email", isLabel(email, 254) && EMAIL.test(email), "Not an email address.", "name@example.com");
  if (timezone != null)
    judge("timezone", isTimeZone(timezone), "Not a time zone.", "an IANA time zone (Europe/Berlin)");
  if (tags) {
    judge("tags", tags.length <= MAX_TAGS, `At most ${MAX_TAGS} tags.`);
    judge(
      "tags",
      tags.every((tag) => isLabel(tag, MAX_TAG_CHARACTERS)),
      `A tag has 1 to ${MAX_TAG_CHARACTERS} characters of text.`,
    );
  }
  return problems;
};

const isLabel = (text: string, max: number): boolean => text.trim() !== "" && text.length <= max && isLine(text);

/** Throws `invalid_input` when anything is wrong. */
export const refuseProblems = (problems: readonly FieldProblem[]): void => {
  const [first] = problems;
  if (first) throw new DomainError("invalid_input", `${first.field}: ${first.message}`, { problems: [...problems] });
};

export const problemsOfNew = (input: ContactInput): FieldProblem[] => {
  const nobody: FieldProblem = {
    field: "phone",
    message: "At least one of phone, email and externalId is needed.",
    code: "required",
  };
  return [
    ...(identitiesOf(input).length === 0 ? [nobody] : []),
    ...problemsOf(input),
    ...problemsOfAttributes(input.attributes),
  ];
};

/** The identities that are given, as they are kept. */
export const identitiesOf = (input: Pick<ContactInput, "phone" | "externalId" | "email">): Identity[] => [
  ...(input.phone === undefined ? [] : [{ kind: "phone" as const, value: input.phone }]),
  ...(input.email === undefined ? [] : [{ kind: "email" as const, value: input.email.toLowerCase() }]),
  ...(input.externalId === undefined ? [] : [{ kind: "external_id" as const, value: input.externalId }]),
];

/** Each once, in their order. */
export const distinct = (tags: readonly string[]): string[] => [...new Set(tags.map((tag) => tag.trim()))];

/** What a person is called, if their attributes say so. */
export const nameOf = ({ name }: JsonObject): string | undefined =>
  typeof name === "string" && name.trim() !== "" ? name : undefined;

/** What they are called after a change of their attributes: one without a name says nothing of it, a name that is none (null) takes it away. */
export const nameAfter = (before: string | null, change: JsonObject): string | null =>
  Object.hasOwn(change, "name") ? (nameOf(change) ?? null) : before;
