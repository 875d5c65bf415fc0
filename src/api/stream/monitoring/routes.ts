// /api/v1/monitoring: a route an operation. A handler is parse, convert, verb, convert.
import { readDashboard } from "../../../domain/monitoring/dashboard.ts";
import { reportInbound } from "../../../domain/monitoring/inbound.ts";
import { ALWAYS, streamOperations } from "../operations.ts";
import { toDashboard, toInboundReport } from "./convert.ts";
import * as schema from "./schema.ts";

const MONITORING = "/api/v1/monitoring";
const tag = "Monitoring";

const { routes, operation } = streamOperations();

export { routes };

operation(
  {
    method: "get",
    path: `${MONITORING}/dashboard`,
    summary: "System dashboard metrics",
    tag,
    answers: { 200: schema.dashboard },
    errors: ALWAYS,
  },
  async (c) => c.json(toDashboard(await readDashboard(c.var.context))),
);

operation(
  {
    method: "get",
    path: `${MONITORING}/inbound`,
    summary: "Inbound activity monitoring",
    tag,
    query: schema.inboundQuery,
    answers: { 200: schema.inboundReport },
    errors: [400, ...ALWAYS],
  },
  async (c, { query }) => c.json(toInboundReport(await reportInbound(c.var.context, query), query.hours)),
);
