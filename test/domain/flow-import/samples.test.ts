// Whole flows of both products: imported without anything unsupported, fit to be published, and talked to their end.
import { describe, expect, it } from "vitest";
import { checkFlow } from "../../../src/domain/flow/check-flow.ts";
import type { JsonObject } from "../../../src/lib/json.ts";
import { Conversation, flowOf, type Outside } from "../flow/conversation.ts";
import { documentOf, imported, type Sample, sandbox } from "./imported.ts";
import { studioSamples } from "./studio-samples.ts";
import { typebotSamples } from "./typebot-samples.ts";

/** What the servers answer that the samples ask; `asked` takes what they were asked. */
const world =
  (asked: string[]): Outside =>
  (action, input) => {
    if (action === "code.run") return sandbox(action, input);
    asked.push(`${input.method} ${input.url}${input.body ? ` ${input.body}` : ""}`);
    const { pathname } = new URL(String(input.url));
    const answers: Record<string, JsonObject> = {
      "/answers": { number: 12 },
      "/orders/17": { state: "sent", items: [{ name: "lamp" }, { name: "table" }] },
      "/opening": { closed: true, reason: "it is a holiday" },
    };
    const body = answers[pathname];
    return body
      ? { outcome: "ok", output: { status: 200, headers: {}, body } }
      : { outcome: "failed", error: { code: "HTTP_ERROR", message: "answered 404", retryable: false } };
  };

const play = ({ source, says }: Sample) => {
  const flow = imported(source);
  const asked: string[] = [];
  const [opening, ...answers] = says;
  const talk = new Conversation(documentOf(flow), opening!, {}, world(asked));
  for (const answer of answers) {
    const [, wait] = /^\+(\d{4,6})$/.exec(answer) ?? [];
    if (wait) talk.pass(Number(wait));
    else talk.say(answer);
  }
  return { flow, talk, asked };
};

describe.each([
  ["Studio", studioSamples],
  ["Typebot", typebotSamples],
])("flows from %s", (_, samples) => {
  it("are eight at least", () => expect(Object.keys(samples).length).toBeGreaterThanOrEqual(8));

  it.each(Object.entries(samples))("%s", (_, sample) => {
    const { flow, talk } = play(sample);
    expect(flow.report.unsupported).toEqual([]);
    expect(checkFlow(flowOf(documentOf(flow))).filter(({ severity }) => severity === "error")).toEqual([]);
    expect(talk.transcript).toEqual(sample.hears);
    expect([talk.status, talk.folds]).toEqual(["completed", true]);
  });
});

it("requests carry what was answered", () => {
  expect(play(studioSamples["a survey"]!).asked).toEqual([
    "POST https://survey.example/answers score=6&why=Shorter+queues+%26+more+tea%20&from=%2B14155550100",
  ]);
  expect(play(studioSamples["an order's status"]!).asked).toEqual([
    "GET https://shop.example/orders/404?fields=state%2Citems",
    "GET https://shop.example/orders/17?fields=state%2Citems",
  ]);
  expect(play(typebotSamples["an order's status"]!).asked).toEqual([
    "GET https://shop.example/orders/404?lang=en",
    "GET https://shop.example/orders/17?lang=en",
  ]);
  expect(play(studioSamples["an out-of-hours desk"]!).asked).toEqual([
    "POST https://desk-1234.twil.io/opening day=Monday&asked=where+is+my+delivery%3F",
  ]);
});
