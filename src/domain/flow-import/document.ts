// The flow documents that an import makes, in the shapes of the flow API. Every field is written, so that an editor that expects it finds it.
import type { JsonObject } from "../../lib/json.ts";

export type Position = { x: number; y: number };
/**
 * A place that a way leads to: a widget or a block (`:`), a group (`#`), or one of our own (`+`, `*`). Empty for none. Nodes name places until
 * `startDraft().finish` knows their ids.
 */
export type Place = string;

export type ReplyKind = "Text" | "Image" | "Video" | "Audio" | "Document";
export type Reply = { flowReplyType: ReplyKind; data: string; caption: string; mimeType: string };

export type Answer = {
  id: string;
  expectedInput: string;
  isDefault: boolean;
  /** A place while drafted, a node's id in the document; empty when nothing follows. */
  nodeResultId: string;
  description?: string;
};

export type Validation = {
  type: "None" | "Number" | "Text" | "Email" | "Phone";
  minValue: string;
  maxValue: string;
  regex: string;
  fallback: string;
  failsCount: string;
};

export type ConditionType = "Equal" | "NotEqual" | "GreaterThan" | "LessThan" | "Contains" | "NotContains";

type Question = {
  flowNodeType: "Question";
  flowReplies: Reply[];
  userInputVariable: string;
  answerValidation: Validation;
  isMediaAccepted: boolean;
  /** How long it waits for an answer, when that is said: as a delay. */
  delayDuration?: number;
  delayUnit?: "seconds" | "minutes" | "hours" | "days";
  delayResult?: Answer[];
};

/** A node of the catalogue (docs/nodes.md): what the flow's own types do not say. Its ways are ports. */
export type Step = {
  [Type in StepType]: {
    type: Type;
    flowNodeType: "Action" | "Condition";
    config: JsonObject;
    nodeResult: Answer[];
  };
}[StepType];
type StepType =
  | "data_variable"
  | "action_webhook"
  | "action_code"
  | "action_email"
  | "action_question"
  | "condition_if";

export type NodeBody =
  | Step
  | { type: "trigger_keyword"; flowNodeType: "Trigger"; triggerKeywords: string[] }
  | { type: "message"; flowNodeType: "Message"; flowReplies: Reply[] }
  | ({ type: "question" } & Question)
  | ({ type: "list_question"; expectedAnswers: Answer[] } & Question)
  | {
      type: "button_question";
      flowNodeType: "Question";
      interactiveButtonsHeader: { type: "Text" | "Image" | "Video" | "Document"; text: string; media: string | null };
      interactiveButtonsBody: string;
      interactiveButtonsFooter: string;
      interactiveButtonsUserInputVariable: string;
      interactiveButtonsDefaultNodeResultId: string;
      expectedAnswers: Answer[];
    }
  | {
      type: "condition";
      flowNodeType: "Condition";
      flowNodeConditions: { id: string; flowConditionType: ConditionType; variable: string; value: string }[];
      conditionResult: Answer[];
      conditionOperator: "None" | "And" | "Or";
    }
  | {
      type: "delay";
      flowNodeType: "Delay";
      delayDuration: number;
      delayUnit: "seconds" | "minutes" | "hours" | "days";
      waitForReply: boolean;
      delayInterrupt: boolean;
      delayResult: Answer[];
    };

export type ImportedNode = NodeBody & {
  id: string;
  flowNodePosition: { posX: string; posY: string };
  isStartNode: boolean;
};
export type ImportedEdge = { id: string; sourceNodeId: string; targetNodeId: string };

export type ImportedDocument = {
  flowNodes: ImportedNode[];
  flowEdges: ImportedEdge[];
  transform: { posX: string; posY: string; zoom: string };
};

/** Where a step goes on by a port. */
export const portTo = (port: string, nodeResultId: Place): Answer => ({
  id: `result-${port}`,
  expectedInput: port,
  isDefault: false,
  nodeResultId,
});

export const textReply = (data: string): Reply => ({ flowReplyType: "Text", data, caption: "", mimeType: "" });

export const noValidation = (): Validation => ({
  type: "None",
  minValue: "",
  maxValue: "",
  regex: "",
  fallback: "",
  failsCount: "3",
});
