// What is written once an event's runs are started: its outcome, an index row for each run until the run's own projection comes, the webhook's
// counters and the schedule's next time. One D1 batch for all events of a queue batch, three to four statements.
import { countWebhookCalls, setOutcomes } from "../../db/queries/events.ts";
import { insertStarted } from "../../db/queries/projections.ts";
import { noteNextRuns } from "../../db/queries/sweep.ts";
import type { Json } from "../../lib/json.ts";
import type { Database } from "../ports.ts";
import type { Plan } from "./plan.ts";

/** A run that has not told the index anything so long after its start is looked after by the sweeper. */
const FIRST_WAKE_MS = 20_000;

/** Epoch ms of what a schedule's event says; null for a schedule that will not run again. */
const timeOf = (said: Json | undefined): number | null => (typeof said === "string" ? Date.parse(said) : null);

export const finishEvents = async (db: Database, plans: readonly Plan[], now: number): Promise<void> => {
  const started = plans.flatMap((plan) =>
    plan.starts.map((start) => ({
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
    outcome: outcome as unknown as Json,
  }));
  await db.batch([
    ...(started.length > 0 ? [insertStarted(db, started)] : []),
    ...(calls.length > 0 ? [countWebhookCalls(db, calls)] : []),
    ...(times.length > 0 ? [noteNextRuns(db, times)] : []),
    setOutcomes(db, outcomes),
  ]);
};
