// What is written once an event's runs are started: its outcome, an index row for each run (its own report where there is one already, else a
// first row until it comes), the webhook's counters and the schedule's next time. One D1 batch for all events of a queue batch. Of an event that
// has to come again the runs alone, so that none is there that nobody looks after, whatever becomes of the event.
import { countWebhookCalls, setOutcomes } from "../../db/queries/events.ts";
import { insertStarted } from "../../db/queries/projections.ts";
import { noteNextRuns } from "../../db/queries/sweep.ts";
import type { Json } from "../../lib/json.ts";
import { jsonBytes, partsBySize } from "../../lib/parts-by-size.ts";
import { type Report, reportStatements } from "../execution/project.ts";
import type { Database } from "../ports.ts";
import type { Plan } from "./plan.ts";

/** A run that has not told the index anything so long after its start is looked after by the sweeper. */
const FIRST_WAKE_MS = 20_000;

/** A statement's values hold 2 MB (D1). */
const MAX_VALUES_BYTES = 1_900_000;

/** Epoch ms of what a schedule's event says; null for a schedule that will not run again. */
const timeOf = (said: Json | undefined): number | null => (typeof said === "string" ? Date.parse(said) : null);

/** `open`: plans whose event has to come again, with the starts that have begun a run. `reports`: of runs of both. */
export const finishEvents = async (
  db: Database,
  { done: plans, open, reports }: { done: readonly Plan[]; open: readonly Plan[]; reports: readonly Report[] },
  now: number,
): Promise<void> => {
  const reported = new Set(reports.map(({ executionId }) => executionId));
  const unreported = (start: Plan["starts"][number]) => !reported.has(start.executionId);
  const started = [...plans, ...open].flatMap((plan) =>
    plan.starts.filter(unreported).map((start) => ({
      organizationId: start.organizationId,
      id: start.executionId,
      workflowId: start.workflowId,
      versionId: start.versionId,
      eventId: plan.event.id,
      triggerType: plan.event.type,
      startedAt: now,
      createdAt: plan.event.occurredAt,
      nextWakeAt: now + FIRST_WAKE_MS,
    })),
  );
  const calls = plans.flatMap(({ event }) =>
    event.type === "WEBHOOK_RECEIVED" && event.source.startsWith("webhook:")
      ? [
          {
            organizationId: event.organizationId,
            webhookId: event.source.slice(8),
            eventId: event.id,
            at: event.occurredAt,
          },
        ]
      : [],
  );
  const times = plans.flatMap(({ event }) =>
    event.type === "SCHEDULED" && event.source.startsWith("schedule:")
      ? [{ organizationId: event.organizationId, id: event.source.slice(9), nextAt: timeOf(event.data.next_at) }]
      : [],
  );
  const outcomes = plans.map(({ event, outcome }) => ({
    organizationId: event.organizationId,
    id: event.id,
    outcome: outcome,
  }));
  await db.batch([
    ...partsBySize(started, MAX_VALUES_BYTES, jsonBytes).map((part) => insertStarted(db, part)),
    ...(reports.length > 0 ? reportStatements(db, reports, now) : []),
    ...(calls.length > 0 ? [countWebhookCalls(db, calls)] : []),
    ...(times.length > 0 ? [noteNextRuns(db, times)] : []),
    ...partsBySize(outcomes, MAX_VALUES_BYTES, jsonBytes).map((part) => setOutcomes(db, part)),
  ]);
};
