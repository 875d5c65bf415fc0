// action_question on the real engine: what it sends, what it waits for, and where each reply leads.
import { describe, expect, it } from "vitest";
import { actions } from "../../src/actions/index.ts";
import { compile } from "../../src/engine/compile.ts";
import type { RunEvent } from "../../src/engine/contract.ts";
import type { JsonObject } from "../../src/lib/json.ts";
import { nodeTypes } from "../../src/nodes/index.ts";
import { graph, Run } from "../engine/kit.ts";
import { faultsOf } from "./kit.ts";

const contact = { id: "c1", phone: "+14155550100", attributes: {} };
const message = (data: JsonObject, more: Partial<RunEvent> = {}): RunEvent => ({
  id: "m",
  type: "MESSAGE_RECEIVED",
  source: "twilio",
  data,
  occurredAt: 0,
  contact,
  conversationId: "v1",
  ...more,
});

const ends = { ok: "flow_end", no: "flow_end", late: "flow_end" };
const ask = (config: JsonObject, event = message({ content: "hi" }), edges: string[] = []): Run => {
  const definition = graph({ t: "trigger_manual", q: ["action_question", config], ...ends }, [
    "t>q",
    "q:answered>ok",
    "q:invalid>q",
    "q:failed>no",
    "q:timeout>late",
    ...edges,
  ]);
  const { program, findings } = compile(definition, nodeTypes);
  if (!program) throw new Error(JSON.stringify(findings));
  return new Run(program, { event });
};

const waiting = (run: Run): string => {
  const token = [...run.state.tokens.values()].find(({ phase }) => phase === "waiting");
  return token ? `${token.node}:${token.visit}` : "none:0";
};
/** False when the run did not take it for a reply. */
const say = (run: Run, content: string, more: Partial<RunEvent> = {}, data: JsonObject = {}): boolean =>
  !run.feed({
    type: "event",
    at: run.now,
    key: waiting(run),
    event: message({ content, ...data }, { id: "r", ...more }),
  }).ignored;
/** What was ordered of message.send, which takes it. */
const sent = (run: Run) =>
  run.performed.map(({ input, key }) => {
    expect(actions.get("message.send")!.schema.safeParse(input).error).toBeUndefined();
    const { reply_within_ms, ...order } = input;
    // Before it leaves, the shell makes its run the owner of the reply.
    expect(reply_within_ms !== undefined).toBe(
      run.program.nodes.get(key.slice(0, key.lastIndexOf(":")))!.type.type === "action_question",
    );
    return order;
  });
const delivered = (run: Run) => run.ok(run.performed.at(-1)!.key, { message_id: "x" });

const age: JsonObject = {
  message: "Age?",
  answer_type: "number",
  min: 18,
  variable: "age",
  fallback: "A number from 18",
};

