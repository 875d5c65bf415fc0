// What a run tells the index of itself fits a queue's message, and a statement's values, whatever its nodes and errors are called.
import { beforeAll, expect, it } from "vitest";
import { projectExecutions } from "../../src/domain/execution/project.ts";
import type { Program } from "../../src/engine/program.ts";
import { newState, type RunState } from "../../src/engine/state.ts";
import { newId } from "../../src/lib/ids.ts";
import { projectionOf } from "../../src/objects/execution/project.ts";
import type { Meta } from "../../src/objects/execution/store.ts";
import { projectionMessage } from "../../src/queue/catalogue.ts";
import { db, makeOrganization } from "../fixtures/identity.ts";

/** Cloudflare Queues, "Limits": the largest message. */
const QUEUE_MESSAGE_BYTES = 128_000;

let organizationId: string;
beforeAll(async () => {
  organizationId = (await makeOrganization()).organizationId;
});

const meta: Meta = {
  seq: 9,
  parent: null,
  eventDepth: 0,
  priority: 5,
  parentTold: false,
  stuck: null,
  commits: 9,
};

/** A run of `visits` failed visits whose nodes are called `node`, each with the error `message`. */
const runOf = (visits: number, node: string, message: string): RunState => {
  const state = newState();
  const event = { id: newId(), type: "custom", source: "api", data: {}, occurredAt: 1 };
  state.run = {
    ...{ status: "failed", executionId: newId(), organizationId, workflowId: "w", versionId: "v", dryRun: false },
    ...{ event, startedAt: 1, endedAt: 2, error: { code: "C", message: message.repeat(10), nodeId: node } },
  } as unknown as RunState["run"];
  for (let n = 1; n <= visits; n++) {
    state.visits.set(n, {
      ...{ n, node, ordinal: n, token: n, from: [], status: "failed", startedAt: 1, completedAt: 2, output: null },
      ...{ logs: [], error: { code: "C", message }, attempts: 1, port: null, effectMs: 0, waitMs: 0 },
    });
  }
  return state;
};

const program = { nodes: new Map(), settings: {} } as unknown as Program;
const reportOf = (visits: number, node: string, message: string) =>
  projectionOf(runOf(visits, node, message), meta, program, 5);
const numbers = (report: ReturnType<typeof reportOf>) => report.steps.map(({ n }) => n);
const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

it("carries every step of a run, and the first and the last 200 of a long one", () => {
  expect(numbers(reportOf(400, "send", "No answer"))).toEqual(from(1, 400));
  expect(numbers(reportOf(5_000, "send", "No answer"))).toEqual([...from(1, 200), ...from(4_801, 5_000)]);
});

it.each([
  ["long names and errors", "n".repeat(128), "e".repeat(500)],
  ["letters of three bytes", "ナ".repeat(128), "エ".repeat(500)],
  ["characters that JSON writes out", "\u0001".repeat(128), "\u0002".repeat(500)],
])("fits a message with %s: fewer steps, as many from the beginning as from the end", (_, node, message) => {
  const report = reportOf(400, node, message);
  const bytes = Buffer.byteLength(JSON.stringify(report));
  expect(bytes).toBeLessThanOrEqual(QUEUE_MESSAGE_BYTES);
  expect(bytes).toBeGreaterThan(QUEUE_MESSAGE_BYTES * 0.8);
  expect(projectionMessage.parse(report)).toEqual(report);
  const half = Math.ceil(report.steps.length / 2);
  expect(numbers(report)).toEqual([...from(1, half), ...from(401 - (report.steps.length - half), 400)]);
  expect(numbers(reportOf(40, node, message))).toEqual(from(1, 40));
  expect(Buffer.byteLength(JSON.stringify(reportOf(40, node, message)))).toBeLessThanOrEqual(QUEUE_MESSAGE_BYTES);
});

it("many such reports at once are written, in as many statements as their bytes need", async () => {
  const reports = Array.from({ length: 40 }, () => reportOf(400, "\u0001".repeat(128), "\u0002".repeat(500)));
  await projectExecutions(db, reports, 10);
  const written = await db
    .prepare("SELECT count(*) AS n FROM execution_steps WHERE org_id = ?1")
    .bind(organizationId)
    .first<number>("n");
  expect(written).toBe(reports.reduce((sum, report) => sum + report.steps.length, 0));
});

it("says nothing secret in what errors say", () => {
  const state = runOf(2, "send", "Key s3cr3t-key was refused by https://ann:pw@example.com/?token=abc");
  state.variables.set("api_key", "s3cr3t-key");
  const secret = { nodes: new Map(), settings: { secrets: ["api_key"] } } as unknown as Program;
  const said = JSON.stringify(projectionOf(state, meta, secret, 5));
  expect(said).toContain("Key [redacted] was refused by https://[redacted]@example.com/?token=[redacted]");
  expect(said).not.toMatch(/s3cr3t|abc|ann:pw/);
});
