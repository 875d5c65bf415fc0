// MESSAGING "Consent", "WhatsApp", "Quiet hours and time", gate by gate and in their order.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GATES, type Gate, type GateFacts, judgeGates, WINDOW_MS } from "../../../src/domain/message/gates.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const HOUR = 3_600_000;

const FREE: GateFacts = {
  consent: { state: "OPT_IN", epoch: 3 },
  needsWindow: false,
  lastInboundAt: null,
  zone: "Europe/Berlin",
  quietHours: [],
  rate: { sender: null, person: null },
  cap: null,
  template: { use: "none" },
};
const judge = (facts: Partial<GateFacts>, now = NOW) => judgeGates({ ...FREE, ...facts }, now);
const verdictOf = (gate: Gate, facts: Partial<GateFacts>, now = NOW) =>
  judge(facts, now).gates.find((one) => one.gate === gate)!;

/** Each makes its own gate fail and no other. */
const FAILING: Record<Gate, Partial<GateFacts>> = {
  consent: { consent: { state: "STOP", epoch: 3 } },
  window: { needsWindow: true },
  quiet_hours: { quietHours: [{ start: "12:00", end: "14:00" }] },
  rate: { rate: { sender: NOW + 500, person: null } },
  cap: { cap: { max: 1, windowMs: HOUR, sentAt: [NOW - 1] } },
  template: { template: { use: "required", problem: "It is not approved" } },
};

describe("a report", () => {
  it("has every gate in order; what nothing holds may go now", () => {
    const report = judge({});
    expect(report.gates.map(({ gate }) => gate)).toEqual([...GATES]);
    expect(report).toMatchObject({ passed: true, failed: null, earliestAt: NOW, useTemplate: false });
    expect(report.gates.every(({ reason }) => reason.length > 0)).toBe(true);
  });

  it.each(GATES)("%s fails alone", (gate) => {
    const report = judge(FAILING[gate]);
    expect(report.gates.filter(({ passed }) => !passed).map((one) => one.gate)).toEqual([gate]);
    expect(report).toMatchObject({ passed: false, failed: gate, useTemplate: false });
  });

  it("names the first that failed, and the time at which all let it pass", () => {
    fc.assert(
      fc.property(fc.subarray([...GATES], { minLength: 1 }), (failing) => {
        const merged = Object.assign({}, ...failing.map((gate) => FAILING[gate])) as Partial<GateFacts>;
        const report = judge(merged);
        // A closed window with a template beside it is the template's to judge.
        const expected = failing.includes("template") ? failing.filter((gate) => gate !== "window") : failing;
        expect(report.gates.filter(({ passed }) => !passed).map((one) => one.gate)).toEqual(expected);
        expect(report.failed).toBe(expected[0]);
        const hopeless = expected.some((gate) => ["consent", "window", "template"].includes(gate));
        const times = expected.map((gate) => verdictOf(gate, merged).earliestAt ?? 0);
        expect(report.earliestAt).toBe(hopeless ? null : Math.max(...times));
      }),
    );
  });
});

describe("consent", () => {
  it.each([
    ["OPT_IN", true],
    [null, true],
    ["OPT_OUT", false],
    ["STOP", false],
  ] as const)("%s: %s", (state, passed) => {
    expect(verdictOf("consent", { consent: { state, epoch: 0 } }).passed).toBe(passed);
  });
  it("what was planned before a change is dead, also when they opted in again since", () => {
    expect(judge({ plannedEpoch: 3 }).passed).toBe(true);
    expect(judge({ plannedEpoch: 1 })).toMatchObject({ failed: "consent", earliestAt: null });
  });
});

describe("the window", () => {
  const WHATSAPP = { needsWindow: true };
  it("is open for 24 hours from the person's message, and not a millisecond longer", () => {
    expect(judge({ ...WHATSAPP, lastInboundAt: NOW - WINDOW_MS + 1 }).passed).toBe(true);
    expect(judge({ ...WHATSAPP, lastInboundAt: NOW - WINDOW_MS })).toMatchObject({
      failed: "window",
      earliestAt: null,
    });
    expect(judge({ ...WHATSAPP, lastInboundAt: null }).failed).toBe("window");
  });
  it("closed, falls back to the template; open, does not", () => {
    const template = { use: "fallback", problem: null } as const;
    expect(judge({ ...WHATSAPP, template })).toMatchObject({ passed: true, useTemplate: true });
    expect(judge({ ...WHATSAPP, template, lastInboundAt: NOW - 1 })).toMatchObject({
      passed: true,
      useTemplate: false,
    });
    expect(judge({ ...WHATSAPP, template: { ...template, problem: "Not approved" } })).toMatchObject({
      failed: "template",
      useTemplate: false,
    });
    const unused = { use: "fallback", problem: "Not approved" } as const;
    expect(judge({ ...WHATSAPP, template: unused, lastInboundAt: NOW - 1 }).passed).toBe(true);
  });
  it("a template needs none", () => {
    expect(judge({ ...WHATSAPP, template: { use: "required", problem: null } })).toMatchObject({ useTemplate: true });
  });
});

describe("quiet hours", () => {
  it("are the recipient's, and say when they end", () => {
    const quietHours = [{ start: "13:00", end: "15:30" }];
    expect(judge({ quietHours })).toMatchObject({ failed: "quiet_hours", earliestAt: NOW + 2.5 * HOUR });
    expect(judge({ quietHours, zone: "America/New_York" }).passed).toBe(true);
  });
  it("of the organisation and of a campaign add up; a day that is all quiet never ends", () => {
    const [noon, evening] = [
      { start: "12:00", end: "15:00" },
      { start: "15:00", end: "16:00" },
    ];
    expect(judge({ quietHours: [evening!, noon!] }).earliestAt).toBe(NOW + 3 * HOUR);
    const always = [noon!, { start: "14:00", end: "12:30" }];
    expect(judge({ quietHours: always })).toMatchObject({ failed: "quiet_hours", earliestAt: null });
  });
});

describe("rate and cap", () => {
  it("the later of sender and person counts", () => {
    expect(judge({ rate: { sender: NOW + 100, person: NOW + 6_000 } })).toMatchObject({
      failed: "rate",
      earliestAt: NOW + 6_000,
    });
    expect(judge({ rate: { sender: NOW, person: NOW - 1 } }).passed).toBe(true);
  });
  it("a cap counts what lies in its window, and says when the oldest leaves it", () => {
    const cap = { max: 2, windowMs: HOUR, sentAt: [NOW - 2 * HOUR, NOW - 10, NOW - 50 * 60_000] };
    expect(judge({ cap })).toMatchObject({ failed: "cap", earliestAt: NOW + 10 * 60_000 });
    expect(judge({ cap: { ...cap, max: 3 } }).passed).toBe(true);
    expect(judge({ cap: { ...cap, max: 0 } })).toMatchObject({ failed: "cap", earliestAt: null });
  });
  it("at the time that a report names, the gate that named it lets the message pass", () => {
    const time = fc.integer({ min: NOW - 2 * HOUR, max: NOW });
    fc.assert(
      fc.property(fc.array(time, { maxLength: 20 }), fc.integer({ min: 1, max: 5 }), (sentAt, max) => {
        const cap = { max, windowMs: HOUR, sentAt };
        const { earliestAt } = judge({ cap });
        expect(judge({ cap }, earliestAt!).passed).toBe(true);
        if (earliestAt! > NOW) expect(judge({ cap }, earliestAt! - 1).passed).toBe(false);
      }),
    );
  });
});
