// What a variable gets in the way of, or what gets in its way: other scopes, nodes that set it, fields that it does not fit, places that get no
// secret. Pure.
import type { Definition } from "../../engine/contract.ts";
import { compileValue, referencesOf } from "../../engine/expression/value.ts";
import { splitPolicy } from "../../engine/policy.ts";
import { isJsonObject, type Json, type JsonObject, own } from "../../lib/json.ts";
import { nodeTypes } from "../../nodes/index.ts";
import type { VariableScope, VariableType } from "./variable.ts";

export type VariableConflict = {
  type: "overrides" | "shadowed" | "in_drawing" | "set_by_node" | "type_mismatch" | "secret_not_readable";
  message: string;
  scope: VariableScope | null;
  nodeId: string | null;
  /** In the drawing's node. */
  path: string | null;
};

type About = {
  name: string;
  dataType: VariableType;
  value: Json | undefined;
  scope: VariableScope;
  isSecret: boolean;
  definition: Definition;
  /** The same name elsewhere. */
  also: { scope: VariableScope; isDrawing: boolean }[];
};

/** Node types whose config names a variable that they set. */
const SETS: Record<string, string> = {
  data_variable: "name",
  action_question: "variable",
  loop_foreach: "item_variable",
};
/** Node types that get the value of a secret, or hand its name on. */
const READ_SECRETS = new Set([
  "action_webhook",
  "action_code",
  "action_subworkflow",
  "data_variable",
  "data_transform",
]);

const SAMPLES: Record<VariableType, Json> = {
  string: "text",
  number: 1,
  boolean: true,
  array: [],
  object: {},
  date: "2026-01-01",
  email: "someone@example.com",
  phone: "+4915112345678",
  url: "https://example.com/",
};

const conflict = (
  type: VariableConflict["type"],
  message: string,
  more: Partial<VariableConflict> = {},
): VariableConflict => ({ type, message, scope: null, nodeId: null, path: null, ...more });

const ofScopes = ({ name, scope, also }: About): VariableConflict[] =>
  also.map(({ scope: other, isDrawing }) => {
    if (isDrawing)
      return conflict("in_drawing", `The drawing has a variable '${name}' too; the declared one goes before it`, {
        scope: other,
      });
    return scope === "global"
      ? conflict("shadowed", `This workflow's own variable '${name}' goes before the global one`, { scope: other })
      : conflict("overrides", `It goes before the global variable '${name}' in this workflow`, { scope: other });
  });

const setters = ({ name, definition }: About): VariableConflict[] =>
  Object.entries(definition.nodes).flatMap(([nodeId, { type, config }]) => {
    const field = SETS[type];
    return field !== undefined && own(config, field) === name
      ? [conflict("set_by_node", `The node '${nodeId}' sets it`, { nodeId, path: `config.${field}` })]
      : [];
  });

const readsOf = (config: JsonObject, name: string): boolean => {
  const compiled = compileValue(config);
  return (
    compiled.ok &&
    referencesOf(compiled.value).some((path) => path[0] === name || (path[0] === "variables" && path[1] === name))
  );
};

const unreadable = ({ name, isSecret, definition }: About): VariableConflict[] =>
  !isSecret
    ? []
    : Object.entries(definition.nodes).flatMap(([nodeId, { type, config }]) =>
        READ_SECRETS.has(type) || !readsOf(config, name)
          ? []
          : [
              conflict("secret_not_readable", `'${nodeId}' may not have a secret: only requests and code may`, {
                nodeId,
              }),
            ],
      );

/** Fields that are the variable and nothing else: they get it with its type. */
const misfits = ({ name, dataType, value, isSecret, definition }: About): VariableConflict[] => {
  const alone = new RegExp(`^\\s*\\{\\{\\s*(?:variables\\.)?${name}\\s*\\}\\}\\s*$`);
  const sample = isSecret ? "secret-text" : (value ?? SAMPLES[dataType]);
  return Object.entries(definition.nodes).flatMap(([nodeId, { type, config }]) => {
    const node = nodeTypes.get(type);
    const { own: written } = splitPolicy(config);
    return Object.entries(written).flatMap(([field, text]) => {
      if (!node || typeof text !== "string" || !alone.test(text) || node.raw?.includes(field)) return [];
      const issue = node.schema
        .safeParse({ ...written, [field]: sample })
        .error?.issues.find(({ path }) => path[0] === field);
      if (!issue || settlesAs(node.schema.safeParse({ ...written, [field]: textOf(sample) }), field)) return [];
      const message = `A ${dataType} does not fit '${field}' of '${nodeId}': ${issue.message}`;
      return [conflict("type_mismatch", message, { nodeId, path: `config.${field}` })];
    });
  });
};

/** Numbers and the like may stand for a text. */
const textOf = (sample: Json): Json => (isJsonObject(sample) || Array.isArray(sample) ? sample : String(sample));
const settlesAs = (parsed: { error?: { issues: { path: PropertyKey[] }[] } }, field: string): boolean =>
  !parsed.error?.issues.some(({ path }) => path[0] === field);

export const conflictsOf = (about: About): VariableConflict[] => [
  ...ofScopes(about),
  ...setters(about),
  ...misfits(about),
  ...unreadable(about),
];
