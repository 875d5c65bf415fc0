// The catalogue of actions: a line an action.
import type { Action } from "./action.ts";
import { codeRun } from "./code-run.ts";
import { contactNote } from "./contact-note.ts";
import { contactTag } from "./contact-tag.ts";
import { contactUntag } from "./contact-untag.ts";
import { contactUpdate } from "./contact-update.ts";
import { conversationSetStatus } from "./conversation-set-status.ts";
import { emailSend } from "./email-send.ts";
import { httpRequest } from "./http-request.ts";
import { messageSend } from "./message-send.ts";
import { workflowStart } from "./workflow-start.ts";

export const actions: ReadonlyMap<string, Action> = new Map(
  [
    codeRun,
    contactNote,
    contactTag,
    contactUntag,
    contactUpdate,
    conversationSetStatus,
    emailSend,
    httpRequest,
    messageSend,
    workflowStart,
  ].map((action) => [action.name, action]),
);
