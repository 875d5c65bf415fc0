// The places of a blueprint that variables fill: `[[template.name]]`, which nothing that runs later reads. A text that is one place and nothing
// else becomes the value with its type; in a longer text the value is written out. Pure.
import { isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";
import type { WorkflowData } from "../workflow/enhanced/workflow-data.ts";
import type { BlueprintContent } from "./blueprint.ts";
import type { Values } from "./variables.ts";

const PLACE = /\[\[\s*template\.([A-Za-z_]\w{0,63})\s*\]\]/g;
const WHOLE = /^\[\[\s*template\.([A-Za-z_]\w{0,63})\s*\]\]$/;

export const placeOf = (name: string): string => `[[template.${name}]]`;

const namesIn = (text: string): string[] => [...text.matchAll(PLACE)].map(([, name]) => name!);

/** The text without its places. */
export const withoutPlaces = (text: string): string => text.replace(PLACE, "");

/** Every text inside, with its path below `path`. Keys are no texts. */
export function* textsIn(
  value: Json | undefined,
  path: readonly string[] = [],
): Generator<{ path: readonly string[]; text: string }> {
  if (typeof value === "string") yield { path, text: value };
  else if (Array.isArray(value))
    for (const [index, one] of value.entries()) yield* textsIn(one, [...path, String(index)]);
  else if (isJsonObject(value)) for (const [key, one] of Object.entries(value)) yield* textsIn(one, [...path, key]);
}

/** Where places may be: labels and configs of nodes, values of variables, configs of triggers. Never ids, types or connections. */
export const fillableIn = ({ workflowData, triggerConfig, triggers }: BlueprintContent): JsonObject => ({
  workflowData: {
    nodes: workflowData.nodes.map(({ data }) => ({
      data: { ...(data?.label !== undefined && { label: data.label }), ...(data?.config && { config: data.config }) },
    })),
    ...(workflowData.variables && { variables: workflowData.variables }),
  },
  triggerConfig,
  triggers: triggers.map(({ config }) => ({ config })),
});

/** The names of all places, with where the first of each is. */
export const placesIn = (content: BlueprintContent): Map<string, string> => {
  const found = new Map<string, string>();
  for (const { path, text } of textsIn(fillableIn(content)))
    for (const name of namesIn(text)) if (!found.has(name)) found.set(name, path.join("."));
  return found;
};

const written = (value: Json | undefined): string => {
  if (value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
};

const fillText = (text: string, values: Values): Json | undefined => {
  const whole = WHOLE.exec(text);
  if (whole) return values.get(whole[1]!);
  return text.replace(PLACE, (_, name: string) => written(values.get(name)));
};

/** One pass: a value that holds a place stays as it is. What has no value leaves no trace: its key or element is left out. */
const fill = (value: Json, values: Values): Json | undefined => {
  if (typeof value === "string") return fillText(value, values);
  if (Array.isArray(value)) return value.map((one) => fill(one, values)).filter((one) => one !== undefined);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, fill(one, values)] as const);
  return Object.fromEntries(entries.filter(([, one]) => one !== undefined)) as JsonObject;
};

const fillObject = (value: JsonObject, values: Values): JsonObject => fill(value, values) as JsonObject;

const fillData = ({ nodes, edges, variables }: WorkflowData, values: Values): WorkflowData => ({
  nodes: nodes.map((node) => {
    const { label, config } = node.data ?? {};
    const data = {
      ...node.data,
      ...(label !== undefined && { label: written(fillText(label, values)) }),
      ...(config && { config: fillObject(config, values) }),
    };
    return { ...node, ...(node.data && { data }) };
  }),
  edges,
  ...(variables && { variables: fillObject(variables, values) }),
});

/** What no place takes is a variable of the workflow, which templates read as `variables.<name>`. */
const withVariables = (data: WorkflowData, values: Values, places: ReadonlyMap<string, string>): WorkflowData => {
  const others = [...values].filter(([name]) => !places.has(name));
  return others.length === 0 ? data : { ...data, variables: { ...data.variables, ...Object.fromEntries(others) } };
};

export const fillContent = (content: BlueprintContent, values: Values): BlueprintContent => ({
  ...content,
  workflowData: withVariables(fillData(content.workflowData, values), values, placesIn(content)),
  triggerConfig: fillObject(content.triggerConfig, values),
  triggers: content.triggers.map((trigger) => ({ ...trigger, config: fillObject(trigger.config, values) })),
});
