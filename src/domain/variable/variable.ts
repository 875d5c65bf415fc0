// Declared variables: of a workflow (part of its versions), of an execution (what it is given when it is started) and of the whole organisation.
// Pure.
import type { Json } from "../../lib/json.ts";
import { VARIABLE_TYPES, type VariableType } from "../blueprint/variables.ts";

export { VARIABLE_TYPES, type VariableType };

export const SCOPES_OF_VARIABLES = ["workflow", "global", "execution"] as const;
export type VariableScope = (typeof SCOPES_OF_VARIABLES)[number];

export const RULE_TYPES = ["required", "min", "max", "minLength", "maxLength", "pattern", "enum"] as const;
export type RuleType = (typeof RULE_TYPES)[number];
export type ValidationRule = { type: RuleType; value?: Json; message?: string };

/** PERSISTED CONTRACT: workflows.wire and workflows.inputs. `defaultValue` absent: none. Of a secret it is kept elsewhere, under `secretId`. */
export type VariableRow = {
  name: string;
  dataType: VariableType;
  defaultValue?: Json;
  description: string;
  scope: "workflow" | "execution";
  secretId?: string;
  validationRules: ValidationRule[];
  createdAt: number;
  updatedAt: number;
};

/** As it is shown: never with the value of a secret. */
export type Variable = {
  name: string;
  dataType: VariableType | "null";
  defaultValue: Json;
  /** There is a value, shown or not. */
  hasValue: boolean;
  description: string;
  scope: VariableScope;
  isSecret: boolean;
  validationRules: ValidationRule[];
  /** `drawing`: it stands in the graph's own variables, without a declaration. */
  source: "declared" | "drawing";
  createdAt: number | null;
  updatedAt: number | null;
};

/** Of a workflow, and of an organisation. */
export const MAX_VARIABLES = 100;
/** JSON text of all global variables of an organisation, in characters: each run takes them along. */
export const MAX_GLOBAL_CHARS = 100_000;

export type SystemVariable = { name: string; dataType: string; description: string };

/** What templates find without anybody declaring it (engine/lookup.ts). */
export const SYSTEM_VARIABLES: readonly SystemVariable[] = (
  [
    ["execution.id", "string", "The execution's id"],
    ["execution.started_at", "date", "When it began, ISO 8601"],
    ["workflow.id", "string", "The workflow's id"],
    ["event.id", "string", "The id of the event that started it"],
    ["event.type", "string", "Such as MESSAGE_RECEIVED"],
    ["event.source", "string", "Who told of the event"],
    ["event.data", "object", "What the event brought"],
    ["event.headers", "object", "Of a webhook's call; names in lower case"],
    ["event.conversation_id", "string", "The conversation that it belongs to"],
    ["event.occurred_at", "date", "When it happened, ISO 8601"],
    ["contact", "object", "Whom the execution is about: id, phone, email, tags, attributes"],
    ["user", "object", "The same with its attributes at top level"],
    ["nodes", "object", "By node id: output, status, error, visits"],
    ["variables", "object", "All variables of the execution"],
    ["metadata", "object", "What the caller sent along"],
    ["username", "string", "Who started it by hand"],
    ["item", "any", "In a loop, the element of this round"],
    ["index", "number", "In a loop, its place, from 0"],
  ] as const
).map(([name, dataType, description]) => ({ name, dataType, description }));

/** First words that are the engine's own. */
export const SYSTEM_NAMES: ReadonlySet<string> = new Set([
  ...SYSTEM_VARIABLES.map(({ name }) => name.split(".")[0]!),
  "now",
  "today",
  "true",
  "false",
  "nil",
  "null",
  "blank",
  "empty",
]);
