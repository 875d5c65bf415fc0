// docs/recipes/add-a-node.md shows the code that runs here.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { actions } from "../../src/actions/index.ts";
import { compile } from "../../src/engine/compile.ts";
import { nodeTypes } from "../../src/nodes/index.ts";
import { graph, Run } from "../engine/kit.ts";
import { actionSlackMessage } from "./recipe/action-slack-message.ts";

const read = (path: string) => readFileSync(path, "utf8");
const blocks = [...read("docs/recipes/add-a-node.md").matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1]!);

const example = { hook_url: "https://hooks.slack.com/services/T0/B0/x", text: "Hello, {{username}}" };
const catalogue = new Map([...nodeTypes, [actionSlackMessage.type, actionSlackMessage]]);
const define = (config: typeof example) =>
  compile(
    graph({ t: "trigger_manual", s: ["action_slack_message", config], d: "flow_end" }, ["t>s", "s>d"]),
    catalogue,
  );

it("the recipe's file is the example's", () => {
  const file = read("test/nodes/recipe/action-slack-message.ts").replaceAll("../../../src/nodes/", "./");
  expect(blocks[0]).toBe(file);
});

it("the recipe's example config is the one that is tried here", () => {
  const written = `  action_slack_message: { hook_url: "${example.hook_url}", text: "${example.text}" },\n`;
  expect(blocks[1]).toBe(written);
});

it("the example works: it compiles, performs its action and ends", () => {
  const { program, findings } = define(example);
  expect(findings).toEqual([]);
  const run = new Run(program!, { username: "Ada" });
  const { key, input } = run.performed[0]!;
  expect(input).toEqual({ url: example.hook_url, method: "POST", headers: {}, body: { text: "Hello, Ada" } });
  expect(actions.get("http.request")!.schema.safeParse(input).success).toBe(true);
  run.ok(key, { status: 200, headers: {}, body: "ok" });
  expect([run.status, run.state.run?.output]).toEqual(["completed", { status: 200, headers: {}, body: "ok" }]);
});

it("the example's check is heard", () => {
  const errors = define({ ...example, hook_url: "https://example.com" }).findings.filter(
    (one) => one.severity === "error",
  );
  expect(errors).toMatchObject([
    { code: "bad_config", path: "nodes.s.config.hook_url", message: "A Slack webhook URL is needed." },
  ]);
});
