// A workflow that is published, as rows, and waiting for what the queues do.

import type { Definition } from "../../src/engine/contract.ts";
import { newId } from "../../src/lib/ids.ts";
import type { JsonObject } from "../../src/lib/json.ts";
import { db } from "../fixtures/identity.ts";

export type TestWorkflow = { organizationId: string; workflowId: string; versionId: string };

export const definition = (nodes: Definition["nodes"], path: string[]): Definition => ({
  nodes,
  edges: path.slice(1).map((to, index) => ({
    id: `e${index}`,
    from: path[index]!,
    fromPort: "output",
    to,
    toPort: "input",
  })),
  variables: {},
});

/** One trigger and a node that ends. */
export const trivial = (type: string, config: JsonObject = {}): Definition =>
  definition({ t: { type, config }, end: { type: "flow_end", config: {} } }, ["t", "end"]);

export const makeWorkflow = async (
  organizationId: string,
  graph: Definition,
  status: "draft" | "active" | "paused" | "archived" = "active",
): Promise<TestWorkflow> => {
  const workflowId = newId();
  const versionId = newId();
  await db.batch([
    db
      .prepare(
        `INSERT INTO workflows (org_id, id, name, authoring, status, definition, published_version_id, created_by, created_at, updated_at)
         VALUES (?1, ?2, 'Test', 'core', ?3, ?4, ?5, 'test', 1, 1)`,
      )
      .bind(organizationId, workflowId, status, JSON.stringify(graph), versionId),
    db
      .prepare(
        `INSERT INTO workflow_versions (org_id, id, workflow_id, number, definition, created_by, created_at)
         VALUES (?1, ?2, ?3, 1, ?4, 'test', 1)`,
      )
      .bind(organizationId, versionId, workflowId, JSON.stringify(graph)),
  ]);
  return { organizationId, workflowId, versionId };
};

export const subscribe = async (
  workflow: TestWorkflow,
  terms: {
    eventType: string;
    matchKey?: string;
    filters?: unknown;
    nodeIds?: string[];
    triggerType?: string;
    rules?: unknown;
    priority?: number;
  },
): Promise<void> => {
  await db
    .prepare(
      `INSERT INTO subscriptions (org_id, event_type, match_key, workflow_id, version_id, node_ids, trigger_type, filters, rules, priority)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)`,
    )
    .bind(
      workflow.organizationId,
      terms.eventType,
      terms.matchKey ?? null,
      workflow.workflowId,
      workflow.versionId,
      JSON.stringify(terms.nodeIds ?? ["t"]),
      terms.triggerType ?? "trigger_event",
      terms.filters === undefined ? null : JSON.stringify(terms.filters),
      terms.rules === undefined ? null : JSON.stringify(terms.rules),
      terms.priority ?? 0,
    )
    .run();
};

/** Asks until it answers something, for at most `ms`. */
export const eventually = async <T>(ask: () => Promise<T | null | undefined | false>, ms = 5_000): Promise<T> => {
  const until = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > until) throw new Error(`still waiting after ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
