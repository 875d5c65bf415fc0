// What a workflow may do: the catalogue's node types but triggers, each as its descriptor says it. Pure, made once an isolate.
import type { NodeType, Ports } from "../../engine/contract.ts";
import { ONCE, policySchema } from "../../engine/policy.ts";
import type { JsonObject } from "../../lib/json.ts";
import { isJsonObject } from "../../lib/json.ts";
import { jsonSchemaOf } from "../../lib/json-schema.ts";
import { nodeTypes } from "../../nodes/index.ts";
import { OUTPUT_SCHEMAS } from "./output-schemas.ts";

export const ACTION_CATEGORIES = {
  messaging: "Messages to people, and their answers",
  contacts: "What is known of people",
  integration: "Other systems, code and other workflows",
  timing: "Waiting",
  condition: "Which way to go",
  data: "Variables and values",
  loop: "Repeating",
  flow: "Branches and ends",
} as const;
export type ActionCategory = keyof typeof ACTION_CATEGORIES;

export type ActionDefinition = {
  type: string;
  title: string;
  description: string;
  category: ActionCategory;
  kind: Exclude<NodeType["kind"], "trigger">;
  /** JSON Schema of its config, with what every node may have (`retry`, `timeout_seconds`, `on_error`). */
  configSchema: JsonObject;
  outputSchema: JsonObject;
  ports: Ports;
  /** Where its config names further ports, and no workflow's settings say otherwise. */
  hasPortsOfConfig: boolean;
  retry: { maxAttempts: number; backoffMs: number; multiplier: number };
  /** Longest one visit takes by itself, in ms; null: as long as its config says, or without a bound. */
  timeoutMs: number | null;
  /** It writes to a person. */
  talksToPeople: boolean;
  changesContacts: boolean;
  /** It may end a visit without running on at once. */
  waits: boolean;
};

const WAITING = new Set(["action_delay", "action_wait_for_event"]);

const categoryOf = ({ type, kind, writes, changesContact }: NodeType): ActionCategory => {
  if (kind !== "action") return kind as Exclude<typeof kind, "action" | "trigger">;
  if (writes) return "messaging";
  if (changesContact) return "contacts";
  return WAITING.has(type) ? "timing" : "integration";
};

const configSchemaOf = (type: NodeType): JsonObject => {
  const own = jsonSchemaOf(type.schema);
  const policy = jsonSchemaOf(policySchema);
  const fields = (schema: JsonObject) => (isJsonObject(schema.properties) ? schema.properties : {});
  return { ...own, properties: { ...fields(own), ...fields(policy) } };
};

/** Lists that a config may name ports with, empty. */
const NO_CHOICES = { cases: [], choices: [] };

const portsOf = (type: NodeType): Pick<ActionDefinition, "ports" | "hasPortsOfConfig"> => ({
  ports: type.ports(NO_CHOICES),
  hasPortsOfConfig:
    type.type === "condition_switch" || type.type === "condition_choice" || type.type === "action_question",
});

/** What the type says of any config; one that depends on it is not known here. */
const unlessOfConfig = <T>(ask: () => T): T | undefined => {
  try {
    return ask();
  } catch {
    return undefined;
  }
};

const timeoutOf = (type: NodeType): number | null => {
  const ms = type.kind === "action" ? unlessOfConfig(() => type.longestMs?.({})) : undefined;
  return ms !== undefined && Number.isFinite(ms) && ms > 0 && !WAITING.has(type.type) && type.type !== "action_question"
    ? ms
    : null;
};

const definitionOf = (type: NodeType): ActionDefinition => ({
  type: type.type,
  title: type.title,
  description: type.description,
  category: categoryOf(type),
  kind: type.kind as ActionDefinition["kind"],
  configSchema: configSchemaOf(type),
  outputSchema: OUTPUT_SCHEMAS[type.type] ?? {},
  ...portsOf(type),
  retry: type.defaultRetry ?? ONCE,
  timeoutMs: timeoutOf(type),
  talksToPeople: type.writes !== undefined,
  changesContacts: type.changesContact === true,
  waits: type.waits !== undefined,
});

let made: readonly ActionDefinition[] | undefined;

export const actionDefinitions = (): readonly ActionDefinition[] => {
  made ??= [...nodeTypes.values()].filter(({ kind }) => kind !== "trigger").map(definitionOf);
  return made;
};
