// What is on record: who did what, and what was given up and may be tried once more.
import { listAudit } from "../../../domain/audit/list.ts";
import { listDeadLetters, readDeadLetter } from "../../../domain/dead-letter/list.ts";
import { replayDeadLetter } from "../../../domain/dead-letter/replay.ts";
import { parsePage } from "../../shared/page.ts";
import { toPagination } from "../convert.ts";
import { ALWAYS, BASE, enhancedOperations } from "../operations.ts";
import { fromAuditQuery, toAuditEntry, toDeadLetter } from "./convert.ts";
import * as schema from "./schema.ts";

const { routes, operation } = enhancedOperations();

export { routes };

operation(
  {
    method: "get",
    path: `${BASE}/audit`,
    summary: "List audit entries, newest first",
    tag: "Records",
    query: schema.auditQuery,
    answers: { 200: schema.auditEntries },
    errors: [...ALWAYS],
  },
  async (c, { query }) => {
    const page = parsePage(c, "limit");
    const { rows, total } = await listAudit(c.var.context, fromAuditQuery(query), page);
    return c.json({ entries: rows.map(toAuditEntry), pagination: toPagination(page, total) });
  },
);

operation(
  {
    method: "get",
    path: `${BASE}/dead-letters`,
    summary: "List dead letters, newest first",
    tag: "Records",
    query: schema.deadLetterQuery,
    answers: { 200: schema.deadLetters },
    errors: [...ALWAYS],
  },
  async (c, { query }) => {
    const page = parsePage(c, "limit");
    const { rows, total } = await listDeadLetters(c.var.context, query, page);
    return c.json({ deadLetters: rows.map(toDeadLetter), pagination: toPagination(page, total) });
  },
);

operation(
  {
    method: "get",
    path: `${BASE}/dead-letters/{deadLetterId}`,
    summary: "Get a dead letter",
    tag: "Records",
    answers: { 200: schema.deadLetter },
    errors: [...ALWAYS, 404],
  },
  async (c, { params }) => c.json(toDeadLetter(await readDeadLetter(c.var.context, params.deadLetterId))),
);

operation(
  {
    method: "post",
    path: `${BASE}/dead-letters/{deadLetterId}/replay`,
    summary: "Replay a dead letter",
    tag: "Records",
    answers: { 200: schema.replayed },
    errors: [...ALWAYS, 404, 409],
  },
  async (c, { params }) =>
    c.json({ success: true, deadLetter: toDeadLetter(await replayDeadLetter(c.var.context, params.deadLetterId)) }),
);
