// Where the wire names of messages and gates meet ours.
import type { z } from "zod";
import type { CanSend } from "../../../domain/message/can-send.ts";
import type { GateReport } from "../../../domain/message/gates.ts";
import { explain, type Message } from "../../../domain/message/read-messages.ts";
import { defined } from "../../../lib/defined.ts";
import { timeOf, timeOrNull } from "../convert.ts";
import type { canSendBody, messageQuery } from "./schema.ts";

export const fromMessageQuery = ({ page: _page, limit: _limit, ...query }: z.output<typeof messageQuery>) =>
  defined(query);

export const toMessage = (message: Message) => ({
  id: message.id,
  direction: message.direction,
  contactId: message.contactId,
  conversationId: message.conversationId,
  channel: message.channel,
  channelId: message.channelId,
  sender: message.sender,
  recipient: message.recipient,
  text: message.body,
  content: message.content,
  status: message.status,
  outcome: message.outcome,
  providerId: message.providerId,
  executionId: message.executionId,
  campaignId: message.campaignId,
  segments: message.segments,
  error:
    message.errorCode === null ? null : { code: message.errorCode, name: message.errorName, message: message.error },
  conflict: message.conflict && {
    status: message.conflict.status,
    errorCode: message.conflict.error_code,
    at: timeOf(message.conflict.at),
  },
  holdUntil: timeOrNull(message.holdUntil),
  createdAt: timeOf(message.createdAt),
  updatedAt: timeOf(message.updatedAt),
  sentAt: timeOrNull(message.sentAt),
  deliveredAt: timeOrNull(message.deliveredAt),
});

const toReport = (report: GateReport) => ({
  passed: report.passed,
  failed: report.failed,
  earliestAt: timeOrNull(report.earliestAt),
  gates: report.gates.map(({ gate, passed, reason, earliestAt }) => ({
    gate,
    passed,
    reason,
    ...(earliestAt === undefined ? {} : { earliestAt: timeOf(earliestAt) }),
  })),
});

/** A message that no gate has stopped passed them all. */
export const toGates = (message: Message) => ({
  messageId: message.id,
  status: message.status,
  outcome: message.outcome,
  answer: explain(message),
  ...(message.gates ? toReport(message.gates) : { passed: true, failed: null, earliestAt: null, gates: [] }),
  error: toMessage(message).error,
});

export const fromCanSend = ({ to, channel, text, template }: z.output<typeof canSendBody>) => ({
  to,
  text: text ?? "",
  ...(channel === undefined ? {} : { channel }),
  ...(template === undefined
    ? {}
    : {
        template: {
          contentSid: template.id,
          ...(template.language === undefined ? {} : { language: template.language }),
          variables: template.variables ?? {},
        },
      }),
});

export const toCanSend = ({ report, ...about }: CanSend) => ({
  canSend: report.passed,
  ...about,
  useTemplate: report.useTemplate,
  ...toReport(report),
});
