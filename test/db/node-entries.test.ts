// Entries into nodes follow the reports of runs by triggers: right whatever is written, in whatever order, however often.
import { beforeEach, describe, expect, it } from "vitest";
import { readNodeEntries } from "../../src/db/queries/node-entries.ts";
import { projectExecutions, type Report } from "../../src/domain/execution/project.ts";
import { newId } from "../../src/lib/ids.ts";
import { db } from "../fixtures/identity.ts";

let organizationId: string;
beforeEach(() => {
  organizationId = newId();
});

const report = (
  executionId: string,
  seq: number,
  entries?: Record<string, number>,
  more: Partial<Report> = {},
): Report => ({
  organizationId,
  executionId,
  workflowId: "w",
  versionId: "v",
  status: "waiting",
  seq,
  eventId: null,
  triggerType: "MESSAGE_RECEIVED",
  startedAt: 1,
  endedAt: null,
  nodesExecuted: 1,
  error: null,
  errorNodeId: null,
  priority: 5,
  parentId: null,
  nextWakeAt: null,
  dryRun: false,
  entries,
  steps: [],
  ...more,
});
const tell = (...reports: Report[]) => projectExecutions(db, reports, 10);
const counts = async (workflowId = "w") => Object.fromEntries(await readNodeEntries(db, organizationId, workflowId));

describe("entries into nodes", () => {
  it("are counted once, however often and late a report comes", async () => {
    const id = newId();
    await tell(report(id, 1, { a: 1 }));
    await tell(report(id, 3, { a: 2, 'b."$[0]': 1 }), report(id, 1, { a: 1 }));
    await tell(report(id, 2, { a: 1 }));
    await tell(report(id, 3, { a: 2, 'b."$[0]': 1 }));
    expect(await counts()).toEqual({ a: 2, 'b."$[0]': 1 });
    await tell(report(newId(), 1, { a: 5 }), report(newId(), 1, { a: 1 }, { workflowId: "other" }));
    expect(await counts()).toEqual({ a: 7, 'b."$[0]': 1 });
    expect(await counts("other")).toEqual({ a: 1 });
  });

  it("of dry runs and of what counts nothing are none, and a report without them takes none away", async () => {
    const id = newId();
    await tell(report(newId(), 1, { a: 1 }, { dryRun: true }), report(newId(), 1));
    expect(await counts()).toEqual({});
    await tell(report(id, 1, { a: 1 }));
    await tell(report(id, 2));
    await tell(report(id, 3, { a: 2 }));
    expect(await counts()).toEqual({ a: 2 });
  });

  it("outlive the runs", async () => {
    await tell(report(newId(), 1, { a: 3 }));
    await db.prepare("DELETE FROM executions WHERE org_id = ?1").bind(organizationId).run();
    expect(await counts()).toEqual({ a: 3 });
  });

  it("equal a recount after many random reports", async () => {
    let seed = 11;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    const runs = Array.from({ length: 8 }, () => newId());
    const newest = new Map<string, number>();
    for (let round = 0; round < 150; round++) {
      const id = runs[random(8)]!;
      const seq = 1 + random(20);
      newest.set(id, Math.max(seq, newest.get(id) ?? 0));
      // What a run says of itself grows with its journal.
      await tell(report(id, seq, { a: seq, ...(seq > 4 && { b: Math.floor(seq / 3) }) }));
    }
    const sum = (of: (seq: number) => number) => [...newest.values()].reduce((total, seq) => total + of(seq), 0);
    expect(await counts()).toEqual({ a: sum((seq) => seq), b: sum((seq) => (seq > 4 ? Math.floor(seq / 3) : 0)) });
  });

  it("of as large flows as there may be fit their statements", async () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`${"n".repeat(60)}${n}`, 1]));
    await tell(...Array.from({ length: 60 }, () => report(newId(), 1, many)));
    const counted = await counts();
    expect(Object.keys(counted)).toHaveLength(1_000);
    expect(new Set(Object.values(counted))).toEqual(new Set([60]));
  });
});
