// What a row of a file says of a contact. PERSISTED CONTRACT: the names that files give to things; every other column of a CSV file is an attribute.
import { z } from "zod";
import { defined } from "../../lib/defined.ts";
import { isForbiddenKey, type Json, type JsonObject } from "../../lib/json.ts";
import { parseJson } from "../../lib/parse-json.ts";
import { findRepeatedKey } from "../../lib/repeated-key.ts";
import { type ContactChange, problemsOf } from "../contact/contact-input.ts";
import type { FieldProblem } from "../errors.ts";

/** What is not said stays as it is, for a contact that is there; null removes. */
export type UploadedRow = ContactChange & { phone: string };
export type ReadRow = { row: UploadedRow } | { problems: FieldProblem[] };

const CONSENT_STATES = ["OPT_IN", "OPT_OUT", "STOP"] as const;
const MAX_COLUMNS = 300;
const KINDS: Readonly<Record<string, string>> = {
  object: "an object",
  record: "an object",
  array: "a list",
  string: "text",
};

type Column = "phone" | "consentState" | "externalId" | "email" | "timezone" | "tags";
const COLUMNS: Readonly<Record<string, Column>> = {
  phone_e164: "phone",
  phone: "phone",
  consent_state: "consentState",
  external_id: "externalId",
  email: "email",
  timezone: "timezone",
  tags: "tags",
};
const FIELDS: Readonly<Record<Column, string>> = {
  phone: "phone_e164",
  consentState: "consent_state",
  externalId: "external_id",
  email: "email",
  timezone: "timezone",
  tags: "tags",
};
const columnOf = (name: string): Column | undefined => {
  const known = name.toLowerCase().replaceAll(" ", "_");
  return Object.hasOwn(COLUMNS, known) ? COLUMNS[known] : undefined;
};

/** Why the header of a file is none; undefined when it is one. */
export const headerProblem = (header: readonly string[]): string | undefined => {
  const names = header.map((name) => name.trim());
  if (!names.some((name) => columnOf(name) === "phone")) return "The file has no column phone_e164";
  if (names.length > MAX_COLUMNS) return `The file has ${names.length} columns; ${MAX_COLUMNS} are allowed`;
  const keys = names.filter((name) => name !== "").map((name) => columnOf(name) ?? name);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined)
    return `The column ${names.find((name) => (columnOf(name) ?? name) === twice)} is there twice`;
  return names.some(isForbiddenKey) ? "A column has a name that is not allowed" : undefined;
};

/** Spreadsheets put an apostrophe in front of what looks like a formula. */
const cellText = (cell: string): string => cell.trim().replace(/^'(?=[+=@-])/, "");

/** An empty cell says nothing. Tags are parted by `,`, `;` or `|`. */
export const rowOfRecord = (header: readonly string[], fields: readonly string[]): ReadRow => {
  const row: UploadedRow = { phone: "", attributes: {} };
  const problems: FieldProblem[] = [];
  const attributes: JsonObject = {};
  if (fields.slice(header.length).some((cell) => cell.trim() !== "")) {
    problems.push({ field: "row", message: `Has ${fields.length} values; the header has ${header.length}.` });
  }
  header.forEach((heading, index) => {
    const name = heading.trim();
    const value = cellText(fields[index] ?? "");
    if (name === "" || value === "") return;
    const column = columnOf(name);
    if (column === undefined) attributes[name] = value;
    else if (column === "consentState") {
      const state = CONSENT_STATES.find((one) => one === value.toUpperCase());
      if (state) row.consentState = state;
      else problems.push({ field: "consentState", message: `Must be one of: ${CONSENT_STATES.join(", ")}.` });
    } else if (column === "tags")
      row.tags = value
        .split(/[,;|]/)
        .map((tag) => tag.trim())
        .filter(Boolean);
    else row[column] = value;
  });
  row.attributes = attributes;
  return judged(row, problems);
};

const element = z.strictObject({
  phone_e164: z.string(),
  consent_state: z.enum(CONSENT_STATES).optional(),
  attributes: z
    .record(
      z.string(),
      z.custom<Json>((value) => value !== undefined),
    )
    .optional(),
  external_id: z.string().nullish(),
  email: z.string().nullish(),
  timezone: z.string().nullish(),
  tags: z.array(z.string()).optional(),
});

/** `bytes` null: it was too large to be read. */
export const rowOfElement = (bytes: Uint8Array | null): ReadRow => {
  if (!bytes) return { problems: [{ field: "row", message: "Is too large." }] };
  const parsed = parseJson(bytes, { keys: "safe" });
  if (!parsed.ok) {
    return { problems: [{ field: parsed.error.path || "row", message: `${capital(parsed.error.message)}.` }] };
  }
  const repeated = findRepeatedKey(new TextDecoder().decode(bytes));
  if (repeated !== undefined) return { problems: [{ field: repeated, message: "Is given twice." }] };
  const read = element.safeParse(parsed.value);
  if (!read.success) return { problems: read.error.issues.flatMap(problemsOfIssue) };
  const { phone_e164, consent_state, external_id, attributes = {}, ...rest } = read.data;
  return judged(
    {
      phone: phone_e164,
      ...defined({ consentState: consent_state, externalId: external_id, ...rest }),
      attributes: attributes as JsonObject,
    },
    [],
  );
};

const problemsOfIssue = (issue: z.core.$ZodIssue): FieldProblem[] => {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ field: [...path, key].join("."), message: "Unknown field." }));
  }
  const isMissing = issue.code === "invalid_type" && issue.message.includes("undefined");
  const message =
    issue.code === "invalid_value"
      ? `Must be one of: ${issue.values.map(String).join(", ")}.`
      : isMissing
        ? "This field is required."
        : issue.code === "invalid_type"
          ? `Must be ${KINDS[issue.expected] ?? issue.expected}.`
          : issue.message;
  return [{ field: path.join(".") || "row", message }];
};

const judged = (row: UploadedRow, found: FieldProblem[]): ReadRow => {
  const { phone, ...others } = row;
  const ofPhone = phone === "" ? [{ field: "phone", message: "This field is required." }] : problemsOf({ phone });
  const problems = [...ofPhone, ...found, ...problemsOf(others)];
  if (problems.length === 0) return { row };
  return { problems: problems.map(({ field, ...rest }) => ({ ...rest, field: FIELDS[field as Column] ?? field })) };
};

const capital = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}`;
