// What an active workflow listens for: subscriptions, schedules and its webhooks. The rows change in the same batch as the workflow; the
// objects that act on them are told after, and can be told again.
import {
  bytesOfOthers,
  deleteSchedules,
  listensFor,
  listSchedules,
  type NewSubscription,
  replaceSubscriptions,
  schedulesToTell,
  type ToldSchedule,
  upsertSchedules,
} from "../../db/queries/listening.ts";
import { noteNextRuns } from "../../db/queries/sweep.ts";
import { type ConditionTree, fieldsOf } from "../../engine/expression/condition.ts";
import type { Program } from "../../engine/program.ts";
import type { Json, JsonObject } from "../../lib/json.ts";
import { triggerTypes } from "../../triggers/index.ts";
import { type ScheduleConfig, type ScheduleTerms, scheduleTermsOf } from "../../triggers/schedule-terms.ts";
import { DomainError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import { tell } from "../tell.ts";
import { tellEndpoints, tellWebhooksOf } from "../webhook/settings.ts";
import { MAX_LISTENING_BYTES, MAX_LISTENING_BYTES_IN_ALL, SUBSCRIPTION_BYTES } from "./limits.ts";
import { startRulesOf } from "./start-rules.ts";
import type { WorkflowSummary } from "./workflow.ts";

export type Listening = {
  statements: D1PreparedStatement[];
  /** After the batch. Repeating it is harmless. */
  tellObjects: () => Promise<void>;
};

/** The sweeper looks after a schedule whose object never said when it runs next, in ms. */
const SCHEDULE_GRACE_MS = 60_000;

type Triggers = { subscriptions: NewSubscription[]; schedules: (ScheduleTerms & { nodeId: string })[] };

export const triggersOf = (program: Program): Triggers => {
  const found: Triggers = { subscriptions: [], schedules: [] };
  const rules = startRulesOf(program.settings) as Json;
  const { priorities = {} } = program.settings;
  for (const { id, type, config } of program.nodes.values()) {
    const trigger = triggerTypes.get(type.type);
    for (const { eventType, matchKey, filters, terms = null } of trigger?.subscriptions(config) ?? []) {
      found.subscriptions.push({
        eventType,
        matchKey,
        nodeIds: [id],
        triggerType: type.type,
        filters: filters as Json,
        terms,
        variables: readBy(filters, program.variables),
        rules,
        priority: Object.hasOwn(priorities, id) ? priorities[id]! : 0,
      });
    }
    if (trigger?.startedBy === "schedule") {
      found.schedules.push({ nodeId: id, ...scheduleTermsOf(config as ScheduleConfig) });
    }
  }
  return found;
};

/** Those of the variables that the filters read: each subscription has a copy, which every event of its type brings along. */
const readBy = (filters: ConditionTree | null, variables: JsonObject): JsonObject => {
  const names = new Set((filters ? fieldsOf(filters) : []).map((field) => field.split(".")).map(variableOf));
  return Object.fromEntries(Object.entries(variables).filter(([name]) => names.has(name)));
};

const variableOf = ([root, name]: string[]): string | undefined => (root === "variables" ? name : undefined);

/** Throws `invalid_definition` or `impossible` for more than the consumer of events can have in memory. One read. */
const checkListening = async (
  { db }: Ports,
  { organizationId, id: workflowId }: WorkflowSummary,
  subscriptions: readonly NewSubscription[],
): Promise<void> => {
  if (subscriptions.length === 0) return;
  const bytesOf = ({ filters, terms, variables }: NewSubscription): number =>
    Buffer.byteLength(JSON.stringify([filters, terms, variables])) + SUBSCRIPTION_BYTES;
  const bytes = subscriptions.reduce((sum, one) => sum + bytesOf(one), 0);
  if (bytes > MAX_LISTENING_BYTES) {
    const message = `The filters of its triggers, with the variables that they read, take more than ${MAX_LISTENING_BYTES} bytes`;
    throw new DomainError("invalid_definition", message, {
      subject: "workflow",
      problems: [{ field: "nodes", message, code: "too_large" }],
    });
  }
  const others = await bytesOfOthers(db, { organizationId, workflowId }, SUBSCRIPTION_BYTES);
  if (others + bytes <= MAX_LISTENING_BYTES_IN_ALL) return;
  const message = `The filters of all active workflows would take more than ${MAX_LISTENING_BYTES_IN_ALL} bytes`;
  throw new DomainError("impossible", message, { subject: "workflow" });
};

/** Endpoints without a workflow of their own say in their answers who hears of this. */
const WEBHOOK_EVENT = "WEBHOOK_RECEIVED";

/** PERSISTED CONTRACT: names the `Schedule` object. */
const scheduleId = (workflowId: string, nodeId: string): string => `${workflowId}:${nodeId}`;

export const startListening = async (
  ports: Ports,
  workflow: WorkflowSummary,
  versionId: string,
  program: Program,
): Promise<Listening> => {
  const triggers = triggersOf(program);
  await checkListening(ports, workflow, triggers.subscriptions);
  return change(ports, workflow, versionId, triggers);
};

export const stopListening = (ports: Ports, workflow: WorkflowSummary): Promise<Listening> =>
  change(ports, workflow, null, { subscriptions: [], schedules: [] });

const change = async (
  ports: Ports,
  { organizationId, id: workflowId }: WorkflowSummary,
  versionId: string | null,
  { subscriptions, schedules }: Triggers,
): Promise<Listening> => {
  const { db } = ports;
  const [before, heardBefore] = await Promise.all([
    listSchedules(db, organizationId, workflowId),
    listensFor(db, organizationId, workflowId, WEBHOOK_EVENT),
  ]);
  const hears = heardBefore || subscriptions.some(({ eventType }) => eventType === WEBHOOK_EVENT);
  const since = ports.now();
  const graceEnd = since + SCHEDULE_GRACE_MS;
  const rows = schedules.map((schedule) => ({
    ...schedule,
    id: scheduleId(workflowId, schedule.nodeId),
    since,
    nextAt: graceEnd,
  }));
  return {
    statements: [
      ...replaceSubscriptions(db, { organizationId, workflowId, versionId }, subscriptions),
      ...(rows.length > 0 ? [upsertSchedules(db, { organizationId, workflowId }, rows)] : []),
    ],
    tellObjects: () =>
      tell(async () => {
        if (before.length + rows.length > 0) await tellSchedules(ports, organizationId, workflowId);
        // As they are now, so that the last to tell is right whoever else changed the workflow meanwhile.
        await tellWebhooksOf(ports, organizationId, workflowId);
        if (hears) await tellEndpoints(ports, organizationId);
      }),
  };
};

/** A workflow that is changed faster than its schedules are told of it: the sweeper sees to the rest. */
const TELLINGS = 5;

/**
 * What the rows say, until they say nothing else: who tells of a pause when the workflow has just been resumed would stop for good what was resumed,
 * and the other way round.
 */
const tellSchedules = async (
  { db, schedules }: Pick<Ports, "db" | "schedules">,
  organizationId: string,
  workflowId: string,
): Promise<void> => {
  let told: ToldSchedule[] | undefined;
  for (let n = 0; n < TELLINGS; n++) {
    const rows = await schedulesToTell(db, organizationId, workflowId);
    if (told && JSON.stringify(rows) === JSON.stringify(told)) return;
    const kept = rows.filter(({ wanted }) => wanted);
    const gone = [...rows, ...(told ?? [])]
      .map(({ scheduleId }) => scheduleId)
      .filter((id) => !kept.some(({ scheduleId }) => scheduleId === id));
    await Promise.all(gone.map((id) => schedules.clear(id)));
    // A row goes when its object is still, so that a repeated request finds what is left to do.
    if (gone.length > 0) await deleteSchedules(db, organizationId, gone).run();
    const times = await Promise.all(
      kept.map(async ({ wanted: _, ...settings }) => {
        return { organizationId, id: settings.scheduleId, nextAt: (await schedules.set(settings)).nextAt };
      }),
    );
    if (times.length > 0) await noteNextRuns(db, times).run();
    told = kept;
  }
};
