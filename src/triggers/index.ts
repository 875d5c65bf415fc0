// The catalogue of trigger types: a line a type.
import type { TriggerType } from "./trigger.ts";
import { triggerCommand } from "./trigger-command.ts";
import { triggerEvent } from "./trigger-event.ts";
import { triggerKeyword } from "./trigger-keyword.ts";
import { triggerManual } from "./trigger-manual.ts";
import { triggerSchedule } from "./trigger-schedule.ts";
import { triggerTemplate } from "./trigger-template.ts";
import { triggerWebhook } from "./trigger-webhook.ts";

export const triggerTypes: ReadonlyMap<string, TriggerType> = new Map(
  [triggerCommand, triggerKeyword, triggerTemplate, triggerEvent, triggerManual, triggerSchedule, triggerWebhook].map(
    (type) => [type.type, type],
  ),
);