describe("a question", () => {
  it("is sent, waits for the contact, and saves the answer", () => {
    const run = ask(age);
    expect(sent(run)).toEqual([{ text: "Age?" }]);
    expect(say(run, "20")).toBe(false);
    delivered(run);
    expect(run.status).toBe("waiting");
    expect(say(run, "20")).toBe(true);
    expect([run.status, run.path.at(-1), run.state.variables.get("age")]).toEqual(["completed", "ok", 20]);
  });

  it("sends the fallback on each bad answer but the last, each under a step key of its own", () => {
    const run = ask(age);
    delivered(run);
    for (const text of ["ten", "17"]) {
      say(run, text);
      delivered(run);
    }
    say(run, "nope");
    expect(sent(run)).toEqual([{ text: "Age?" }, { text: "A number from 18" }, { text: "A number from 18" }]);
    expect(new Set(run.performed.map(({ key }) => key)).size).toBe(3);
    expect([run.path.at(-1), run.state.variables.has("age")]).toEqual(["no", false]);
    expect(run.state.run?.output).toMatchObject({ fails: 3, text: "nope" });
  });

  it("counts anew after a question that was given up", () => {
    const two = ["one", "two"].map((text) => [
      "action_question",
      { message: text, answer_type: "number", max_fails: 2 },
    ]);
    const definition = graph({ t: "trigger_manual", a: two[0] as never, b: two[1] as never }, [
      "t>a",
      "a:invalid>a",
      "a:failed>b",
      "b:invalid>b",
    ]);
    const run = new Run(compile(definition, nodeTypes).program!, { event: message({}) });
    for (const text of ["x", "y", "z"]) {
      delivered(run);
      say(run, text);
    }
    expect(sent(run).map(({ text }) => text)).toEqual(["one", "one", "two", "two"]);
  });

  it("asks again when it has no fallback", () => {
    const run = ask({
      message: "Colour?",
      choices: [
        { id: "r", title: "Red" },
        { id: "g", title: "Green" },
      ],
    });
    delivered(run);
    say(run, "blue");
    const interactive = {
      kind: "buttons",
      buttons: [
        { id: "r", title: "Red" },
        { id: "g", title: "Green" },
      ],
    };
    expect(sent(run)).toEqual([
      { text: "Colour?", interactive },
      { text: "Colour?", interactive },
    ]);
    delivered(run);
    say(run, "2");
    expect(run.state.run?.output).toEqual({ answer: "Green", choice: "g", text: "2", media: [], fails: 1 });
  });

  it("is a list with more than three choices, or with a word that opens one", () => {
    const choices = [{ id: "a", title: "A", description: "first", section: "S" }];
    const config = { message: "Which?", header: "H", footer: "F", choices, list_button: "Open" };
    expect(sent(ask(config))[0]).toEqual({
      text: "Which?",
      interactive: {
        header: "H",
        footer: "F",
        kind: "list",
        button: "Open",
        rows: [{ id: "a", title: "A", description: "first", section: "S" }],
      },
    });
    const four = ["a", "b", "c", "d"].map((id) => ({ id, title: id }));
    expect(sent(ask({ message: "Which?", choices: four }))[0]).toMatchObject({ interactive: { kind: "list" } });
  });

  it("leaves by the choice's own port", () => {
    const run = ask({ message: "?", choices: [{ id: "a", title: "A", port: "mine" }] }, undefined, ["q:mine>no"]);
    delivered(run);
    say(run, "a");
    expect(run.path.at(-1)).toBe("no");
  });

  it("goes on by timeout after 24 hours, or when it says", () => {
    const run = ask(age);
    delivered(run);
    run.pass(24 * 3_600_000 - 1);
    expect(run.status).toBe("waiting");
    run.pass(1);
    expect(run.path.at(-1)).toBe("late");
    const short = ask({ ...age, timeout: 5, unit: "minutes" });
    delivered(short);
    short.pass(300_000);
    expect(short.path.at(-1)).toBe("late");
  });

  it("without a message only waits", () => {
    const run = ask({ timeout: 1, unit: "minutes" });
    expect([sent(run), run.status]).toEqual([[], "waiting"]);
    say(run, "anything");
    expect(run.path.at(-1)).toBe("ok");
  });

  it.each<[string, Partial<RunEvent>, JsonObject]>([
    ["somebody else", { contact: { id: "c2" } }, {}],
    ["another conversation", { conversationId: "v2" }, {}],
    ["STOP", {}, { consent: "opt_out" }],
    ["the message that started it", { id: "m" }, {}],
  ])("is not answered by %s", (_, more, data) => {
    const run = ask(age);
    delivered(run);
    expect(say(run, "20", more, data)).toBe(false);
    expect(say(run, "20")).toBe(true);
  });

  it("is answered by YES, though that is a word of consent", () => {
    const run = ask({ message: "Sure?", choices: [{ id: "y", title: "Yes" }] });
    delivered(run);
    expect(say(run, "YES", {}, { consent: "opt_in" })).toBe(true);
    expect(run.status).toBe("completed");
  });

  it("fails, and sends nothing, where there is nobody to answer", () => {
    const { contact: _, ...nobody } = message({});
    const run = ask(age, nobody);
    expect([run.state.run?.error?.code, sent(run)]).toEqual(["NO_CONTACT", []]);
  });

  it("is not fooled by data that looks like its own count", () => {
    const run = ask(age, message({ failed_answers: -1e9 }));
    expect(sent(run)).toEqual([{ text: "Age?" }]);
  });

  it("in a dry run is answered by itself", () => {
    const both: [JsonObject, string][] = [
      [age, ""],
      [{ ...age, choices: [{ id: "a", title: "A" }] }, "A"],
    ];
    for (const [config, answer] of both) {
      const { program } = ask(config);
      const { contact: _, conversationId: __, ...event } = message({});
      const run = new Run(program, { event, dryRun: true });
      delivered(run);
      run.feed({ type: "event", at: run.now, key: waiting(run), event: { ...event, data: { mocked: true } } });
      expect([run.status, run.state.variables.get("age")]).toEqual(["completed", answer]);
    }
  });

  it.each<[JsonObject, string]>([
    [{ message: "x", pattern: "(" }, "pattern: "],
    [{ message: "x", timeout: 5, unit: "eons" }, "unit: "],
    [{ choices: [{ id: "a", title: "A" }] }, "message: Choices go with a message."],
    [
      {
        message: "x",
        choices: [
          { id: "a", title: "A" },
          { id: "a", title: "B" },
        ],
      },
      "choices.1.id: ",
    ],
    [{ message: "x", choices: [{ id: "a", title: "A", port: "error" }] }, "choices.0.port: "],
    [{ message: "x", media_url: "ftp://x" }, "media_url: "],
  ])("%j is refused", (config, fault) => {
    expect(faultsOf("action_question", config)).toEqual([expect.stringContaining(fault)]);
  });
});

describe("action_send_media", () => {
  const send = (config: JsonObject) => {
    const definition = graph({ t: "trigger_manual", m: ["action_send_media", config] }, ["t>m"]);
    return new Run(compile(definition, nodeTypes).program!, {});
  };

  it("sends a medium with its caption, or alone", () => {
    const url = "https://example.com/a.pdf";
    expect(sent(send({ media_url: url, message: "Here" }))).toEqual([{ text: "Here", media_urls: [url] }]);
    expect(sent(send({ media_url: url }))).toEqual([{ text: "", media_urls: [url] }]);
  });

  it("needs a medium that anybody could fetch", () => {
    expect(faultsOf("action_send_media", { message: "x" })).toEqual(["media_url: This field is required."]);
    expect(faultsOf("action_send_media", { media_url: "a.pdf" })).toEqual([
      "media_url: An absolute http or https URL is needed.",
    ]);
    expect(send({ media_url: "{{ variables.nothing }}" }).state.run?.error).toMatchObject({
      code: "INVALID_CONFIG",
      message: "media_url: The template found nothing.",
    });
  });
});
