// The catalogue of node types: a line a type; a trigger type makes its own.
import type { NodeType } from "../engine/contract.ts";
import { triggerTypes } from "../triggers/index.ts";
import { actionAddNote } from "./action-add-note.ts";
import { actionAddTag } from "./action-add-tag.ts";
import { actionChatMessage } from "./action-chat-message.ts";
import { actionCode } from "./action-code.ts";
import { actionDelay } from "./action-delay.ts";
import { actionEmail } from "./action-email.ts";
import { actionQuestion } from "./action-question.ts";
import { actionRemoveTag } from "./action-remove-tag.ts";
import { actionSendMedia } from "./action-send-media.ts";
import { actionSetConversationStatus } from "./action-set-conversation-status.ts";
import { actionSubworkflow } from "./action-subworkflow.ts";
import { actionUpdateContact } from "./action-update-contact.ts";
import { actionWaitForEvent } from "./action-wait-for-event.ts";
import { actionWebhook } from "./action-webhook.ts";
import { conditionChoice } from "./condition-choice.ts";
import { conditionFilter } from "./condition-filter.ts";
import { conditionIf } from "./condition-if.ts";
import { conditionSwitch } from "./condition-switch.ts";
import { dataTransform } from "./data-transform.ts";
import { dataVariable } from "./data-variable.ts";
import { flowEnd } from "./flow-end.ts";
import { flowMerge } from "./flow-merge.ts";
import { flowParallel } from "./flow-parallel.ts";
import { loopBreak } from "./loop-break.ts";
import { loopForeach } from "./loop-foreach.ts";
import { loopWhile } from "./loop-while.ts";
import { triggerNode } from "./trigger-node.ts";

export const nodeTypes: ReadonlyMap<string, NodeType> = new Map(
  [
    ...[...triggerTypes.values()].map(triggerNode),
    conditionIf,
    conditionSwitch,
    conditionFilter,
    conditionChoice,
    actionChatMessage,
    actionSendMedia,
    actionQuestion,
    actionWebhook,
    actionEmail,
    actionAddTag,
    actionRemoveTag,
    actionUpdateContact,
    actionAddNote,
    actionSetConversationStatus,
    actionCode,
    actionDelay,
    actionWaitForEvent,
    actionSubworkflow,
    dataVariable,
    dataTransform,
    loopForeach,
    loopWhile,
    loopBreak,
    flowParallel,
    flowMerge,
    flowEnd,
  ].map((type) => [type.type, type]),
);

/** The names of the types that `is` holds for. */
export const typesThat = (is: (type: NodeType) => boolean): ReadonlySet<string> =>
  new Set([...nodeTypes.values()].filter(is).map(({ type }) => type));
