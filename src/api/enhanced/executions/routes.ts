// Executions: lists, one with all that is known of it, its journal, and whether that still makes what is stored.

import { summarizeRuns } from "../../../domain/analytics/summarize-runs.ts";
import { backtestWorkflow } from "../../../domain/backtest/backtest-workflow.ts";
import { cancelExecution } from "../../../domain/execution/cancel-execution.ts";
import { listRuns, listWorkflowRuns } from "../../../domain/execution/list-runs.ts";
import { readDetails } from "../../../domain/execution/read-details.ts";
import { readJournal } from "../../../domain/execution/read-journal.ts";
import { replayExecution } from "../../../domain/execution/replay-execution.ts";
import { forkExecution } from "../../../domain/execution/what-if/fork-execution.ts";
import { parsePage } from "../../shared/page.ts";
import { timeOf, toPagination } from "../convert.ts";
import { ALWAYS, BASE, enhancedOperations } from "../operations.ts";
import { fromBacktest, toBacktest } from "./backtest-convert.ts";
import { backtest, backtestBody } from "./backtest-schema.ts";
import {
  fromHistoryQuery,
  fromSummaryQuery,
  toAnalytics,
  toDetails,
  toExecution,
  toJournalEntry,
  toReplay,
} from "./convert.ts";
import * as schema from "./schema.ts";
import { fromFork, toFork } from "./what-if-convert.ts";
import { forkBody, forked } from "./what-if-schema.ts";

const EXECUTION = `${BASE}/executions/{executionId}` as const;
const tag = "Executions";

const { routes, operation } = enhancedOperations();

export { routes };

operation(
  {
    method: "get",
    path: `${BASE}/workflows/{id}/executions`,
    summary: "List a workflow's executions, newest first, with statistics of the period",
    tag,
    query: schema.historyQuery,
    answers: { 200: schema.history },
    errors: [...ALWAYS, 404],
  },
  async (c, { params, query }) => {
    const page = parsePage(c, "limit");
    const { context } = c.var;
    const [{ rows, total }, summary] = await Promise.all([
      listWorkflowRuns(context, params.id, fromHistoryQuery(query), page),
      summarizeRuns(context, fromSummaryQuery(params.id, query)),
    ]);
    return c.json({
      executions: rows.map(toExecution),
      analytics: toAnalytics(summary),
      pagination: toPagination(page, total),
    });
  },
);

operation(
  {
    method: "get",
    path: `${BASE}/executions`,
    summary: "List the executions of all workflows, newest first",
    tag,
    query: schema.allHistoryQuery,
    answers: { 200: schema.executionList },
    errors: ALWAYS,
  },
  async (c, { query }) => {
    const page = parsePage(c, "limit");
    const { workflowId, contactId, ...rest } = query;
    const wanted = {
      ...fromHistoryQuery(rest),
      ...(workflowId !== undefined && { workflowId }),
      ...(contactId !== undefined && { user: contactId }),
    };
    const { rows, total } = await listRuns(c.var.context, wanted, page);
    return c.json({ executions: rows.map(toExecution), pagination: toPagination(page, total) });
  },
);

operation(
  {
    method: "get",
    path: `${BASE}/workflows/{id}/executions/{executionId}`,
    summary: "Get an execution of a workflow with its steps, timeline, performance and logs",
    tag,
    answers: { 200: schema.details },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => c.json(toDetails(await readDetails(c.var.context, params.executionId, params.id))),
);

operation(
  {
    method: "get",
    path: EXECUTION,
    summary: "Get an execution with its steps, timeline, performance and logs",
    tag,
    answers: { 200: schema.details },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => c.json(toDetails(await readDetails(c.var.context, params.executionId))),
);

operation(
  {
    method: "post",
    path: `${EXECUTION}/cancel`,
    summary: "Cancel an execution",
    tag,
    body: schema.cancelBody,
    answers: { 200: schema.cancelled },
    errors: [...ALWAYS, 404, 409],
  },
  async (c, { params, body }) => {
    const { executionId, cancelledAt } = await cancelExecution(c.var.context, params.executionId, body.reason);
    return c.json({ success: true, executionId, cancelledAt: timeOf(cancelledAt) });
  },
);

operation(
  {
    method: "get",
    path: `${EXECUTION}/journal`,
    summary: "Get an execution's journal: its inputs, and what each of them did",
    tag,
    query: schema.journalQuery,
    answers: { 200: schema.journal },
    errors: [...ALWAYS, 404, 409],
  },
  async (c, { params }) => {
    const page = parsePage(c, "limit");
    const { entries, total, cut } = await readJournal(c.var.context, params.executionId, page);
    return c.json({
      entries: entries.map((entry) => toJournalEntry(params.executionId, entry)),
      cut,
      pagination: toPagination(page, total),
    });
  },
);

operation(
  {
    method: "post",
    path: `${EXECUTION}/replay`,
    summary: "Replay the journal and compare the result with the stored state",
    tag,
    perMinute: 60,
    computes: true,
    answers: { 200: schema.replayed },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => c.json(toReplay(await replayExecution(c.var.context, params.executionId))),
);

operation(
  {
    method: "post",
    path: `${EXECUTION}/fork`,
    summary: "Fork an execution: run the rest from one of its inputs under other terms, without side effects",
    tag,
    perMinute: 60,
    computes: true,
    body: forkBody,
    answers: { 200: forked },
    errors: [...ALWAYS, 404, 409, 413],
  },
  async (c, { params, body }) => c.json(toFork(await forkExecution(c.var.context, params.executionId, fromFork(body)))),
);

operation(
  {
    method: "post",
    path: `${BASE}/workflows/{id}/backtest`,
    summary: "Backtest a workflow's draft on the real events of a period, beside the published version",
    tag,
    perMinute: 30,
    computes: true,
    body: backtestBody,
    answers: { 200: backtest },
    errors: [...ALWAYS, 404, 409],
  },
  async (c, { params, body }) => {
    const wanted = fromBacktest(body, c.var.context.ports.now());
    return c.json(toBacktest(params.id, wanted, await backtestWorkflow(c.var.context, params.id, wanted)));
  },
);
