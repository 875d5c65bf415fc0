// A flow as a definition of the one engine: each of its nodes becomes the nodes of the catalogue that say what it means. Total: what is unfinished
// or not understood leads nowhere, and check-flow.ts says so before anybody meets it.
import type { Definition } from "../../engine/contract.ts";
import type { ConditionTree } from "../../engine/expression/condition.ts";
import type { OperatorName } from "../../engine/expression/operators.ts";
import type { Json } from "../../lib/json.ts";
import { compileQuestion, messageOf } from "./compile-question.ts";
import { compileStep, STEP_TYPES } from "./compile-step.ts";
import { type Drawing, startDrawing } from "./drawing.ts";
import type { Flow, FlowNode } from "./flow.ts";
import { conditionOn, literalOf, variableOf } from "./interpolate.ts";
import { UNITS } from "./limits.ts";
import { sameWord, type Ways, waysOf } from "./ways.ts";

export type CompiledFlow = {
  definition: Definition;
  /** The flow's node that a node of the definition was made for; a flow's node is entered at the node of its own id. */
  madeFor: ReadonlyMap<string, string>;
};

export const TRIGGER_TYPES: ReadonlySet<string> = new Set(["trigger_keyword", "trigger_template"]);

/** Comparisons of the document, in the words of the one evaluator. */
export const OPERATORS: Readonly<Record<string, OperatorName>> = {
  equal: "equals",
  notequal: "not_equals",
  greaterthan: "greater",
  lessthan: "less",
  contains: "contains",
  notcontains: "not_contains",
};

/** What a comparison of the document means; undefined when it is none. */
export const operatorOf = (type: string | null | undefined): OperatorName | undefined => {
  const word = (type ?? "").trim().toLowerCase();
  return Object.hasOwn(OPERATORS, word) ? OPERATORS[word] : undefined;
};

/** Keywords without what is around them, each once. */
export const keywordsOf = (node: FlowNode): string[] => [
  ...new Set((node.triggerKeywords ?? []).map((keyword) => keyword.trim()).filter((keyword) => keyword !== "")),
];

type Compiler = (drawing: Drawing, node: FlowNode, ways: Ways) => void;

const compileTemplateTrigger: Compiler = (drawing, node, ways) => {
  const answers = node.expectedAnswers ?? [];
  const trigger = drawing.put(node, "trigger", "trigger_template", {
    template_id: node.triggerTemplateId?.trim() ?? "",
  });
  if (answers.length === 0) {
    drawing.lead(trigger, "output", ways.edge);
    return;
  }
  const choices = answers.map(({ id, expectedInput }, index) => ({
    id: literalOf(`${id?.trim() || index + 1}`),
    title: literalOf(expectedInput?.trim() || `${index + 1}`),
    port: `answer-${index + 1}`,
  }));
  const choice = drawing.put(node, "answer", "condition_choice", { choices });
  drawing.join(trigger, "output", choice);
  for (const [index, answer] of answers.entries()) drawing.lead(choice, `answer-${index + 1}`, ways.of(answer));
  drawing.lead(choice, "default", ways.otherwise.to);
};

const compileMessage: Compiler = (drawing, node, ways) => {
  const sent = (node.flowReplies ?? []).map((reply, index) => {
    const { type, config } = messageOf(reply);
    return drawing.put(node, `${index + 1}`, type, config);
  });
  // Without a reply it is a place on the way.
  if (sent.length === 0) sent.push(drawing.put(node, "pass", "flow_parallel", {}));
  const last = sent.reduce((from, to) => {
    drawing.join(from, "output", to);
    return to;
  });
  drawing.lead(last, "output", ways.edge);
};

/** The tree that a flow's conditions mean; a comparison that is not understood holds never. */
const conditionsOf = (node: FlowNode): ConditionTree => ({
  operator: sameWord(node.conditionOperator, "Or") ? "or" : "and",
  conditions: (node.flowNodeConditions ?? []).map(({ flowConditionType, variable, value }) => {
    const name = variableOf(variable ?? "");
    const operator = operatorOf(flowConditionType);
    if (name === undefined || operator === undefined) return NEVER;
    return conditionOn(name, { operator, value: typeof value === "string" ? literalOf(value) : (value ?? "") });
  }),
});

/** Every event has an id. */
const NEVER: ConditionTree = { field: "event.id", operator: "is_empty" };

const compileCondition: Compiler = (drawing, node, ways) => {
  const results = node.conditionResult ?? [];
  const condition = drawing.put(node, "if", "condition_if", { conditions: conditionsOf(node) as Json });
  for (const word of ["true", "false"]) drawing.lead(condition, word, ways.ofResult(results, word));
};

const compileDelay: Compiler = (drawing, node, ways) => {
  const results = node.delayResult ?? [];
  const time = node.delayDuration ?? 0;
  const unit = UNITS.find((known) => sameWord(node.delayUnit, known)) ?? "seconds";
  const complete = ways.ofResult(results, "complete");
  if (!node.waitForReply && !node.delayInterrupt) {
    const delay = drawing.put(node, "delay", "action_delay", { duration: time, unit });
    drawing.lead(delay, "output", complete);
    return;
  }
  // Whatever the person says ends it: a picture, and what is neither text nor picture, too.
  const config = { timeout: time, unit, accepts_media: true, max_fails: 1 };
  const wait = drawing.put(node, "delay", "action_question", config);
  const said = node.delayInterrupt ? ways.ofResult(results, "interrupted") : complete;
  for (const port of ["answered", "failed"]) drawing.lead(wait, port, said);
  drawing.lead(wait, "timeout", complete);
};

const COMPILERS: ReadonlyMap<string, Compiler> = new Map<string, Compiler>([
  [
    "trigger_keyword",
    (drawing, node, ways) => {
      const trigger = drawing.put(node, "trigger", "trigger_keyword", { keywords: keywordsOf(node) });
      drawing.lead(trigger, "output", ways.edge);
    },
  ],
  ["trigger_template", compileTemplateTrigger],
  ["message", compileMessage],
  ["question", compileQuestion],
  ["button_question", compileQuestion],
  ["list_question", compileQuestion],
  ["condition", compileCondition],
  ["delay", compileDelay],
  ...STEP_TYPES.map((type) => [type, compileStep] as const),
]);

export const NODE_TYPES: ReadonlySet<string> = new Set(COMPILERS.keys());

/** Starts at its start node alone: a trigger that is none is left out. */
export const compileFlow = (flow: Flow): CompiledFlow => {
  const all = new Map(flow.flowNodes.toReversed().map((node) => [node.id, node]));
  const known = [...all.values()].reverse().filter(({ type }) => COMPILERS.has(type));
  const entries = new Set(known.filter(({ type }) => !TRIGGER_TYPES.has(type)).map(({ id }) => id));
  const drawing = startDrawing(new Set(all.keys()), entries);
  const ways = waysOf(flow);
  for (const node of known) {
    if (TRIGGER_TYPES.has(node.type) && node.isStartNode !== true) continue;
    COMPILERS.get(node.type)!(drawing, node, ways.get(node.id)!);
  }
  return { definition: drawing.definition, madeFor: drawing.madeFor };
};
