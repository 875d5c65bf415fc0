import { describe, expect, it } from "vitest";
import { checkFlow } from "../../../src/domain/flow/check-flow.ts";
import type { JsonObject } from "../../../src/lib/json.ts";
import { Conversation, flowOf, type Outside } from "../flow/conversation.ts";
import { documentOf, imported, nodeOf, toldOf } from "./imported.ts";
import { ask, cafe, definition, send, trigger, ways, when, widget } from "./studio-flow.ts";

const REPLY = "{{widgets.drink.inbound.Body}}";

describe("a café's Studio flow", () => {
  const flow = imported(cafe, ["coffee time"]);

  const orders: JsonObject[] = [];
  const kitchen: Outside = (_action, input) => {
    orders.push(input);
    return { outcome: "ok", output: { status: 200, headers: {}, body: { table: 7 } } };
  };
  const begun = (outside = kitchen) => new Conversation(documentOf(flow), "coffee time", {}, outside);

  it("may be published, and is talked to the end whatever the case of the answers", () => {
    expect(checkFlow(flowOf(documentOf(flow)))).toEqual([]);
    const talk = begun();
    for (const answer of ["beer", "WATER"]) talk.say(answer);
    expect(talk.transcript).toEqual([
      "> coffee time",
      "Welcome to Corner Café!",
      "Tea, coffee or something else?",
      "> beer",
      "We have no beer.",
      "Tea, coffee or something else?",
      "> WATER",
      "Your water goes to table 7, +14155550100.",
    ]);
    expect(orders.at(-1)).toMatchObject({
      method: "POST",
      url: "https://cafe.example/orders",
      body: '{"drink": "WATER"}',
    });
    expect(talk.status).toBe("completed");
    for (const answer of ["Tea", "tea", "Espresso", "coffee", "juice"]) {
      const other = begun();
      other.say(answer);
      expect(other.transcript.at(-1)).toBe(`Your ${answer.toLowerCase()} goes to table 7, +14155550100.`);
    }
    const closed = begun(() => ({ outcome: "failed", error: { code: "HTTP_ERROR", message: "no", retryable: false } }));
    closed.say("tea");
    expect(closed.transcript.slice(-2)).toEqual(["We have no tea.", "Tea, coffee or something else?"]);
  });

  it("keeps the places on the canvas and the widgets' names in the ids", () => {
    expect(flow.flowNodes.find(({ id }) => id === "trigger-keyword-Trigger")).toMatchObject({
      flowNodePosition: { posX: "-40.00", posY: "12.50" },
      isStartNode: true,
      triggerKeywords: ["coffee time"],
    });
    expect(flow.flowNodes.find(({ id }) => id === "question-drink")?.flowNodePosition).toEqual({
      posX: "100.00",
      posY: "200.00",
    });
    expect([flow.name, flow.origin]).toEqual(["Corner Café", "studio"]);
  });

  it("tells what became of each widget", () => {
    expect(toldOf(flow, "states.0")).toEqual([
      "approximated: started by any message in Studio, here by a message with: coffee time",
    ]);
    for (const n of [1, 2, 3, 4, 5, 6, 7]) expect(toldOf(flow, `states.${n}`)).toEqual(["mapped"]);
    expect(toldOf(flow, "states.8")).toEqual([
      "unsupported: a flow is a conversation in messages: it makes and takes no calls",
    ]);
    expect(flow.report.mapped).toContainEqual({
      path: "states.2",
      name: "hello",
      type: "send-message",
      became: ["message"],
      nodeIds: ["message-hello"],
    });
  });
});

