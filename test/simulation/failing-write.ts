// A commit that fails half-way, to be planted.
// First, because it puts the seams in place through which the modules below reach the world.
import "./simulate.ts";

import { vi } from "vitest";
import { ExecutionStore } from "../../src/objects/execution/store.ts";

/** The `nth` write of the run stops after the journal and half of the state. Answers how often it did so far; vi.restoreAllMocks ends it. */
export const failingAt = (nth: number) => {
  let writes = 0;
  let failed = 0;
  const write = ExecutionStore.prototype.write;
  vi.spyOn(ExecutionStore.prototype, "write").mockImplementation(function (this: ExecutionStore, commit) {
    if (++writes !== nth) return write.call(this, commit);
    failed++;
    const { startedAttempts: _, endedAttempt: __, rows = [], ...half } = commit;
    write.call(this, { ...half, rows: rows.slice(0, Math.ceil(rows.length / 2)) });
    throw new Error("database or disk is full: SQLITE_FULL");
  });
  return () => failed;
};
