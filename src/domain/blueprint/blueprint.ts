// A blueprint as verbs give it: a drawing with places that are filled in when a workflow is made from it. `template` is the enhanced API's word for
// it; the texts of messages are domain/template.
import type { BlueprintRow, Tally } from "../../db/queries/blueprints.ts";
import type { JsonObject } from "../../lib/json.ts";
import { toHundredths } from "../../lib/round.ts";
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import type { EnhancedSettings, TriggerRow, WorkflowData } from "../workflow/enhanced/workflow-data.ts";
import type { BlueprintVariable } from "./variables.ts";

/** Owner of those that come with the product; no organisation has this id, which is no UUID. */
export const BUILT_IN = "built-in";

/** PERSISTED CONTRACT: blueprints.content. */
export type BlueprintContent = {
  workflowData: WorkflowData;
  triggerType: string | null;
  triggerConfig: JsonObject;
  settings: EnhancedSettings;
  triggers: BlueprintTrigger[];
  /** Names of the secret variables that it reads: whoever uses it makes their own. */
  secrets?: string[];
  /** Names of variables whose defaults are the author's own, and are told to their organisation only. */
  owned?: string[];
};

/** A trigger row of the workflow that it was made from, without what is that workflow's own. */
export type BlueprintTrigger = Pick<TriggerRow, "triggerType" | "name" | "config" | "scheduleType" | "enabled">;

export type Blueprint = Omit<BlueprintRow, "searchText" | "content" | "variables"> & {
  variables: BlueprintVariable[];
  content: BlueprintContent;
};

/** `rating`: what the caller gave it. */
export type CountedBlueprint = Blueprint & Tally & { rating: number | null };

/** Mean of the stars that people gave, with two decimals; null while nobody has. */
export const meanRating = ({ ratings, stars }: Pick<Tally, "ratings" | "stars">): number | null =>
  ratings === 0 ? null : toHundredths(stars / ratings);

/** What searches look in. */
export const searchTextOf = ({
  name,
  description,
  category,
  tags,
}: Pick<Blueprint, "name" | "description" | "category" | "tags">): string =>
  [name, description, category, ...tags].join("\n").toLowerCase();

export const isOwn = ({ principal }: Context, { organizationId }: Pick<Blueprint, "organizationId">): boolean =>
  organizationId === principal.organizationId;

/** Who may see another organisation's may not change it. */
export const notYours = (): DomainError =>
  new DomainError(
    "forbidden",
    "This template belongs to another organization; make a workflow or a template of your own from it",
    {
      subject: "template",
    },
  );

const MAX_CONTENT_BYTES = 900_000;

/** A row of D1 holds 2 MB, and the workflow that is made from it holds it twice. Throws `payload_too_large`. */
export const checkContentSize = (content: BlueprintContent): void => {
  const size = new TextEncoder().encode(JSON.stringify(content)).byteLength;
  if (size <= MAX_CONTENT_BYTES) return;
  const message = `The template is too large: ${size} bytes, at most ${MAX_CONTENT_BYTES}`;
  throw new DomainError("payload_too_large", message, {
    problems: [{ field: "workflowData", message: "is too large" }],
    details: { limit: MAX_CONTENT_BYTES, size },
  });
};
