import { expect, it } from "vitest";
import { awaitedReplies, replyOutcome } from "../../../src/domain/flow/reply.ts";
import { compile } from "../../../src/engine/compile.ts";
import { effectKey } from "../../../src/engine/stepping.ts";
import { nodeTypes } from "../../../src/nodes/index.ts";
import { Run } from "../../engine/kit.ts";
import { booking } from "./booking.ts";
import { Conversation } from "./conversation.ts";

const awaitedReply = ({ program, state }: Run) => {
  const [newest] = awaitedReplies(program, state);
  return newest && { key: effectKey(newest.node, newest.visit), until: newest.wakeAt };
};

const DAY = 24 * 3_600_000;

it("tells which reply is awaited and until when, and what became of each message", () => {
  const talk = new Conversation(booking, "book", { attributes: {} });
  const { run } = talk;
  const outcomes: string[] = [];
  const say = (text: string, more = {}) => {
    const { key } = awaitedReply(run)!;
    outcomes.push(replyOutcome(run.state, key, !talk.say(text, more)));
  };
  expect(awaitedReply(run)).toEqual({ key: "people:4", until: run.now + DAY });
  say("x");
  expect(awaitedReply(run)).toEqual({ key: "people~again:5", until: run.now + DAY });
  say("stop", { consent: "opt_out" });
  say("y");
  say("z");
  expect(awaitedReply(run)?.key).toMatch(/^where:/);
  say("inside");
  expect(outcomes).toEqual(["refused", "ignored", "refused", "given_up", "answered"]);
  // The delay waits for a reply too, five minutes long.
  expect(awaitedReply(run)).toEqual({ key: expect.stringMatching(/^pause:/), until: run.now + 300_000 });
  talk.pass(300_000);
  say("1");
  expect([awaitedReply(run), talk.status]).toEqual([undefined, "completed"]);
});

it("a run that sends, or only waits for time, awaits no reply", () => {
  const flowNodes = [
    { id: "t", type: "trigger_keyword", isStartNode: true, triggerKeywords: ["go"] },
    { id: "d", type: "delay", delayDuration: 1, delayUnit: "hours" },
  ];
  const flowEdges = [{ id: "e", sourceNodeId: "t", targetNodeId: "d" }];
  const talk = new Conversation({ name: "f", flowNodes: flowNodes as never, flowEdges }, "go");
  expect([awaitedReply(talk.run), talk.status]).toEqual([undefined, "waiting"]);
});

it("of several the newest, and one that is on its way or may have left", () => {
  const ask = { config: { message: "?" }, type: "action_question" };
  const nodes = { t: { type: "trigger_manual", config: {} }, a: ask, b: ask };
  const edges = ["a", "b"].map((to) => ({ id: to, from: "t", fromPort: "output", to, toPort: "input" }));
  const { program } = compile({ nodes, edges, variables: {} }, nodeTypes);
  const contact = { id: "c1" };
  const event = { id: "e", type: "MANUAL_TRIGGER", source: "test", data: {}, occurredAt: 0, contact };
  const run = new Run(program!, { event });
  const [first, second] = run.performed.map(({ key }) => key);
  expect(awaitedReply(run)?.key).toBe(second);
  run.ok(first!, { message_id: "1" });
  expect(awaitedReplies(run.program, run.state).map(({ phase }) => phase)).toEqual(["performing", "waiting"]);
  run.result(second!, { outcome: "deferred", until: run.now + 60_000, reason: "quiet hours" });
  expect(awaitedReplies(run.program, run.state).map(({ phase }) => phase)).toEqual(["waiting"]);
});

it("behind a message that leads to a silent wait, from when it leaves; not behind one that leads to a question", () => {
  const say = (message: string, more = {}) => ({ type: "action_chat_message", config: { message, ...more } });
  const nodes = {
    t: { type: "trigger_manual", config: {} },
    first: say("1"),
    staff: say("2", { to: "+14155550100" }),
    before: say("3"),
    if: { type: "condition_if", config: { conditions: { field: "event.id", operator: "exists" } } },
    wait: { type: "action_question", config: {} },
    last: say("4"),
  };
  const ways = [
    "t>first",
    "first>staff",
    "staff>before",
    "before>if",
    "if.true>wait",
    "if.false>last",
    "wait.answered>last",
  ];
  const edges = ways.map((way) => {
    const [, from, fromPort = "output", to] = /^(\w+)(?:\.(\w+))?>(\w+)$/.exec(way)!;
    return { id: way, from: from!, fromPort, to: to!, toPort: "input" };
  });
  const { program } = compile({ nodes, edges, variables: {} }, nodeTypes);
  const contact = { id: "c1" };
  const event = { id: "e", type: "MANUAL_TRIGGER", source: "test", data: {}, occurredAt: 0, contact };
  const run = new Run(program!, { event });
  const awaited: (string | undefined)[] = [];
  for (let sent = 0; sent < 3; sent++) {
    awaited.push(awaitedReply(run)?.key);
    run.ok(run.performed.at(-1)!.key, { message_id: String(sent) });
  }
  expect(awaited).toEqual([undefined, undefined, expect.stringMatching(/^before:/)]);
  expect(awaitedReply(run)?.key).toMatch(/^wait:/);
});
