// What an active workflow listens for: subscriptions, schedules and its webhooks. The rows change in the same batch as the workflow; the
// objects that act on them are told after, and can be told again.
import {
  listSchedules,
  type NewSubscription,
  replaceSchedules,
  replaceSubscriptions,
} from "../../db/queries/listening.ts";
import { noteNextRuns } from "../../db/queries/sweep.ts";
import type { Program } from "../../engine/program.ts";
import type { Json } from "../../lib/json.ts";
import { triggerTypes } from "../../triggers/index.ts";
import type { Ports } from "../ports.ts";
import { settingsOfWorkflow } from "../webhook/settings.ts";
import type { WorkflowSummary } from "./workflow.ts";

export type Listening = {
  statements: D1PreparedStatement[];
  /** After the batch. Repeating it is harmless. */
  tellObjects: () => Promise<void>;
};

/** The sweeper looks after a schedule whose object never said when it runs next, in ms. */
const SCHEDULE_GRACE_MS = 60_000;

type Triggers = { subscriptions: NewSubscription[]; schedules: { nodeId: string; cron: string; timezone: string }[] };

const triggersOf = (program: Program): Triggers => {
  const found: Triggers = { subscriptions: [], schedules: [] };
  for (const { id, type, config } of program.nodes.values()) {
    const trigger = triggerTypes.get(type.type);
    const terms = trigger?.subscription(config);
    if (terms) {
      const { eventType, matchKey, filters } = terms;
      const { variables } = program;
      found.subscriptions.push({
        eventType,
        matchKey,
        nodeIds: [id],
        triggerType: type.type,
        filters: filters as Json,
        variables,
      });
    }
    if (trigger?.startedBy === "schedule") {
      const { cron, timezone = "UTC" } = config as { cron: string; timezone?: string };
      found.schedules.push({ nodeId: id, cron, timezone });
    }
  }
  return found;
};

/** PERSISTED CONTRACT: names the `Schedule` object. */
const scheduleId = (workflowId: string, nodeId: string): string => `${workflowId}:${nodeId}`;

export const startListening = async (
  ports: Ports,
  workflow: WorkflowSummary,
  versionId: string,
  program: Program,
): Promise<Listening> => {
  const { db } = ports;
  const { organizationId, id: workflowId } = workflow;
  const { subscriptions, schedules } = triggersOf(program);
  const before = await listSchedules(db, organizationId, workflowId);
  const graceEnd = ports.now() + SCHEDULE_GRACE_MS;
  const rows = schedules.map((schedule) => ({
    ...schedule,
    id: scheduleId(workflowId, schedule.nodeId),
    nextAt: graceEnd,
  }));
  const kept = new Set(rows.map((row) => row.id));
  return {
    statements: [
      ...replaceSubscriptions(db, { organizationId, workflowId, versionId }, subscriptions),
      ...replaceSchedules(db, { organizationId, workflowId }, rows),
    ],
    tellObjects: async () => {
      const gone = before.filter((schedule) => !kept.has(schedule.id));
      await Promise.all(gone.map((schedule) => ports.schedules.clear(schedule.id)));
      const times = await Promise.all(
        rows.map(async ({ id, nodeId, cron, timezone }) => {
          const { nextAt } = await ports.schedules.set({
            scheduleId: id,
            organizationId,
            workflowId,
            nodeId,
            cron,
            timezone,
          });
          return { organizationId, id, nextAt };
        }),
      );
      if (times.length > 0) await noteNextRuns(db, times).run();
      await tellWebhooks(ports, workflow);
    },
  };
};

export const stopListening = async (ports: Ports, workflow: WorkflowSummary): Promise<Listening> => {
  const { db } = ports;
  const { organizationId, id: workflowId } = workflow;
  const before = await listSchedules(db, organizationId, workflowId);
  return {
    statements: [
      ...replaceSubscriptions(db, { organizationId, workflowId, versionId: null }, []),
      ...replaceSchedules(db, { organizationId, workflowId }, []),
    ],
    tellObjects: async () => {
      await Promise.all(before.map((schedule) => ports.schedules.clear(schedule.id)));
      await tellWebhooks(ports, workflow);
    },
  };
};

/** Reads the settings as they are now, so that the last to tell is right whoever else changed the workflow meanwhile. */
const tellWebhooks = async (ports: Ports, { organizationId, id }: WorkflowSummary): Promise<void> => {
  const settings = await settingsOfWorkflow(ports.db, organizationId, id);
  await Promise.all(settings.map((one) => ports.webhooks.configure(one)));
};
