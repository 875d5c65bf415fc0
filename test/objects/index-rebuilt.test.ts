// The objects are the truth about runs: an index that has lost its rows is made again from them, and is the same (FAULTS, invariant 10).
import { expect, it } from "vitest";
import type { Definition } from "../../src/engine/contract.ts";
import { newId } from "../../src/lib/ids.ts";
import { executionStub } from "../../src/objects/execution/rpc.ts";
import { makePorts } from "../../src/objects/ports.ts";
import { db, makeOrganization, testEnv } from "../fixtures/identity.ts";
import { definition, eventually, makeWorkflow } from "./kit.ts";

const START = { type: "trigger_manual", config: {} };

/** Workflows whose runs settle as the key says. */
const GRAPHS: Record<string, Definition> = {
  completed: definition(
    { t: START, d: { type: "data_transform", config: { mappings: { n: "1" } } }, e: { type: "flow_end", config: {} } },
    ["t", "d", "e"],
  ),
  waiting: definition({ t: START, d: { type: "action_delay", config: { duration: 1, unit: "hours" } } }, ["t", "d"]),
  // Nobody may call it.
  failed: definition({ t: START, w: { type: "action_webhook", config: { url: "http://10.0.0.1/", method: "POST" } } }, [
    "t",
    "w",
  ]),
};

const rowsOf = async (table: string, organizationId: string, order: string) =>
  (
    await db
      .prepare(`SELECT * FROM ${table} WHERE org_id = ?1 ORDER BY ${order}`)
      .bind(organizationId)
      .all<Record<string, unknown>>()
  ).results;

/** Everything but when the index was told, and until when a waiting run is left alone. */
const indexOf = async (organizationId: string) => ({
  runs: (await rowsOf("executions", organizationId, "id")).map(
    ({ updated_at: _, next_wake_at: at, ...run }): Record<string, unknown> => ({
      ...run,
      wakes: at !== null,
    }),
  ),
  steps: await rowsOf("execution_steps", organizationId, "execution_id, n"),
  // What went off the lists stays counted as gone, beside what is there.
  counts: (await rowsOf("execution_counts", organizationId, "workflow_id, status"))
    .filter(({ n }) => n !== 0)
    .map(({ gone: _, last_at: __, ...count }): Record<string, unknown> => count),
});

it("is the same after it has lost every run, its steps and its counts", async () => {
  const { organizationId } = await makeOrganization();
  const ids: string[] = [];
  for (const graph of Object.values(GRAPHS)) {
    const workflow = await makeWorkflow(organizationId, graph);
    const executionId = newId();
    ids.push(executionId);
    const event = { id: newId(), type: "MANUAL_TRIGGER", source: "api", data: {}, occurredAt: Date.now() };
    await makePorts(testEnv).executions.start({
      ...{ ...workflow, executionId, startNodes: [], event, variables: {}, metadata: {}, dryRun: false, eventDepth: 0 },
      priority: 7,
    });
  }
  const isWhole = async () => {
    const { runs } = await indexOf(organizationId);
    return (
      runs
        .map(({ status }) => status)
        .toSorted()
        .join() === Object.keys(GRAPHS).toSorted().join()
    );
  };
  await eventually(isWhole);
  const before = await indexOf(organizationId);
  expect(before.steps.length).toBeGreaterThan(5);
  expect(before.counts.length).toBe(3);

  await db.prepare("DELETE FROM executions WHERE org_id = ?1").bind(organizationId).run();
  expect((await indexOf(organizationId)).counts).toEqual([]);
  for (const id of ids) expect(await executionStub(testEnv, id).poke()).toBe(true);
  await eventually(isWhole);
  expect(await indexOf(organizationId)).toEqual(before);
  for (const id of ids) expect(await executionStub(testEnv, id).verify(organizationId)).toMatchObject({ equal: true });
});
