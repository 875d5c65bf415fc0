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
export const SYSTEM_VARIABLES: readonly SystemVariable[] = [
  { name: "execution.id", dataType: "string", description: "The execution's id" },
  { name: "execution.started_at", dataType: "date", description: "When it began, ISO 8601" },
  { name: "workflow.id", dataType: "string", description: "The workflow's id" },
  { name: "event.id", dataType: "string", description: "The id of the event that started it" },
  { name: "event.type", dataType: "string", description: "Such as MESSAGE_RECEIVED" },
  { name: "event.source", dataType: "string", description: "Who told of the event" },
  { name: "event.data", dataType: "object", description: "What the event brought" },
  { name: "event.headers", dataType: "object", description: "Of a webhook's call; names in lower case" },
  { name: "event.conversation_id", dataType: "string", description: "The conversation that it belongs to" },
  { name: "event.occurred_at", dataType: "date", description: "When it happened, ISO 8601" },
  {
    name: "contact",
    dataType: "object",
    description: "Whom the execution is about: id, phone, email, tags, attributes",
  },
  { name: "user", dataType: "object", description: "The same with its attributes at top level" },
  { name: "nodes", dataType: "object", description: "By node id: output, status, error, visits" },
  { name: "variables", dataType: "object", description: "All variables of the execution" },
  { name: "metadata", dataType: "object", description: "What the caller sent along" },
  { name: "username", dataType: "string", description: "Who started it by hand" },
  { name: "item", dataType: "any", description: "In a loop, the element of this round" },
  { name: "index", dataType: "number", description: "In a loop, its place, from 0" },
];

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
