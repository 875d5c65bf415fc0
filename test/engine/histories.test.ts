// Golden histories (I6): journals of runs that once were, folded again by today's engine. A difference means that runs under way would be
// replayed otherwise than they happened: put the change behind a new flag, and record a history for it. `RECORD=1` writes those that are missing.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { compile } from "../../src/engine/compile.ts";
import type { Definition, EffectResult, Input, StartInput } from "../../src/engine/contract.ts";
import { seedAtEnd } from "../../src/engine/seed.ts";
import { applyDelta, newState } from "../../src/engine/state.ts";
import { step } from "../../src/engine/step.ts";
import type { Json, JsonObject } from "../../src/lib/json.ts";
import { nodeTypes } from "../../src/nodes/index.ts";
import { graph, plain, Run } from "./kit.ts";

const folder = fileURLToPath(new URL("../histories/", import.meta.url).href);

type History = { definition: Definition; journal: Input[]; effects: Json; state: Json };

const programOf = (definition: Definition) => {
  const { program, findings } = compile(definition, nodeTypes);
  if (!program) throw new Error(JSON.stringify(findings));
  return program;
};

const hook = (n: number): [string, JsonObject] => [
  "action_webhook",
  {
    url: "https://example.com/hook",
    method: "POST",
    body: { n, name: "{{ event.data.name }}" },
    retry: { max_attempts: 3, backoff_seconds: 2 },
  },
];
const inLists = (value: Json, levels: number): Json => (levels === 0 ? value : [inLists(value, levels - 1)]);

const answers: EffectResult[] = [
  { outcome: "failed", error: { code: "HTTP_ERROR", message: "503", retryable: true } },
  { outcome: "unknown", reason: "restart", restarted: true },
  { outcome: "ok", output: { status: 200, headers: {}, body: { id: 7 } } },
];

/** Where they differ from the usual ones. */
const ownAnswers: Record<string, EffectResult[]> = {
  "a-message-that-waits-and-is-tried-again": [
    { outcome: "deferred", until: 61_000, reason: "It is quiet in UTC" },
    { outcome: "failed", error: { code: "PROVIDER_BUSY", message: "429", retryable: true, retryAfterMs: 2_000 } },
    { outcome: "ok", output: { message_id: "m1" } },
  ],
};

const scenarios: Record<string, Definition> = {
  "retries-and-unknown-outcomes": graph(
    { t: "trigger_manual", a: hook(1), b: ["action_chat_message", { message: "{{ nodes.a.output.body.id }}" }] },
    ["t>a", "a>b"],
  ),
  "loops-in-loops": graph(
    {
      t: "trigger_manual",
      o: ["loop_foreach", { items: [1, 2, 3], item_variable: "outer" }],
      i: ["loop_foreach", { items: ["a", "b"], item_variable: "inner" }],
      v: ["data_variable", { name: "seen", value: "{{ variables.seen }}{{ outer }}{{ inner }} " }],
      c: ["condition_if", { conditions: [{ field: "variables.seen", operator: "contains", value: "2b" }] }],
      x: "loop_break",
      d: "flow_end",
    },
    ["t>o", "o:body>i", "i:body>v", "v>c", "c:true>x", "o:done>d"],
  ),
  "branches-that-merge": graph(
    {
      t: "trigger_manual",
      p: "flow_parallel",
      a: hook(1),
      b: hook(2),
      c: ["action_delay", { duration: 3, unit: "seconds" }],
      m: "flow_merge",
      e: "flow_end",
    },
    ["t>p", "p:one>a", "p:two>b", "p:three>c", "a>m", "b>m", "c>m", "m>e"],
  ),
  "an-event-or-the-time": graph(
    {
      t: "trigger_manual",
      w: ["action_wait_for_event", { event_type: "MESSAGE_RECEIVED", timeout: 5, unit: "minutes" }],
      r: hook(1),
      l: "flow_end",
    },
    ["t>w", "w:received>r", "w:timeout>l"],
  ),
  "values-that-are-measured": graph(
    {
      t: "trigger_manual",
      l: ["loop_while", { conditions: [], max_iterations: 5 }],
      v: ["data_variable", { name: "x", value: inLists("{{ variables.x }}", 40), on_error: "continue" }],
      a: hook(1),
    },
    ["t>l", "l:body>v", "l:done>a"],
  ),
  "a-message-that-waits-and-is-tried-again": graph(
    { t: "trigger_manual", a: ["action_chat_message", { message: "Hi {{ event.data.name }}" }] },
    ["t>a"],
  ),
  "a-failure-by-its-port": graph(
    {
      t: "trigger_manual",
      a: [hook(1)[0], { ...hook(1)[1], retry: { max_attempts: 1, backoff_seconds: 1 } }],
      b: "flow_end",
      c: "flow_end",
    },
    ["t>a", "a>b", "a:error>c"],
  ),
};

scenarios["what-filters-make-of-a-secret"] = graph(
  {
    t: "trigger_manual",
    v: ["data_variable", { name: "both", value: "user:{{ token }}" }],
    a: [hook(1)[0], { ...hook(1)[1], headers: { authorization: "Basic {{ both | base64_encode }}" } }],
    b: [hook(1)[0], { ...hook(1)[1], body: "{{ token | slice: 0, 4 }}" }],
  },
  ["t>v", "v>a", "a>b"],
);