describe("Studio's split-based-on", () => {
  const split = (type: string, value: string) =>
    imported(
      definition(
        trigger("drink"),
        ask("drink", "What?", "which"),
        widget("which", "split-based-on", [{ event: "noMatch", next: "no" }, when(type, REPLY, value, "yes")], {}),
        send("yes", "yes"),
        send("no", "no"),
      ),
    );
  const answered = (type: string, value: string, answer: string): string => {
    const talk = new Conversation(documentOf(split(type, value)), "corner café");
    talk.say(answer);
    return talk.transcript.at(-1)!;
  };

  it.each([
    ["equal_to", " Tea ", "tea", "TEA", "teapot"],
    ["not_equal_to", "tea", "milk", "teapot", "TEA"],
    ["matches_any_of", "one, two,three", "two", "THREE", "four"],
    ["does_not_match_any_of", "one, two", "three", "ones", "Two"],
    ["contains", "tea", "a tea", "TEAPOT", "milk"],
    ["does_not_contain", "tea", "milk", "water", "a TEA"],
    ["starts_with", "tea", "teapot", "Tea", "milk"],
    ["greater_than", "5", "6", "10", "5"],
    ["less_than", "5", "4", "-1", "5"],
    ["is_not_blank", "", "x", "y", ""],
    ["regex", "(?i)^yes|yeah$", "yes, please", "oh YEAH", "oh yes"],
    ["regex", "^[0-9]{5}$", "12345", "00000", "123456"],
    ["equal_to", "{{contact.channel.address}}", "+14155550100", "", "+1"],
    ["regex", "^(yes|yeah)$", "YES", "yeah", "yes!"],
    ["regex", "/yes|yeah/i", "oh yes", "Yeah", "no"],
  ])("%s %j", (type, value, first, second, other) => {
    if (first) expect(answered(type, value, first)).toBe("yes");
    if (second) expect(answered(type, value, second)).toBe("yes");
    if (other) expect(answered(type, value, other)).toBe("no");
  });

  it("says is_blank of what was never answered", () => {
    const flow = imported(
      definition(
        trigger("which"),
        widget("which", "split-based-on", [{ event: "noMatch", next: "no" }, when("is_blank", REPLY, "", "drink")], {}),
        ask("drink", "What?", "which"),
        send("no", "You said it."),
      ),
    );
    const talk = new Conversation(documentOf(flow), "corner café");
    talk.say("tea");
    expect(talk.transcript.slice(1)).toEqual(["What?", "> tea", "You said it."]);
  });

  it("leaves out what a flow cannot compare, and goes the way of no match", () => {
    for (const [type, value] of [
      ["is_before_time", "12:00"],
      ["regex", "(?<=a)b"],
      ["matches_any_of", "{{widgets.drink.inbound.Body}}"],
    ] as const) {
      const flow = split(type, value);
      expect(flow.report.unsupported.map(({ path }) => path)).toContain("states.2.transitions.1.conditions.0");
      // What cannot be reached any more is not left lying about, and is told.
      expect(flow.flowNodes.map(({ id }) => id)).toEqual(["trigger-keyword-Trigger", "question-drink", "message-no"]);
      expect(toldOf(flow, "states.3")).toEqual(["unsupported: the way that leads here could not come over: left out"]);
    }
  });

  it("takes the words that the first message is split by for keywords", () => {
    const body = "{{trigger.message.Body}}";
    const flow = imported(
      definition(
        trigger("which"),
        widget(
          "which",
          "split-based-on",
          [{ event: "noMatch", next: "no" }, when("matches_any_of", body, "Join,STOP,join in", "yes")],
          {},
        ),
        send("yes", "Welcome."),
        send("no", "Sorry?"),
      ),
    );
    expect(nodeOf(flow, "trigger_keyword").triggerKeywords).toEqual(["join", "join in"]);
    expect(new Conversation(documentOf(flow), "JOIN").transcript).toEqual(["> JOIN", "Welcome."]);
  });
});

describe("Studio's waiting for a reply", () => {
  it("has a way for no answer", () => {
    const flow = imported(
      definition(
        trigger("there"),
        ask("there", "Are you there?", "yes", { timeout: "gone" }),
        send("yes", "Good."),
        send("gone", "Until later."),
      ),
    );
    const [patient, silent] = [1, 2].map(() => new Conversation(documentOf(flow), "corner café")) as [
      Conversation,
      Conversation,
    ];
    patient.say("yes");
    expect(patient.transcript.at(-1)).toBe("Good.");
    silent.pass(3_600_000);
    expect(silent.transcript.slice(1)).toEqual(["Are you there?", "Until later."]);
    expect(nodeOf(flow, "question")).toMatchObject({ delayDuration: 1, delayUnit: "hours" });
    expect(toldOf(flow, "states.1")).toEqual(["mapped"]);
  });

  it("tells that a message which does not arrive has no way of its own", () => {
    const flow = imported(
      definition(
        trigger("drink"),
        ask("drink", "What?", "yes", { deliveryFailure: "gone" }),
        send("yes", `${REPLY}!`),
        send("gone", "Until later."),
      ),
    );
    expect(nodeOf(flow, "question").userInputVariable).toBe("@drink");
    expect(toldOf(flow, "states.1")).toHaveLength(1);
    expect(toldOf(flow, "states.3")).toEqual(["unsupported: the way that leads here could not come over: left out"]);
  });
});

