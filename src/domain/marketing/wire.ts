// How often and when a marketing workflow starts, beside its triggers and actions.
import type { DefinitionSettings } from "../../engine/contract.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { Workflow } from "../workflow/workflow.ts";

/** PERSISTED CONTRACT: workflows.wire of a marketing workflow. */
export type MarketingWire = {
  /** Of one contact, in all; 0 is no limit. */
  maxExecutions: number;
  /** Between two of one contact. */
  delaySeconds: number;
  /** Epoch ms; null is open. */
  startAt: number | null;
  endAt: number | null;
  /** Its maker's name. */
  madeBy: string;
};

export const marketingWireOf = ({ wire }: Pick<Workflow, "wire">): MarketingWire => wire as MarketingWire;

export const toWire = (wire: MarketingWire): JsonObject => wire;

/** What the start of a run is judged by. */
export const settingsOf = ({ maxExecutions, delaySeconds, startAt, endAt }: MarketingWire): DefinitionSettings => ({
  ...(maxExecutions === 0 && delaySeconds === 0 ? {} : { perContact: { maxExecutions, delayMs: delaySeconds * 1000 } }),
  ...(startAt === null && endAt === null ? {} : { window: { startAt, endAt } }),
});
