// What triggers and their filters may name in an organisation, as its data shows it: where leads came from, forms and their fields, tags, attributes.
import { listEndpoints } from "../../db/queries/endpoints.ts";
import {
  LATEST_EVENTS,
  MAX_COUNTED,
  type SeenAttribute,
  type SeenField,
  type SeenValue,
  selectAttributes,
  selectCreators,
  selectFormFields,
  selectTags,
  selectTexts,
} from "../../db/queries/seen.ts";
import type { Context } from "../context.ts";
import { listTriggerDefinitions } from "../trigger/list-definitions.ts";
import { attributeTypes } from "./attribute-types.ts";

/** Attributes in which people keep where a contact came from. */
const SOURCE_ATTRIBUTES = ["source", "lead_source", "utm_source"] as const;
const MAX_ENDPOINTS = 200;

/** `count`: contacts, up to MAX_COUNTED; of a webhook, its accepted calls; of a creator, of the latest new contacts. */
export type LeadSource = {
  id: string;
  name: string;
  type: "attribute" | "webhook" | "creator";
  attribute: string | null;
  count: number;
  isExact: boolean;
  lastSeenAt: number | null;
};
export type SeenForm = {
  id: string;
  name: string;
  type: "webhook" | "event";
  eventType: string;
  webhookId: string | null;
  fields: { name: string; dataType: string; count: number }[];
  submissions: number;
  lastSubmissionAt: number | null;
};
export type SeenTag = { name: string; count: number; isExact: boolean };
export type SeenCustomField = { name: string; dataTypes: string[]; count: number; isExact: boolean };

export type TriggerOptions = Awaited<ReturnType<typeof readTriggerOptions>>;

const countOf = (n: number) => ({ count: n, isExact: n < MAX_COUNTED });

const leadSources = (
  ofAttributes: readonly (readonly SeenValue[])[],
  endpoints: Awaited<ReturnType<typeof listEndpoints>>["rows"],
  creators: readonly (SeenValue & { lastAt: number })[],
): LeadSource[] => [
  ...ofAttributes.flatMap((values, index) =>
    values.map(({ value, n }): LeadSource => {
      const attribute = SOURCE_ATTRIBUTES[index]!;
      return {
        id: `${attribute}:${value}`,
        name: value,
        type: "attribute",
        attribute,
        ...countOf(n),
        lastSeenAt: null,
      };
    }),
  ),
  ...endpoints.map(
    (row): LeadSource => ({
      id: row.id,
      name: row.name,
      type: "webhook",
      attribute: null,
      count: row.triggerCount,
      isExact: true,
      lastSeenAt: row.lastTriggeredAt,
    }),
  ),
  ...creators.map(
    ({ value, n, lastAt }): LeadSource => ({
      id: value,
      name: value,
      type: "creator",
      attribute: null,
      count: n,
      isExact: n < LATEST_EVENTS,
      lastSeenAt: lastAt,
    }),
  ),
];

const forms = (
  fields: readonly SeenField[],
  endpoints: Awaited<ReturnType<typeof listEndpoints>>["rows"],
): SeenForm[] => {
  const made = new Map<string, SeenForm>();
  for (const { id, name } of endpoints)
    made.set(`webhook:${id}`, {
      id,
      name,
      type: "webhook",
      eventType: "WEBHOOK_RECEIVED",
      webhookId: id,
      fields: [],
      submissions: 0,
      lastSubmissionAt: null,
    });
  for (const { type, source, field, kind, n, lastAt } of fields) {
    const key = type === "WEBHOOK_RECEIVED" ? source : type;
    const form = made.get(key) ?? {
      id: key,
      name: key,
      type: type === "WEBHOOK_RECEIVED" ? "webhook" : "event",
      eventType: type,
      webhookId: null,
      fields: [],
      submissions: 0,
      lastSubmissionAt: null,
    };
    made.set(key, form);
    const known = form.fields.find((one) => one.name === field);
    if (known) known.count += n;
    else form.fields.push({ name: field, dataType: JSON_KINDS[kind] ?? kind, count: n });
    form.lastSubmissionAt = Math.max(form.lastSubmissionAt ?? 0, lastAt);
  }
  for (const [key, form] of made) {
    const ofForm = fields.filter(({ type, source }) => (type === "WEBHOOK_RECEIVED" ? source : type) === key);
    const sources = new Map(ofForm.map(({ source, events }) => [source, events]));
    form.submissions = [...sources.values()].reduce((sum, n) => sum + n, 0);
  }
  return [...made.values()];
};

const JSON_KINDS: Record<string, string> = {
  text: "string",
  integer: "number",
  real: "number",
  true: "boolean",
  false: "boolean",
};

const customField = (seen: SeenAttribute): SeenCustomField => ({
  name: seen.name,
  dataTypes: attributeTypes(seen),
  ...countOf(seen.text + seen.boolean + seen.list + seen.object),
});

/** Seven statements more than its definitions take, each bounded: the cost does not grow with contacts, nor with the log. */
export const readTriggerOptions = async (context: Context) => {
  const definitions = await listTriggerDefinitions(context);
  const { db } = context.ports;
  const { organizationId, userId } = context.principal;
  const page = { limit: MAX_ENDPOINTS, offset: 0 };
  const [{ rows: endpoints }, [tags, attributes, creators, fields, ...texts]] = await Promise.all([
    listEndpoints(db, organizationId, { visibleTo: userId }, page),
    db.batch([
      selectTags(db, organizationId),
      selectAttributes(db, organizationId),
      selectCreators(db, organizationId),
      selectFormFields(db, organizationId),
      ...SOURCE_ATTRIBUTES.map((attribute) => selectTexts(db, organizationId, attribute)),
    ]),
  ]);
  const rowsOf = <T>(result: D1Result | undefined): T[] => result!.results as T[];
  return {
    definitions,
    leadSources: leadSources(
      texts.map((one) => rowsOf<SeenValue>(one)),
      endpoints,
      rowsOf<SeenValue & { lastAt: number }>(creators),
    ),
    forms: forms(rowsOf<SeenField>(fields), endpoints),
    tags: rowsOf<SeenValue>(tags).map(({ value, n }): SeenTag => ({ name: value, ...countOf(n) })),
    customFields: rowsOf<SeenAttribute>(attributes).map(customField),
  };
};