describe("Studio's texts", () => {
  const text = (body: string, ...more: Parameters<typeof definition>) => {
    const flow = imported(definition(trigger("hello"), send("hello", body), ...more));
    return { flow, said: nodeOf(flow, "message").flowReplies[0]?.data };
  };

  it("map what a flow knows to @name", () => {
    const { flow, said } = text(
      "{{contact.channel.address}}, {{flow.data.First-Name}}: {{ trigger.request.parameters.city }}.",
    );
    expect(said).toBe("@phone, @First_Name: @city.");
    expect(toldOf(flow, "states.1.properties.body")).toEqual([
      "approximated: nothing in the flow sets @First_Name: the contact must have a field of that name",
      "approximated: nothing in the flow sets @city: the contact must have a field of that name",
    ]);
  });

  it("put a space where a variable would run into a word", () => {
    expect(text("{{flow.data.n}}th of{{flow.data.m}}{{flow.data.y}}").said).toBe("@n th of @m @y");
  });

  /** What a person hears who starts the flow. */
  const heard = (body: string, ...more: JsonObject[]): string | undefined => {
    const flow = imported(definition(trigger("hello"), ...more, send("hello", body)));
    return new Conversation(documentOf(flow), "corner café", { name: "Ada" }).transcript.at(-1);
  };

  it("are computed by a step before them where only a template can say it", () => {
    expect(heard("Dear {{contact.friendly_name | upcase}}, {{trigger.message.Body | capitalize}}?")).toBe(
      "Dear ADA, Corner café?",
    );
    expect(
      heard("{% assign n = 2 %}{% if contact.friendly_name == 'Ada' %}Ada {{ n | plus: 1 }}{% else %}no{% endif %}"),
    ).toBe("Ada 3");
    expect(heard("Started {{ 'now' | date: '%Y' }}.")).toBe("Started 1970.");
  });

  it("tell what only other widgets could give, and what templates here do not know", () => {
    const odd = widget("fetch", "no-such-widget", ways({ success: "hello" }), {});
    const { flow, said } = text(
      "{{ a | no_such_filter }}{{widgets.fetch.parsed.price}}{% for x in y %}!{% endfor %}",
      odd,
    );
    expect(said).toBe("@fetch_price!");
    expect(toldOf(flow, "states.1.properties.body")).toEqual([
      "unsupported: what sets @fetch_price cannot be held by a flow, so it has no value here",
      "unsupported: {{a | no_such_filter}} is computed as templates here cannot: left out",
      "unsupported: {% for x in y %} is not a template tag here: the first branch stands",
      "unsupported: {% endfor %} is not a template tag here: the first branch stands",
    ]);
  });

  it("read what is set on the way, each time anew", () => {
    const setting = (name: string, value: string, next: string) =>
      widget(name, "set-variables", ways({ next }), { variables: [{ key: "team", value }] });
    const flow = imported(
      definition(
        trigger("a"),
        setting("a", "sales", "b"),
        send("b", "To {{flow.variables.team}}", "c"),
        setting("c", "{{flow.variables.team | append: ' and support'}}", "d"),
        send("d", "To {{widgets.c.team}}"),
      ),
    );
    expect(flow.report.unsupported).toEqual([]);
    expect(new Conversation(documentOf(flow), "corner café").transcript.slice(1)).toEqual([
      "To sales",
      "To sales and support",
    ]);
  });

  it("do not grow without end when values name each other", () => {
    const variables = Array.from({ length: 30 }, (_, n) => ({
      key: `v${n + 1}`,
      value: `{{flow.variables.v${n}}}`.repeat(10),
    }));
    const flow = imported(
      definition(
        trigger("a"),
        widget("a", "set-variables", ways({ next: "b" }), { variables }),
        send("b", "{{flow.variables.v30}}"),
      ),
    );
    expect(checkFlow(flowOf(documentOf(flow)))).toEqual([]);
    expect(JSON.stringify(flow).length).toBeLessThan(60_000);
  });
});

