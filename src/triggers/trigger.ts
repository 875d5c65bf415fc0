// The contract of triggers: which events of the stream start a workflow. Everything here is pure; reading subscriptions from the database
// and starting runs is the queue consumer's.
import type { ZodObject, ZodType } from "zod";
import type { RunEvent } from "../engine/contract.ts";
import type { ConditionFailure, ConditionTree } from "../engine/expression/condition.ts";
import type { JsonObject } from "../lib/json.ts";

/**
 * What a trigger listens for. `matchKey` narrows the look-up: one of the event's keys, or null when only the type counts. `terms`: what else its type
 * picks by (`pick`).
 */
export type SubscriptionTerms = {
  eventType: string;
  matchKey: string | null;
  filters: ConditionTree | null;
  terms?: JsonObject | null;
};

/** One active trigger node. PERSISTED CONTRACT: part of the subscriptions' rows, indexed by organisation, event type and match key. */
export type Subscription = SubscriptionTerms & {
  workflowId: string;
  nodeId: string;
  triggerType: string;
  /** What the workflow's runs start with; filters read it as `variables`. */
  variables?: JsonObject;
};

/** `failed`: the first comparison of the filters that did not hold. */
export type TriggerMatch = { matched: true } | { matched: false; reason: string; failed?: ConditionFailure };

export type TriggerFinding = { path: string; message: string; severity?: "error" | "warning" };

/**
 * A trigger type: one file in triggers/, one line in its catalogue; its node type derives from it.
 * `startedBy`: `stream` by subscriptions; `webhook` and `schedule` by events that are targeted at it; `hand` by people and other workflows.
 */
export type TriggerType<Config = JsonObject> = {
  type: string;
  title: string;
  description: string;
  schema: ZodObject & ZodType<Config>;
  startedBy: "stream" | "webhook" | "schedule" | "hand";
  /** Findings beyond the shape; paths are relative to the config. */
  check?: (config: Config) => TriggerFinding[];
  /** None when no event of the stream starts it by itself. */
  subscriptions: (config: Config) => SubscriptionTerms[];
  /** Match keys under which an event may find subscriptions of this type; absent: none beside null. */
  keysOf?: (event: RunEvent) => readonly string[];
  /**
   * Which of those that an event found, over all workflows, it may start, and why not the others; absent: all. What it answers does not depend on
   * their order.
   */
  pick?: (event: RunEvent, found: readonly Subscription[]) => { picked: readonly Subscription[]; reason: string };
  /** Output of the trigger node; the event's data when absent. */
  output?: (config: Config, data: JsonObject) => JsonObject;
};

/** A trigger type whose functions know the config that its schema made. Callers pass what `schema` has parsed. */
export const defineTrigger = <Config>(type: TriggerType<Config>): TriggerType => type as TriggerType;
