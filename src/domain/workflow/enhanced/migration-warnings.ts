// What an edit means for what is there already: runs under way, what started the workflow so far, webhooks that people call.
import { countWaitingAt } from "../../../db/queries/workflow-list.ts";
import { canonicalJson, type Json } from "../../../lib/json.ts";
import { triggerTypes } from "../../../triggers/index.ts";
import type { Database } from "../../ports.ts";
import { settingsOfWorkflow } from "../../webhook/settings.ts";
import { sameDefinition } from "../definition.ts";
import type { Workflow } from "../workflow.ts";

/** `inFlight`: its runs that are queued, running or waiting. */
export type Migration = { before: Workflow; after: Workflow; inFlight: number };

const triggersOf = ({ definition }: Workflow): Map<string, { id: string; type: string }> =>
  new Map(
    Object.entries(definition.nodes)
      .filter(([, { type }]) => triggerTypes.has(type))
      .map(([id, { type, config }]) => [canonicalJson([type, config] as Json), { id, type }]),
  );

const plural = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

/** Sentences for people. Two reads at most. */
export const migrationWarnings = async (db: Database, { before, after, inFlight }: Migration): Promise<string[]> => {
  const wasActive = before.status === "active";
  const isActive = after.status === "active";
  const isSame = sameDefinition(before.definition, after.definition);
  const warnings: string[] = [];
  if (inFlight > 0 && !(isSame && wasActive === isActive)) {
    const runs = plural(
      inFlight,
      "run is in flight and goes on to its end",
      "runs are in flight and go on to their end",
    );
    warnings.push(
      isActive && !isSame ? `${runs} with the version that started ${inFlight === 1 ? "it" : "them"}` : runs,
    );
  }
  if (!isSame && inFlight > 0) {
    const removed = Object.keys(before.definition.nodes).filter((id) => !Object.hasOwn(after.definition.nodes, id));
    if (removed.length > 0) {
      for (const { nodeId, n } of await countWaitingAt(db, before.organizationId, before.id, removed))
        warnings.push(`Node '${nodeId}' was removed; ${plural(n, "run still waits", "runs still wait")} there`);
    }
  }
  if (wasActive && isActive && !isSame) {
    const kept = triggersOf(after);
    for (const [content, { id, type }] of triggersOf(before))
      if (!kept.has(content))
        warnings.push(`Trigger '${id}' (${type}) was removed or changed; what it listened for starts nothing any more`);
  }
  const hadWebhook = wasActive && hasWebhookTrigger(before);
  if (hadWebhook && !(isActive && hasWebhookTrigger(after))) {
    const webhooks = (await settingsOfWorkflow(db, before.organizationId, before.id)).filter(({ enabled }) => enabled);
    if (webhooks.length > 0)
      warnings.push(
        `${plural(webhooks.length, "webhook of the workflow starts", "webhooks of the workflow start")} nothing any more`,
      );
  }
  if (wasActive && !isActive) warnings.push("Nothing starts the workflow until it is active again");
  return warnings;
};

const hasWebhookTrigger = ({ definition }: Workflow): boolean =>
  Object.values(definition.nodes).some(({ type }) => type === "trigger_webhook");
