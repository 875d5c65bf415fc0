// A run that nobody hears of as an event (a test, a repetition): its row in the index first, then the run in its object. Who dies in between leaves
// the row, and the sweeper says of it that it was never started.
import { failUnstarted, insertRun } from "../../db/queries/executions.ts";
import { type AuditEntry, auditStatement } from "../audit/record.ts";
import type { Context } from "../context.ts";
import { DomainError } from "../errors.ts";
import type { StartRequest } from "../ports.ts";
import { askForPlace } from "../queue/ask-for-place.ts";
import type { StartedExecution } from "./execute-workflow.ts";

/** The sweeper looks after a start whose end was lost so much later, in ms. */
const START_GRACE_MS = 20_000;
const USUAL_PRIORITY = 5;

/** Idempotent by the run's id. Throws `queue_full`, `unavailable`. `statements` go first, in the same batch. */
export const startRecorded = async (
  context: Context,
  request: StartRequest,
  audit: AuditEntry,
  statements: D1PreparedStatement[] = [],
): Promise<StartedExecution> => {
  const { db, executions, queues, now } = context.ports;
  const { organizationId, executionId: id, workflowId, limits, priority = USUAL_PRIORITY, startAt = 0 } = request;
  const at = now();
  const isLater = startAt > at;
  const place =
    limits && !isLater ? await askForPlace(context.ports, organizationId, { id, workflowId, priority, limits }) : null;
  try {
    await db.batch([
      ...statements,
      insertRun(db, {
        organizationId,
        id,
        workflowId,
        priority,
        versionId: request.versionId,
        eventId: request.event.id,
        triggerType: request.event.type,
        status: isLater || place?.state === "queued" ? "queued" : "running",
        scheduledAt: isLater ? startAt : null,
        retryOf: request.retry?.of ?? null,
        retries: request.retry?.times ?? 0,
        dryRun: request.dryRun,
        createdAt: at,
        nextWakeAt: at + START_GRACE_MS,
      }),
      auditStatement(context, audit),
    ]);
  } catch (error) {
    if (place) await queues.leave(organizationId, id).catch(() => undefined);
    throw error;
  }
  try {
    const { startedAt, status } = await executions.start(request);
    const started = { executionId: id, workflowId, startedAt, status };
    if (place?.state !== "queued" || status !== "queued") return started;
    return { ...started, place: { position: place.position, waitMs: place.waitMs } };
  } catch (error) {
    console.error(JSON.stringify({ at: "execution.start", execution: id, message: String(error) }));
    // The answer alone may have got lost: the sweeper looks.
    await db.batch([
      failUnstarted(db, { organizationId, id }, "The run could not be started", now(), now() + START_GRACE_MS),
    ]);
    throw new DomainError("unavailable", "The run could not be started; try again", {
      subject: "execution",
      retryAfterSeconds: 1,
    });
  }
};
