// What somebody wants otherwise in the one workflow that they make from a blueprint. Each either does what it says or says why not. Pure.
import { isForbiddenKey, isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";
import type { DataEdge, DataNode, EnhancedSettings } from "../workflow/enhanced/workflow-data.ts";
import type { BlueprintContent } from "./blueprint.ts";

export type Customization =
  /** `path`: into the node's config, such as `message` or `choices`, `0`, `title`. All of them or none. */
  | { type: "set_config"; nodeId: string; changes: readonly { path: readonly string[]; value: Json }[] }
  | { type: "rename_node"; nodeId: string; label: string }
  /** What led to it leads on to where it led by its first way. */
  | { type: "remove_node"; nodeId: string }
  /** `null` takes a setting away. */
  | {
      type: "set_settings";
      settings: { [Name in keyof EnhancedSettings]?: EnhancedSettings[Name] | null | undefined };
    };

export type Applied = { type: Customization["type"]; nodeId: string | null; applied: boolean; message: string };

type Step = { content: BlueprintContent; message: string } | { refused: string };

/** A copy of `value` with what is at `path` replaced; objects on the way are made, list elements must be there (or be the next one). */
const withAt = (
  value: Json | undefined,
  path: readonly string[],
  made: Json,
): { ok: true; value: Json } | { ok: false; at: string } => {
  const [key, ...rest] = path;
  if (key === undefined) return { ok: true, value: made };
  if (isForbiddenKey(key) || key === "") return { ok: false, at: key };
  if (Array.isArray(value)) {
    const index = /^\d{1,6}$/.test(key) ? Number(key) : Number.NaN;
    if (!(index <= value.length)) return { ok: false, at: key };
    const inner = withAt(value[index], rest, made);
    return inner.ok ? { ok: true, value: value.toSpliced(index, 1, inner.value) } : inner;
  }
  if (value !== undefined && value !== null && !isJsonObject(value)) return { ok: false, at: key };
  const inner = withAt(value?.[key], rest, made);
  return inner.ok ? { ok: true, value: { ...value, [key]: inner.value } } : inner;
};

const nodeOf = ({ workflowData }: BlueprintContent, id: string): DataNode | undefined =>
  workflowData.nodes.find((node) => node.id === id);

const withNode = (content: BlueprintContent, node: DataNode): BlueprintContent => ({
  ...content,
  workflowData: {
    ...content.workflowData,
    nodes: content.workflowData.nodes.map((one) => (one.id === node.id ? node : one)),
  },
});

const setConfig = (
  content: BlueprintContent,
  node: DataNode,
  { changes }: Extract<Customization, { type: "set_config" }>,
): Step => {
  let config: Json = node.data?.config ?? {};
  for (const { path, value } of changes) {
    const changed = withAt(config, path, value);
    if (!changed.ok)
      return { refused: `the config of '${node.id}' has no place '${path.join(".")}' (at '${changed.at}')` };
    config = changed.value;
  }
  const names = changes.map(({ path }) => path.join("."));
  if (names.length === 0) return { refused: "it names no field" };
  return {
    content: withNode(content, { ...node, data: { ...node.data, config: config as JsonObject } }),
    message: `${names.join(", ")} of '${node.id}' ${names.length === 1 ? "was" : "were"} set`,
  };
};

const portOf = ({ sourceHandle }: DataEdge): string => sourceHandle ?? "output";

/** Ways by which a node goes on when all is well, the likeliest first; the way for failures is none. */
const FIRST = ["output", "true", "answered", "received", "done", "default"];

const removeNode = (content: BlueprintContent, node: DataNode): Step => {
  const { nodes, edges } = content.workflowData;
  const into = edges.filter(({ source, target }) => target === node.id && source !== node.id);
  const out = edges.filter((edge) => edge.source === node.id && edge.target !== node.id && portOf(edge) !== "error");
  const port = FIRST.find((name) => out.some((edge) => portOf(edge) === name)) ?? out.map(portOf)[0];
  const next = out.filter((edge) => portOf(edge) === port);
  const rest = edges.filter(({ source, target }) => source !== node.id && target !== node.id);
  const joined = into.flatMap((from) =>
    next.map(
      (to, index): DataEdge => ({
        ...(index === 0 && from.id !== undefined && { id: from.id }),
        source: from.source,
        target: to.target,
        ...(from.sourceHandle != null && { sourceHandle: from.sourceHandle }),
        ...(to.targetHandle != null && { targetHandle: to.targetHandle }),
      }),
    ),
  );
  const workflowData = {
    ...content.workflowData,
    nodes: nodes.filter((one) => one !== node),
    edges: [...rest, ...joined],
  };
  const onward = joined.length > 0 ? `what led to it leads on by where '${port}' led` : "nothing takes its place";
  return { content: { ...content, workflowData }, message: `'${node.id}' was removed; ${onward}` };
};

const setSettings = (
  content: BlueprintContent,
  change: Extract<Customization, { type: "set_settings" }>["settings"],
): Step => {
  const entries = Object.entries({ ...content.settings, ...change }).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  const names = Object.keys(change);
  if (names.length === 0) return { refused: "it names no setting" };
  return {
    content: { ...content, settings: Object.fromEntries(entries) as EnhancedSettings },
    message: `${names.join(", ")} ${names.length === 1 ? "was" : "were"} set`,
  };
};

const apply = (content: BlueprintContent, wanted: Customization): Step => {
  if (wanted.type === "set_settings") return setSettings(content, wanted.settings);
  const node = nodeOf(content, wanted.nodeId);
  if (!node) return { refused: `the template has no node '${wanted.nodeId}'` };
  switch (wanted.type) {
    case "set_config":
      return setConfig(content, node, wanted);
    case "rename_node": {
      const renamed = { ...node, data: { ...node.data, label: wanted.label } };
      return { content: withNode(content, renamed), message: `'${node.id}' is called '${wanted.label}'` };
    }
    case "remove_node":
      return removeNode(content, node);
  }
};

/** In their order; one that does not apply leaves all as it is. */
export const customize = (
  content: BlueprintContent,
  wanted: readonly Customization[],
): { content: BlueprintContent; applied: Applied[]; warnings: string[] } => {
  let current = content;
  const applied: Applied[] = [];
  const warnings: string[] = [];
  for (const [index, one] of wanted.entries()) {
    const step = apply(current, one);
    const about = { type: one.type, nodeId: "nodeId" in one ? one.nodeId : null };
    if ("refused" in step) {
      applied.push({ ...about, applied: false, message: `Not applied: ${step.refused}.` });
      warnings.push(`customizations.${index}: not applied: ${step.refused}.`);
    } else {
      current = step.content;
      applied.push({ ...about, applied: true, message: `${step.message}.` });
    }
  }
  return { content: current, applied, warnings };
};
