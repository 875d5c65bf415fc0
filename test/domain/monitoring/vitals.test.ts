// What isolates notice of themselves is added up for an hour, and no longer.
import { beforeEach, describe, expect, it } from "vitest";
import { type KeptVitals, keepVitals, lastHour } from "../../../src/domain/monitoring/vitals.ts";
import { bucketOf } from "../../../src/lib/histogram.ts";
import {
  addVitals,
  noteDatabaseFailure,
  noteObjectError,
  noteRequest,
  noteStatements,
  noVitals,
  takeVitals,
} from "../../../src/lib/vitals.ts";

const T = 1_700_000_100_000;
const MINUTE = 60_000;
beforeEach(() => {
  takeVitals();
});

describe("an isolate's vitals", () => {
  it("are what was noticed since they were last taken", () => {
    noteStatements([
      { duration: 3, rows_read: 5, rows_written: 1 },
      { duration: 0.4, rows_read: 2 },
    ]);
    noteDatabaseFailure();
    noteRequest(120, 200);
    noteRequest(-5, 503);
    noteObjectError();
    expect(takeVitals()).toEqual({
      database: { statements: 2, failed: 1, rowsRead: 7, rowsWritten: 1, times: { [bucketOf(3)]: 1, 0: 1 } },
      requests: { calls: 2, failed: 1, times: { [bucketOf(120)]: 1, 0: 1 } },
      objectErrors: 1,
    });
    expect(takeVitals()).toEqual(noVitals());
  });
});

describe("the last hour's vitals", () => {
  const one = () => {
    noteStatements([{ duration: 8, rows_read: 1 }]);
    noteRequest(8, 200);
    noteObjectError();
    return takeVitals();
  };

  it("are those of all isolates, as long as they are an hour old at the most", () => {
    let kept: KeptVitals = [];
    for (let minute = 0; minute < 200; minute++) {
      const now = T + minute * MINUTE;
      kept = keepVitals(kept, addVitals([one(), one()]), now);
      const { database, objectErrors } = lastHour(kept, now);
      // Two a minute, of an hour and of what has begun of the present five minutes.
      const minutes = Math.min(minute + 1, 60 + 5);
      expect(objectErrors).toBe(database.statements);
      expect(objectErrors).toBeLessThanOrEqual(2 * minutes);
      expect(objectErrors).toBeGreaterThanOrEqual(2 * Math.min(minute + 1, 55));
    }
    expect(kept.length).toBeLessThanOrEqual(12);
    expect(lastHour(kept, T + 400 * MINUTE)).toEqual(noVitals());
  });

  it("bear a clock that goes back", () => {
    const kept = keepVitals(keepVitals([], one(), T), one(), T - 10 * MINUTE);
    expect(lastHour(kept, T).objectErrors).toBe(2);
  });
});
