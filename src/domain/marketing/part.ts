// What marketing workflows are made of, as verbs take and give it: a part is a row whose body is known by its kind.
import type { PartKind, PartRow } from "../../db/queries/marketing-parts.ts";
import type { Json, JsonObject } from "../../lib/json.ts";
import type { CodeLanguage } from "../action-ports.ts";

export type { PartKind };

/** PERSISTED CONTRACT: marketing_parts.body. Trees and configurations are as they were sent. */
export type Bodies = {
  /**
   * `filters`: a condition tree over event, user and variables. `schedule`: times of its own, as trigger_schedule has them; null or absent without.
   */
  trigger: { filters: Json; schedule?: JsonObject | null };
  /** `delaySeconds` before it runs; `order` among a workflow's actions, where that does not say. */
  action: { configuration: JsonObject; order: number; delaySeconds: number };
  /** A group of conditions, or code whose `result` decides. */
  condition: {
    operator: string;
    conditions: Json[];
    useCustomCode: boolean;
    customCode: string;
    language: CodeLanguage;
  };
  /** `availableFields`: the type of each field of its data, by name. */
  event_type: { category: string; availableFields: { [field: string]: string } };
};

export type Part<K extends PartKind = PartKind> = Omit<PartRow, "kind" | "body"> & { kind: K; body: Bodies[K] };
export type Trigger = Part<"trigger">;
export type Action = Part<"action">;
export type Condition = Part<"condition">;
export type EventType = Part<"event_type">;

/** What a caller may say of one. */
export type PartInput<K extends PartKind> = Pick<Part<K>, "name" | "description" | "type" | "isActive" | "body">;

export const partOf = <K extends PartKind>(row: PartRow): Part<K> => row as Part<K>;
export const rowOf = (part: Part): PartRow => part;
