import { describe, expect, it } from "vitest";
import { ReportPatience } from "../../src/queue/report-patience.ts";

describe("the patience with a batch's runs", () => {
  it("is bounded for the batch as a whole", () => {
    const patience = new ReportPatience(1_000);
    expect(patience.left("a", 1_000)).toBe(500);
    expect(patience.left("a", 1_950)).toBe(50);
    expect(patience.left("a", 2_000)).toBe(0);
    // A clock that goes back holds nobody up for longer.
    expect(patience.left("a", 0)).toBe(500);
  });

  it("is lost with a workflow that was slow, for a while, and with no other", () => {
    new ReportPatience(1_000).lose("slow", 500, 1_500);
    const next = new ReportPatience(2_000);
    next.lose("unlucky", 299, 2_299);
    expect(next.left("unlucky", 2_000)).toBe(500);
    expect(next.left("slow", 2_000)).toBe(0);
    expect(next.left("other", 2_000)).toBe(500);
    expect(new ReportPatience(12_000).left("slow", 12_000)).toBe(500);
  });

  it("outlives late runs as long as more of the batch have come in time", () => {
    const patience = new ReportPatience(50_000);
    for (let n = 0; n < 3; n++) patience.win("busy");
    for (let n = 0; n < 3; n++) patience.lose("busy", 500, 50_500);
    expect(patience.left("busy", 50_500)).toBe(500);
    patience.lose("busy", 500, 50_500);
    expect(patience.left("busy", 50_500)).toBe(0);
    // What came in time in one batch says nothing of the next.
    const next = new ReportPatience(70_000);
    expect(next.left("busy", 70_000)).toBe(500);
    next.lose("busy", 500, 70_500);
    expect(next.left("busy", 70_500)).toBe(0);
  });

  it("remembers a thousand workflows, the last ones", () => {
    const patience = new ReportPatience(1_000);
    for (let n = 0; n <= 1_000; n++) patience.lose(`w${n}`, 500, 1_000);
    expect(patience.left("w0", 1_000)).toBe(500);
    expect(patience.left("w1", 1_000)).toBe(0);
    expect(patience.left("w1000", 1_000)).toBe(0);
  });
});
