import { describe, expect, it } from "vitest";
import { ReportPatience } from "../../src/queue/report-patience.ts";

describe("the patience with a batch's runs", () => {
  it("is bounded for the batch as a whole", () => {
    const patience = new ReportPatience(1_000);
    expect(patience.left("a", 1_000)).toBe(300);
    expect(patience.left("a", 1_950)).toBe(50);
    expect(patience.left("a", 2_000)).toBe(0);
    // A clock that goes back holds nobody up for longer.
    expect(patience.left("a", 0)).toBe(300);
  });

  it("is lost with a workflow that was slow, for a while, and with no other", () => {
    new ReportPatience(1_000).lose("slow", 300, 1_300);
    const next = new ReportPatience(2_000);
    next.lose("unlucky", 99, 2_299);
    expect(next.left("unlucky", 2_000)).toBe(300);
    expect(next.left("slow", 2_000)).toBe(0);
    expect(next.left("other", 2_000)).toBe(300);
    expect(new ReportPatience(12_000).left("slow", 12_000)).toBe(300);
  });

  it("remembers a thousand workflows, the last ones", () => {
    const patience = new ReportPatience(1_000);
    for (let n = 0; n <= 1_000; n++) patience.lose(`w${n}`, 300, 1_000);
    expect(patience.left("w0", 1_000)).toBe(300);
    expect(patience.left("w1", 1_000)).toBe(0);
    expect(patience.left("w1000", 1_000)).toBe(0);
  });
});
