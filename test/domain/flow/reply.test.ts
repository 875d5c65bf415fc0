import { expect, it } from "vitest";
import { awaitedReplies, replyOutcome } from "../../../src/domain/flow/reply.ts";
import { compile } from "../../../src/engine/compile.ts";
import type { RunState } from "../../../src/engine/state.ts";
import { effectKey } from "../../../src/engine/stepping.ts";
import { nodeTypes } from "../../../src/nodes/index.ts";
import { Run } from "../../engine/kit.ts";
import { booking } from "./booking.ts";
import { Conversation } from "./conversation.ts";

const awaitedReply = (state: RunState) => {
  const [newest] = awaitedReplies(state);
  return newest && { key: effectKey(newest.node, newest.visit), until: newest.wakeAt };
};

const DAY = 24 * 3_600_000;

it("tells which reply is awaited and until when, and what became of each message", () => {
  const talk = new Conversation(booking, "book", { attributes: {} });
  const { run } = talk;
  const outcomes: string[] = [];
  const say = (text: string, more = {}) => {
    const { key } = awaitedReply(run.state)!;
    outcomes.push(replyOutcome(run.state, key, !talk.say(text, more)));
  };
  expect(awaitedReply(run.state)).toEqual({ key: "people:4", until: run.now + DAY });
  say("x");
  expect(awaitedReply(run.state)).toEqual({ key: "people~again:5", until: run.now + DAY });
  say("stop", { consent: "opt_out" });
  say("y");
  say("z");
  expect(awaitedReply(run.state)?.key).toMatch(/^where:/);
  say("inside");
  expect(outcomes).toEqual(["refused", "ignored", "refused", "given_up", "answered"]);
  // The delay waits for a reply too, five minutes long.
  expect(awaitedReply(run.state)).toEqual({ key: expect.stringMatching(/^pause:/), until: run.now + 300_000 });
  talk.pass(300_000);
  say("1");
  expect([awaitedReply(run.state), talk.status]).toEqual([undefined, "completed"]);
});

it("a run that sends, or only waits for time, awaits no reply", () => {
  const flowNodes = [
    { id: "t", type: "trigger_keyword", isStartNode: true, triggerKeywords: ["go"] },
    { id: "d", type: "delay", delayDuration: 1, delayUnit: "hours" },
  ];
  const flowEdges = [{ id: "e", sourceNodeId: "t", targetNodeId: "d" }];
  const talk = new Conversation({ name: "f", flowNodes: flowNodes as never, flowEdges }, "go");
  expect([awaitedReply(talk.run.state), talk.status]).toEqual([undefined, "waiting"]);
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
  expect(awaitedReply(run.state)?.key).toBe(second);
  run.ok(first!, { message_id: "1" });
  expect(awaitedReplies(run.state).map(({ phase }) => phase)).toEqual(["performing", "waiting"]);
  run.result(second!, { outcome: "deferred", until: run.now + 60_000, reason: "quiet hours" });
  expect(awaitedReplies(run.state).map(({ phase }) => phase)).toEqual(["waiting"]);
});
