// Executing a workflow, and the queue of what waits to: its state, its jobs, its limits, and failed ones once more.
import { executeInContext } from "../../../domain/execution/execute-in-context.ts";
import { retryExecution } from "../../../domain/execution/retry-execution.ts";
import { sameRequest } from "../../../domain/idempotency/same-request.ts";
import { changeQueueLimits, readQueueLimits } from "../../../domain/queue/change-limits.ts";
import { listQueue, readQueueStatus } from "../../../domain/queue/read-queue.ts";
import { depthOf } from "../../shared/hops.ts";
import { idempotencyKeyOf } from "../../shared/idempotency-key.ts";
import { parsePage } from "../../shared/page.ts";
import { namedAs, toPagination } from "../convert.ts";
import { ALWAYS, BASE, enhancedOperations } from "../operations.ts";
import * as convert from "./convert.ts";
import * as schema from "./schema.ts";

const tag = "Queue";
const headers = { "Idempotency-Key": "The same key starts the same execution, for at least a day" };

const INPUT = { variables: "inputData", metadata: "context" };

const { routes, operation } = enhancedOperations();

export { routes };

operation(
  {
    method: "post",
    path: `${BASE}/workflows/{id}/execute`,
    summary: "Execute a workflow now, when there is room, or at a set time",
    tag: "Executions",
    headers,
    isIdempotent: true,
    body: schema.executeBody,
    answers: { 200: schema.executed },
    errors: [...ALWAYS, 404, 409, 413, 422],
  },
  async (c, { params, body }) => {
    const asked = convert.fromExecute(body);
    const key = idempotencyKeyOf(c);
    const claim = { of: ["execute", params.id], key: key.idempotencyKey, asked };
    const started = await sameRequest(c.var.context, claim, () =>
      namedAs(INPUT, executeInContext(c.var.context, params.id, { ...asked, ...key, ...depthOf(c) })),
    );
    return c.json(convert.toExecuted(started, body));
  },
);

operation(
  {
    method: "get",
    path: `${BASE}/queue/status`,
    summary: "Get the queue's status: what waits, what runs, and its workers",
    tag,
    answers: { 200: schema.queueStatus },
    errors: ALWAYS,
  },
  async (c) => c.json(convert.toQueueStatus(await readQueueStatus(c.var.context))),
);

operation(
  {
    method: "get",
    path: `${BASE}/queue/jobs`,
    summary: "List executions as jobs of the queue, newest first",
    tag,
    query: schema.jobQuery,
    answers: { 200: schema.queueJobs },
    errors: [...ALWAYS, 404],
  },
  async (c, { query }) => {
    const page = parsePage(c, "limit");
    const { rows, total, counts, waitMs } = await listQueue(c.var.context, convert.fromJobQuery(query), page);
    const now = c.var.context.ports.now();
    return c.json({
      jobs: rows.map((row) => convert.toJob(row, now)),
      statistics: convert.toStatistics(counts, waitMs),
      pagination: toPagination(page, total),
    });
  },
);

operation(
  {
    method: "post",
    path: `${BASE}/queue/jobs/{jobId}/retry`,
    summary: "Retry an execution that failed, timed out or was cancelled, from the start or from a step",
    tag,
    headers,
    isIdempotent: true,
    body: schema.retryBody,
    answers: { 200: schema.retried },
    errors: [...ALWAYS, 404, 409, 422],
  },
  async (c, { params, body }) => {
    const asked = convert.fromRetry(body);
    const key = idempotencyKeyOf(c);
    const claim = { of: ["retry", params.jobId], key: key.idempotencyKey, asked };
    const started = await sameRequest(c.var.context, claim, () =>
      retryExecution(c.var.context, params.jobId, { ...asked, ...key }),
    );
    return c.json(convert.toRetried(started, c.var.context.ports.now()));
  },
);

operation(
  {
    method: "get",
    path: `${BASE}/queue/settings`,
    summary: "Get the queue's limits: how many executions may run at a time, and how many may wait",
    tag,
    answers: { 200: schema.settings },
    errors: ALWAYS,
  },
  async (c) => c.json(await readQueueLimits(c.var.context)),
);

operation(
  {
    method: "patch",
    path: `${BASE}/queue/settings`,
    summary: "Change the queue's limits; null restores the default",
    tag,
    body: schema.settingsBody,
    answers: { 200: schema.settings },
    errors: ALWAYS,
  },
  async (c, { body }) => c.json(await changeQueueLimits(c.var.context, body)),
);
