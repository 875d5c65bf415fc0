// May this message go now, and if not: why, and when? The one judge that every sender of the product asks, for a step, a campaign or a question
// of a person's. Pure: facts come in, a report goes out; who reads the facts and what is done with the report is not decided here.
import type { ConsentState } from "../../db/queries/contacts.ts";
import { DAY_MS } from "../../lib/durations.ts";
import { type QuietHours, quietUntil } from "./quiet-hours.ts";

/** In the order in which they are judged (MESSAGING "Consent"). PERSISTED CONTRACT: messages keep the report of what held them. */
export const GATES = ["consent", "window", "quiet_hours", "rate", "cap", "template"] as const;
export type Gate = (typeof GATES)[number];

/** WhatsApp's customer service window, opened or refreshed by each message of the person's. */
export const WINDOW_MS = DAY_MS;

export type GateFacts = {
  /** Null: never asked. `epoch` is raised by each change. */
  consent: { state: ConsentState | null; epoch: number };
  /** The epoch at which the message was planned; absent when it is planned now. */
  plannedEpoch?: number;
  /** The channel takes free text only in the window that `lastInboundAt` (epoch ms, of this contact on this sender) opened. */
  needsWindow: boolean;
  lastInboundAt: number | null;
  /** The recipient's clock: an IANA zone (domain/contact/zone-of.ts). */
  zone: string;
  /** All of them count: the organisation's, a campaign's, a workflow's, which may have a clock of its own. */
  quietHours: readonly (QuietHours & { timezone?: string })[];
  /** Epoch ms from which the sender, and the sender to this person, may send; null: at any time. */
  rate: { sender: number | null; person: number | null };
  /** At most `max` messages to one person in `windowMs`; `sentAt`: when those of the window were, in any order (epoch ms). */
  cap: { max: number; windowMs: number; sentAt: readonly number[] } | null;
  /**
   * none: the message is free text and has no template to fall back to. fallback: it has one for when the window is closed. required: it is a
   * template. `problem`: why the template cannot be used (not approved, a variable is missing, the channel has none); null when it can.
   */
  template: { use: "none" } | { use: "fallback" | "required"; problem: string | null };
};

export type GateVerdict = {
  gate: Gate;
  passed: boolean;
  reason: string;
  /** Epoch ms from which this gate lets the message pass; absent when it passes, or when no time will help. */
  earliestAt?: number;
};

/** PERSISTED CONTRACT. */
export type GateReport = {
  passed: boolean;
  /** Every gate, in their order. */
  gates: GateVerdict[];
  /** The first that failed. */
  failed: Gate | null;
  /** Epoch ms: `now` when it may go, the time at which every gate that failed lets it pass, null when no time will help. */
  earliestAt: number | null;
  /** It goes, but as its template. */
  useTemplate: boolean;
};

const pass = (gate: Gate, reason: string): GateVerdict => ({ gate, passed: true, reason });
const fail = (gate: Gate, reason: string, earliestAt?: number): GateVerdict => ({
  gate,
  passed: false,
  reason,
  ...(earliestAt === undefined ? {} : { earliestAt }),
});

const isOptedOut = (state: ConsentState | null): boolean => state === "OPT_OUT" || state === "STOP";

const judgeConsent = ({ consent, plannedEpoch }: GateFacts): GateVerdict => {
  if (isOptedOut(consent.state)) return fail("consent", `The contact has opted out (${consent.state})`);
  if (plannedEpoch !== undefined && plannedEpoch !== consent.epoch) {
    return fail("consent", "The contact's consent has changed since the message was planned");
  }
  return pass("consent", consent.state === null ? "The contact has not opted out" : "The contact has opted in");
};

const windowClosed = ({ needsWindow, lastInboundAt }: GateFacts, now: number): boolean =>
  needsWindow && (lastInboundAt === null || now - lastInboundAt >= WINDOW_MS);

const judgeWindow = (facts: GateFacts, now: number): GateVerdict => {
  if (!facts.needsWindow) return pass("window", "The channel has no window");
  if (!windowClosed(facts, now)) return pass("window", "The contact has written within 24 hours");
  if (facts.template.use !== "none") return pass("window", "The window is closed; a template may go");
  return fail("window", "The contact has not written within 24 hours, and free text needs that");
};

const judgeQuietHours = ({ quietHours, zone }: GateFacts, now: number): GateVerdict => {
  if (quietHours.length === 0) return pass("quiet_hours", "There are no quiet hours");
  const clockOf = ({ timezone }: { timezone?: string }): string => timezone ?? zone;
  const where = [...new Set(quietHours.map(clockOf))].join(" or ");
  let at = now;
  // Windows may begin where others end; those that cover the whole day together never let anything pass.
  for (let rounds = 0; rounds <= quietHours.length; rounds++) {
    const open = quietHours.reduce((latest, hours) => Math.max(latest, quietUntil(hours, clockOf(hours), at)), at);
    if (open === at) break;
    if (rounds === quietHours.length) return fail("quiet_hours", `It is always quiet in ${where}`);
    at = open;
  }
  return at === now
    ? pass("quiet_hours", `It is not quiet in ${where}`)
    : fail("quiet_hours", `It is quiet in ${where}`, at);
};

const judgeRate = ({ rate }: GateFacts, now: number): GateVerdict => {
  const { sender, person } = rate;
  const at = Math.max(sender ?? 0, person ?? 0);
  if (at <= now) return pass("rate", "The sender's rate allows it");
  const whose = (sender ?? 0) >= (person ?? 0) ? "The sender" : "The sender, to this person,";
  return fail("rate", `${whose} has reached its rate`, at);
};

const judgeCap = ({ cap }: GateFacts, now: number): GateVerdict => {
  if (!cap) return pass("cap", "There is no frequency cap");
  const { max, windowMs } = cap;
  const counted = cap.sentAt.filter((at) => at > now - windowMs).sort((a, b) => b - a);
  if (counted.length < max) return pass("cap", `${counted.length} of ${max} messages within the window`);
  const reason = `The contact had ${counted.length} of at most ${max} messages within the window`;
  const leaves = counted[max - 1];
  return leaves === undefined ? fail("cap", reason) : fail("cap", reason, leaves + windowMs);
};

const goesAsTemplate = (facts: GateFacts, now: number): boolean => {
  const { use } = facts.template;
  return use === "required" || (use === "fallback" && windowClosed(facts, now));
};

const judgeTemplate = (facts: GateFacts, now: number): GateVerdict => {
  const { template } = facts;
  if (template.use === "none" || !goesAsTemplate(facts, now)) return pass("template", "No template is needed");
  return template.problem === null ? pass("template", "The template can be used") : fail("template", template.problem);
};

export const judgeGates = (facts: GateFacts, now: number): GateReport => {
  const gates = [
    judgeConsent(facts),
    judgeWindow(facts, now),
    judgeQuietHours(facts, now),
    judgeRate(facts, now),
    judgeCap(facts, now),
    judgeTemplate(facts, now),
  ];
  const failures = gates.filter(({ passed }) => !passed);
  const times = failures.map(({ earliestAt }) => earliestAt ?? Number.POSITIVE_INFINITY);
  const latest = Math.max(now, ...times);
  return {
    passed: failures.length === 0,
    gates,
    failed: failures[0]?.gate ?? null,
    earliestAt: Number.isFinite(latest) ? latest : null,
    useTemplate: failures.length === 0 && goesAsTemplate(facts, now),
  };
};