describe("Studio's media", () => {
  const showing = (properties: Record<string, string>) => {
    const picture = send("show", "Look!");
    Object.assign(picture.properties as object, properties);
    return imported(definition(trigger("show"), picture));
  };

  it("go with their text as caption", () => {
    expect(nodeOf(showing({ media_url: "https://cafe.example/menu.pdf?v=2" }), "message").flowReplies).toEqual([
      {
        flowReplyType: "Document",
        data: "https://cafe.example/menu.pdf?v=2",
        caption: "Look!",
        mimeType: "application/pdf",
      },
    ]);
    expect(
      nodeOf(showing({ media_url: "https://cafe.example/bell.mp3" }), "message").flowReplies.map(
        ({ flowReplyType }) => flowReplyType,
      ),
    ).toEqual(["Audio", "Text"]);
  });

  it("whose address is not known are left out", () => {
    const flow = showing({ media_url: "https://cafe.example/{{flow.data.id}}.png" });
    expect(nodeOf(flow, "message").flowReplies).toHaveLength(1);
    expect(flow.report.unsupported.map(({ path }) => path)).toEqual(["states.1.properties.media_url"]);
  });

  it("before a question go as a message of their own", () => {
    const asking = ask("drink", "Which?", "bye");
    (asking.properties as Record<string, string>).media_url = "https://cafe.example/menu.jpg";
    const flow = imported(definition(trigger("drink"), asking, send("bye", "Bye")));
    expect(new Conversation(documentOf(flow), "corner café").transcript.slice(1)).toEqual([
      "<https://cafe.example/menu.jpg>",
      "Which?",
    ]);
  });

  it("of a content template are Twilio's", () => {
    const flow = showing({ body: "", content_sid: "HX1" });
    expect(flow.report.unsupported.map(({ path }) => path)).toEqual(["states.1.properties.content_sid"]);
    expect(flow.flowNodes).toHaveLength(1);
  });
});

describe("what no flow of ours can do", () => {
  it("leaves out a message to somebody else", () => {
    const other = send("owner", "New order", "bye");
    (other.properties as Record<string, string>).to = "+14155550199";
    const flow = imported(definition(trigger("owner"), other, send("bye", "Bye")));
    expect(flow.flowNodes.map(({ id }) => id)).toEqual(["trigger-keyword-Trigger", "message-bye"]);
    expect(toldOf(flow, "states.1")).toEqual([
      "unsupported: a flow talks to one person: a message to another number is left out",
    ]);
  });

  it.each(["run-subflow", "send-to-flex", "say-play", "enqueue-call", "no-such-widget"])(
    "keeps the way around %s",
    (type) => {
      const flow = imported(
        definition(
          trigger("odd"),
          widget("odd", type, ways({ failed: "bye", success: "bye", completed: "bye" }), {}),
          send("bye", "Bye"),
        ),
      );
      expect(flow.flowEdges).toEqual([
        { id: "edge-1", sourceNodeId: "trigger-keyword-Trigger", targetNodeId: "message-bye" },
      ]);
      expect(flow.report.unsupported.map(({ path, became }) => [path, became])).toEqual([["states.1", []]]);
    },
  );

  it("follows no circle of widgets without a node", () => {
    const circle = (name: string, next: string) => widget(name, "run-function", ways({ success: next }), {});
    const flow = imported(definition(trigger("a"), circle("a", "b"), circle("b", "a")));
    expect(flow.flowEdges).toEqual([]);
  });

  it("tells of a second start", () => {
    const two = trigger("hello");
    (two.transitions as { event: string; next?: string }[])[3]!.next = "other";
    const flow = imported(definition(two, send("hello", "Hello"), send("other", "Called")));
    expect(flow.report.unsupported.map(({ path }) => path)).toEqual(["states.0.transitions.3", "states.2"]);
  });
});
