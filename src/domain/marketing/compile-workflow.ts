// What a marketing workflow runs as: its triggers and actions become the engine's definition. Pure; a version holds what comes out.
//
//   triggers, by hand -> start -> [delay -> condition ->] action -> … -> end
//
// PERSISTED CONTRACT: node ids tell whose they are. `t_<trigger id>`; `a_<action id>` is the action itself, `a_<action id>_delay`, `_code` and `_if`
// are around it.
import type { Definition, EdgeDefinition, NodeDefinition } from "../../engine/contract.ts";
import type { Json, JsonObject } from "../../lib/json.ts";
import { actionTypeOf, CODE_READS, nodeOf } from "./action-types.ts";
import { type ActionOfWorkflow, inOrder, type Joined, type TriggerOfWorkflow } from "./joined.ts";
import type { Condition } from "./part.ts";
import { type MarketingWire, settingsOf } from "./wire.ts";

const HAND = "by_hand";
const START = "start";
const END = "end";

/** Whether there is something to match: `{}`, a bare `[]` and null are no conditions. */
export const isTree = (tree: Json): boolean =>
  Array.isArray(tree) ? tree.length > 0 : typeof tree === "object" && tree !== null && Object.keys(tree).length > 0;

const bothOf = (left: Json, right: Json): { filters?: Json } => {
  const trees = [left, right].filter(isTree).map((tree) => (Array.isArray(tree) ? and(tree) : tree));
  if (trees.length === 0) return {};
  return { filters: trees.length === 1 ? trees[0]! : and(trees) };
};

const and = (conditions: Json[]): Json => ({ operator: "and", conditions });

export const triggerNodeOf = (
  { type, filters, schedule = null }: { type: string; filters: Json; schedule?: JsonObject | null },
  specific: Json = null,
): NodeDefinition =>
  schedule === null
    ? { type: "trigger_event", config: { event_type: type, ...bothOf(filters, specific) } }
    : { type: "trigger_schedule", config: schedule };

type Way = { from: string; port: string };

class Drawing {
  readonly nodes: Record<string, NodeDefinition> = {};
  readonly edges: EdgeDefinition[] = [];

  put(id: string, type: string, config: JsonObject, label?: string): void {
    this.nodes[id] = { type, config, ...(label !== undefined && { label }) };
  }

  connect(ways: readonly Way[], to: string): void {
    for (const { from, port } of ways)
      this.edges.push({ id: `${from}:${port}`, from, fromPort: port, to, toPort: "input" });
  }
}

const output = (from: string): Way => ({ from, port: "output" });

/** Puts the nodes of a condition; answers by which ways the action runs and is passed by. */
const putCondition = (
  drawing: Drawing,
  ways: readonly Way[],
  id: string,
  { name, body }: Condition,
  policy: JsonObject,
): { runs: Way; passed: Way } => {
  const decision = `${id}_if`;
  if (!body.useCustomCode) {
    const conditions = { operator: body.operator, conditions: body.conditions };
    drawing.put(decision, "condition_if", { conditions }, name);
    drawing.connect(ways, decision);
    return { runs: { from: decision, port: "true" }, passed: { from: decision, port: "false" } };
  }
  const snippet = `${id}_code`;
  const { language, customCode } = body;
  const code = { language, code: customCode, reads: CODE_READS, as_truth: true };
  drawing.put(snippet, "action_code", { ...code, ...policy }, name);
  drawing.connect(ways, snippet);
  const isTrue = { field: `nodes.${snippet}.output.result`, operator: "equals", value: true };
  drawing.put(decision, "condition_if", { conditions: [isTrue] }, name);
  drawing.connect([output(snippet)], decision);
  return { runs: { from: decision, port: "true" }, passed: { from: decision, port: "false" } };
};

const putAction = (
  drawing: Drawing,
  before: readonly Way[],
  { action, isRequired, condition }: ActionOfWorkflow,
): readonly Way[] => {
  const type = actionTypeOf(action.type);
  if (!type || !action.isActive) return before;
  const id = `a_${action.id}`;
  const policy: JsonObject = isRequired ? {} : { on_error: "continue" };
  let ways = before;
  if (action.body.delaySeconds > 0) {
    drawing.put(`${id}_delay`, "action_delay", { duration: action.body.delaySeconds, unit: "seconds" }, action.name);
    drawing.connect(ways, `${id}_delay`);
    ways = [output(`${id}_delay`)];
  }
  const passed: Way[] = [];
  if (condition) {
    const decided = putCondition(drawing, ways, id, condition, policy);
    ways = [decided.runs];
    passed.push(decided.passed);
  }
  const node = nodeOf(type, action.body.configuration);
  drawing.put(id, node.type, { ...node.config, ...policy }, action.name);
  drawing.connect(ways, id);
  return [output(id), ...passed];
};

const putTrigger = (drawing: Drawing, { trigger, specificConditions }: TriggerOfWorkflow): Way[] => {
  if (!trigger.isActive) return [];
  const id = `t_${trigger.id}`;
  const { type, config } = triggerNodeOf({ type: trigger.type, ...trigger.body }, specificConditions);
  drawing.put(id, type, config, trigger.name);
  return [output(id)];
};

/** Inactive triggers and actions are left out. Two triggers that one event matches start one run, which passes `start` once. */
export const compileWorkflow = (wire: MarketingWire, joined: Joined): Definition => {
  const drawing = new Drawing();
  const { triggers, actions } = inOrder(joined);
  drawing.put(HAND, "trigger_manual", {});
  const begins = [output(HAND), ...triggers.flatMap((trigger) => putTrigger(drawing, trigger))];
  drawing.put(START, "flow_merge", {});
  drawing.connect(begins, START);
  let ways: readonly Way[] = [output(START)];
  for (const action of actions) ways = putAction(drawing, ways, action);
  drawing.put(END, "flow_end", {});
  drawing.connect(ways, END);
  const priorities = Object.fromEntries(
    triggers.filter(({ trigger }) => trigger.isActive).map(({ trigger, priority }) => [`t_${trigger.id}`, priority]),
  );
  return {
    nodes: drawing.nodes,
    edges: drawing.edges,
    variables: {},
    settings: { ...settingsOf(wire), ...(Object.keys(priorities).length > 0 && { priorities }) },
  };
};