scenarios["a-mail-in-html"] = graph(
  {
    t: "trigger_manual",
    a: [
      "action_email",
      { to: "a@example.com", subject: "{{ who }}", body: "<p>{{ who }}{{ who | raw }}", is_html: true },
    ],
    b: ["action_email", { to: "a@example.com", subject: "s", body: "{{ who }}" }],
  },
  ["t>a", "a>b"],
);

const choosing = graph(
  {
    t: "trigger_manual",
    c: [
      "condition_choice",
      {
        text: "{{ event.data.said }}",
        choices: [
          { id: "a", title: "Tea" },
          { id: "b", title: "Coffee", port: "second" },
        ],
      },
    ],
    e: "flow_end",
  },
  ["t>c", "c:second>e"],
);
scenarios["a-choice-in-another-script"] = choosing;
scenarios["a-choice-when-digits-were-ascii"] = choosing;

const twoTriggers = graph(
  { t: "trigger_webhook", s: ["trigger_event", { event_type: "TAG_ADDED" }], a: hook(1), e: "flow_end" },
  ["t>a", "s>a", "a>e"],
);
scenarios["triggers-that-lead-to-one-place"] = twoTriggers;
scenarios["triggers-when-each-started"] = twoTriggers;

const listing = graph(
  {
    t: "trigger_manual",
    l: ["loop_foreach", { items: [1, 2], item_variable: "each" }],
    v: ["data_variable", { name: "seen", value: "{{ variables.seen }}{{ variables.each }}, " }],
    w: ["data_variable", { name: "all", value: "{{ variables }}" }],
  },
  ["t>l", "l:body>v", "v>w"],
);
scenarios["an-item-as-a-variable"] = listing;
scenarios["an-item-when-it-was-none"] = listing;

const chain = graph({ t: "trigger_manual", a: hook(1), b: hook(2), c: "flow_end" }, ["t>a", "a>b", "b>c"]);
scenarios["accepted-before-it-begins"] = chain;
scenarios["goes-on-from-a-step-that-failed"] = chain;
scenarios["leaps-over-times"] = graph(
  { t: "trigger_manual", d: ["action_delay", { duration: 3, unit: "days" }], a: hook(1) },
  ["t>d", "d>a"],
);

/** What such a run has got to: its second request was refused. */
const seedOfChain = (): JsonObject => {
  const run = new Run(programOf(chain));
  run.ok("a:2", { status: 200, headers: {}, body: { id: 7 } });
  run.result("b:3", { outcome: "failed", error: { code: "HTTP_ERROR", message: "400" } });
  return seedAtEnd(run.program, run.journal) as unknown as JsonObject;
};

const SAID = { id: "e", type: "MANUAL_TRIGGER", source: "golden", occurredAt: 1_000 };

/** Where they begin otherwise than the usual ones. */
const ownStarts: Record<string, () => Partial<StartInput>> = {
  "accepted-before-it-begins": () => ({ queued: { startAt: 4_000 } }),
  "goes-on-from-a-step-that-failed": () => ({ seed: seedOfChain() }),
  "a-choice-in-another-script": () => ({ event: { ...SAID, data: { said: "۲" } } }),
  "a-choice-when-digits-were-ascii": () => ({ flags: 63, event: { ...SAID, data: { said: "۲" } } }),
  "triggers-when-each-started": () => ({ flags: 127 }),
  "an-item-when-it-was-none": () => ({ flags: 255 }),
  "a-mail-in-html": () => ({ variables: { who: "<Ada>" } }),
  "what-filters-make-of-a-secret": () => ({ variables: { token: `sb_secret_${"0a".repeat(16)}` } }),
  "leaps-over-times": () => ({ leaps: true, dryRun: true }),
};

const record = (definition: Definition, given: readonly EffectResult[], start: Partial<StartInput> = {}): History => {
  const run = new Run(programOf(definition), {
    event: { id: "e", type: "MANUAL_TRIGGER", source: "golden", data: { name: "Ada" }, occurredAt: 1_000 },
    ...start,
  });
  if (start.queued) run.feed({ type: "begin", at: 5_000 });
  let turn = 0;
  run.settle(() => given[turn++ % given.length]!);
  return { definition, journal: run.journal, ...fold(definition, run.journal) };
};

const fold = (definition: Definition, journal: Input[]): { state: Json; effects: Json } => {
  const program = programOf(definition);
  const state = newState();
  const effects: Json[] = [];
  for (const input of journal) {
    const done = step(program, state, input);
    effects.push(JSON.parse(JSON.stringify(done.effects)));
    applyDelta(state, done.delta);
  }
  return { state: plain(state), effects };
};

if (process.env.RECORD) {
  for (const [name, definition] of Object.entries(scenarios)) {
    const file = join(folder, `${name}.json`);
    if (!existsSync(file))
      writeFileSync(
        file,
        `${JSON.stringify(record(definition, ownAnswers[name] ?? answers, ownStarts[name]?.()), null, 1)}\n`,
      );
  }
}

describe("golden histories", () => {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));

  it("there is one for each scenario", () => {
    expect(files).toEqual(expect.arrayContaining(Object.keys(scenarios).map((name) => `${name}.json`)));
  });

  for (const file of files) {
    it(`${file} folds to what it was`, () => {
      const history = JSON.parse(readFileSync(join(folder, file), "utf8")) as History;
      const folded = fold(history.definition, history.journal);
      expect(folded.effects).toEqual(history.effects);
      expect(folded.state).toEqual(history.state);
    });
  }
});
