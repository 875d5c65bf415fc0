// Variables that a text or a condition may read before anything has set them: empty in the source, while a flow would show their `@name`. Each gets
// an empty text at the start of the conversation.
import { mentionsIn } from "../flow/interpolate.ts";
import { type ImportedDocument, type ImportedNode, portTo } from "./document.ts";

type Way = { to: string; sets: string | undefined };

const bare = (variable: string): string | undefined => variable.replace(/^@/, "") || undefined;

/** What is set whatever the person does: an answer that must be right may never come. */
const waysOf = (node: ImportedNode, edge: string): Way[] => {
  if ("nodeResult" in node) {
    const { name, variable } = node.config;
    const set = node.type === "data_variable" ? name : node.type === "action_question" ? variable : undefined;
    return node.nodeResult.map(({ expectedInput, nodeResultId }) => ({
      to: nodeResultId,
      sets: typeof set === "string" && expectedInput !== "failed" ? set : undefined,
    }));
  }
  const plain = (to: string): Way => ({ to, sets: undefined });
  if (node.type === "condition") return node.conditionResult.map(({ nodeResultId }) => plain(nodeResultId));
  if (node.type === "delay") return node.delayResult.map(({ nodeResultId }) => plain(nodeResultId));
  if (node.flowNodeType !== "Question") return [plain(edge)];
  const isButtons = node.type === "button_question";
  const variable = bare(isButtons ? node.interactiveButtonsUserInputVariable : node.userInputVariable);
  const takesAll = node.type === "question" && node.answerValidation.type === "None";
  const answers = "expectedAnswers" in node ? node.expectedAnswers : [];
  const late = "delayResult" in node ? (node.delayResult ?? []) : [];
  return [
    { to: edge, sets: takesAll ? variable : undefined },
    ...answers.map(({ nodeResultId }) => ({ to: nodeResultId, sets: variable })),
    ...late.map(({ nodeResultId }) => plain(nodeResultId)),
  ];
};

/** Where a node reads variables by `@name`; a condition would find the contact's older answer. */
const textsOf = (node: ImportedNode): string[] => {
  if (node.type === "condition") return node.flowNodeConditions.map(({ variable }) => variable);
  if (node.type === "button_question") return [node.interactiveButtonsHeader.text, node.interactiveButtonsBody];
  return "flowReplies" in node ? node.flowReplies.flatMap(({ data, caption }) => [data, caption]) : [];
};

/** The variables of `own` that some text may read too early, in the order of their first reading. */
const readTooEarly = ({ flowNodes, flowEdges }: ImportedDocument, own: ReadonlySet<string>): string[] => {
  const edges = new Map(flowEdges.map(({ sourceNodeId, targetNodeId }) => [sourceNodeId, targetNodeId]));
  const nodes = new Map(flowNodes.map((node) => [node.id, node]));
  /** Variables that are set on every way to a node. */
  const known = new Map<string, ReadonlySet<string>>();
  const open = flowNodes.filter(({ isStartNode }) => isStartNode).map(({ id }) => id);
  for (const id of open) known.set(id, new Set());
  while (open.length > 0) {
    const id = open.pop()!;
    const here = known.get(id)!;
    for (const { to, sets } of waysOf(nodes.get(id)!, edges.get(id) ?? "")) {
      if (!nodes.has(to)) continue;
      const there = known.get(to);
      const brought = (name: string) => here.has(name) || name === sets;
      const kept = there ? [...there].filter(brought) : [...here, ...(sets === undefined ? [] : [sets])];
      if (there && kept.length === there.size) continue;
      known.set(to, new Set(kept));
      open.push(to);
    }
  }
  const early = flowNodes.flatMap((node) =>
    mentionsIn(textsOf(node).join("\n")).filter((name) => own.has(name) && !known.get(node.id)?.has(name)),
  );
  return [...new Set(early)];
};

/** The document with what must be empty at first; `own` are the variables that the source knows. */
export const emptyFirst = (document: ImportedDocument, own: ReadonlySet<string>): ImportedDocument => {
  const names = readTooEarly(document, own);
  const start = document.flowNodes.find(({ isStartNode }) => isStartNode);
  const first = document.flowEdges.find(({ sourceNodeId }) => sourceNodeId === start?.id);
  if (!start || !first || names.length === 0) return document;
  const taken = new Set(document.flowNodes.map(({ id }) => id));
  const idOf = (name: string): string => (taken.has(name) ? idOf(`${name}~`) : name);
  const ids = names.map((name) => idOf(`data-variable-empty-${name}`));
  const { posX, posY } = start.flowNodePosition;
  const added = names.map(
    (name, index): ImportedNode => ({
      id: ids[index]!,
      type: "data_variable",
      flowNodeType: "Action",
      config: { name, value: "" },
      nodeResult: [portTo("output", ids[index + 1] ?? first.targetNodeId)],
      flowNodePosition: { posX, posY: (Number(posY) + 40 * (index + 1)).toFixed(2) },
      isStartNode: false,
    }),
  );
  return {
    ...document,
    flowNodes: document.flowNodes.flatMap((node) => (node === start ? [node, ...added] : [node])),
    flowEdges: document.flowEdges.map((edge) => (edge === first ? { ...edge, targetNodeId: ids[0]! } : edge)),
  };
};
