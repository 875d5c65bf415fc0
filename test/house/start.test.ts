// `npm start` as its user meets it: a real server in a fresh clone, refused, served, stopped and killed.
import { execFile } from "node:child_process";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { descendants, type Process, survivors } from "../../src/node/process-tree.ts";
import { startTarget, tellStory } from "../fixtures/client/story.ts";
import { standIn } from "../fixtures/stand-in/server.ts";
import { type Clone, freePort, heard, makeClone, type Run, runIn } from "./clone.ts";
import { documentedCommands } from "./documented-commands.ts";
import { textOf } from "./source.ts";

const START = "src/node/start.mjs";
const SERVER_MS = 120_000;

let clone: Clone;
const runs: Run[] = [];

beforeAll(() => {
  clone = makeClone();
});
afterAll(async () => {
  for (const { child } of runs) child.kill();
  await Promise.all(runs.map(({ ended }) => ended));
  clone.remove();
});

const serve = async (...args: string[]) => {
  const port = await freePort();
  const run = runIn(clone, START, "--port", String(port), ...args);
  runs.push(run);
  await heard(run, `Signalbox is ready on http://localhost:${port}\n`);
  const origin = `http://localhost:${port}`;
  return { run, origin, processes: descendants(run.child.pid!) };
};
type Served = Awaited<ReturnType<typeof serve>>;

const noneLeft = (seen: Process[]) => expect.poll(() => survivors(seen), { timeout: SERVER_MS / 2 }).toEqual([]);

/** What the commands say, in one shell, as somebody who follows a page of the documentation reads it. */
const follow = async ({ origin }: Served, commands: string[]): Promise<string> => {
  const options = { env: { ...process.env, SIGNALBOX: origin }, timeout: SERVER_MS - 5_000 };
  return (await promisify(execFile)("bash", ["-euo", "pipefail", "-c", commands.join("\n")], options)).stdout;
};

const logIn = (origin: string, password: string) =>
  fetch(`${origin}/api/v1/usr/login/`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "admin", password }),
  });

describe("a start that is refused", () => {
  it.each([
    [["--var", "JWT_SECRET:short"], "JWT_SECRET: is shorter than 32 bytes"],
    [["--var", "ENCRYPTION_KEY:"], "ENCRYPTION_KEY: is missing: 32 random bytes in base64"],
    [["--var=ENVIRONMENT:staging"], "ENVIRONMENT: is neither development nor production"],
    [["--var", "EGRESS_ALLOW_HOSTS"], "--var EGRESS_ALLOW_HOSTS: is not NAME:VALUE"],
    [["--port", "many"], "--port many: is not a port from 1 to 65535"],
  ])("%j says what is wrong in one line", async (args, line) => {
    const refused = runIn(clone, START, ...args);
    expect(await refused.ended).toBe(1);
    expect(refused.said).toEqual({ out: "", error: `${line}\n` });
  });
});

it("installs nothing through a link to another checkout's packages, however old they are", async () => {
  const lent = makeClone();
  const packages = mkdtempSync(join(tmpdir(), "signalbox-packages-"));
  writeFileSync(join(packages, "kept"), "");
  rmSync(join(lent.directory, "node_modules"));
  symlinkSync(packages, join(lent.directory, "node_modules"));
  const run = runIn(lent, START, "--port", "many");
  await run.ended;
  expect(run.said.error).not.toContain("Installing");
  expect(readdirSync(packages)).toEqual(["kept"]);
  lent.remove();
  rmSync(packages, { recursive: true });
});

describe("a start that cannot serve", () => {
  it("ends with what the build says", { timeout: SERVER_MS }, async () => {
    const broken = makeClone();
    appendFileSync(
      join(broken.directory, "src/worker.ts"),
      'import { nothing } from "./lib/nothing.ts";\nnothing();\n',
    );
    const refused = runIn(broken, START, "--port", String(await freePort()));
    expect(await refused.ended).toBe(1);
    expect(refused.said.error).toContain('Could not resolve "./lib/nothing.ts"');
    broken.remove();
  });
});

// A start takes seconds, so that each shows as much as it can: two beside each other, then one with the state of the first.
describe("starts that serve", () => {
  const account = { sid: "AC1", token: "twilio-token" };
  const state = ["--persist-to", "state"];
  let twilio: Awaited<ReturnType<typeof standIn>>;
  let first: Served;
  let production: Served;
  let second: Served;
  let target: Awaited<ReturnType<typeof startTarget>>;

  beforeAll(async () => {
    target = await startTarget();
    twilio = await standIn({ ledger: join(clone.directory, "ledger.jsonl"), account });
    const port = await freePort();
    await new Promise<void>((listening) => twilio.listen(port, "127.0.0.1", listening));
    [first, production] = await Promise.all([
      serve(
        ...[...state, "--var", `TWILIO_ACCOUNT_SID:${account.sid}`, `TWILIO_AUTH_TOKEN:${account.token}`],
        ...["TWILIO_WHATSAPP_FROM:+15551112222", `TWILIO_API_BASE_URL:http://127.0.0.1:${port}`],
      ),
      serve("--persist-to", "other", "--var", "ENVIRONMENT:production", "FLOW_TRUST_USER_HEADER:false"),
    ]);
  }, SERVER_MS);
  afterAll(() => {
    twilio.close();
    target.close();
  });

  it("has secrets of its own and the demo account", async () => {
    const made = readFileSync(join(clone.directory, ".dev.vars"), "utf8");
    expect(made).toMatch(/^JWT_SECRET="[\w-]{64}"$/m);
    expect(made).toMatch(/^ENCRYPTION_KEY="[\w+/]{43}="$/m);
    expect((await fetch(`${first.origin}/health`)).status).toBe(200);
    expect((await logIn(first.origin, "admin")).status).toBe(200);
    expect((await logIn(first.origin, "wrong")).status).toBe(401);
  });

  it("shares a machine with another, and lets --var win", async () => {
    expect((await fetch(`${production.origin}/health`)).status).toBe(200);
    // The demo account is of development only.
    expect((await logIn(production.origin, "admin")).status).toBe(401);
  });

  it("ends with the program that npm started, even when that is killed", { timeout: SERVER_MS }, async () => {
    production.run.child.kill("SIGKILL");
    await production.run.ended;
    await noneLeft(production.processes);
  });

  // First, while nobody else's messages are in the list that it shows.
  it("does what the page of the flow API shows", { timeout: SERVER_MS }, async () => {
    const blocks = documentedCommands("docs/apis/flow.md");
    const shown = /^```\n("text"[\s\S]*?)^```/m.exec(textOf("docs/apis/flow.md"))![1]!;
    // The counts of the last block follow the conversation by seconds.
    const last = `show() {\n${blocks.pop()}\n}\nuntil show | tee shown >&2; [ "$(cat shown)" = "$SHOWN" ]; do sleep 1; done`;
    const said = await follow(first, [...blocks, `SHOWN='${shown.trim()}'`, `cd '${clone.directory}'`, last]);
    expect(said).toContain('"status":"published"');
  });

  it("leaves nothing running when it is stopped", { timeout: SERVER_MS }, async () => {
    expect(first.processes.map(({ command }) => command).join()).toContain("workerd");
    first.run.child.kill("SIGTERM");
    expect(await first.run.ended).toBe(0);
    await noneLeft(first.processes);
  });

  it("keeps its state", { timeout: SERVER_MS }, async () => {
    second = await serve(...state, "--var", `EGRESS_ALLOW_HOSTS:${target.host}`);
    const { access_token } = (await (await logIn(second.origin, "admin")).json()) as { access_token: string };
    const workflows = await fetch(`${second.origin}/api/v1/workflows?entity_id=1`, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    expect(await workflows.text()).toContain("Table for");
  });

  it("does what the README shows", { timeout: SERVER_MS }, async () => {
    const said = await follow(second, documentedCommands("README.md"));
    expect(said).toContain('"text":"Ada ordered for 250. Well done!","status":"accepted","mocked":true');
    expect(said).toContain('"text":"Ada ordered for 250. Well done!","status":"delivered"');
  });

  it("does what the page of the core API shows", { timeout: SERVER_MS }, async () => {
    const said = await follow(second, documentedCommands("docs/apis/core.md"));
    expect(said).toContain('"test_mode":true');
    expect(said).toContain('"execution_path":["order","large","tell"]');
  });

  it("does what the page of the enhanced API shows", { timeout: SERVER_MS }, async () => {
    // The pages of its parts go on in the shell of its first steps.
    const said = await follow(second, [
      ...documentedCommands("docs/apis/enhanced.md"),
      ...documentedCommands("docs/apis/enhanced/workflows.md"),
      ...documentedCommands("docs/apis/enhanced/templates.md"),
      ...documentedCommands("docs/apis/enhanced/triggers.md"),
      ...documentedCommands("docs/apis/enhanced/webhooks.md"),
      ...documentedCommands("docs/apis/enhanced/executing-and-queue.md"),
      ...documentedCommands("docs/apis/enhanced/actions-and-configuration.md"),
      ...documentedCommands("docs/apis/enhanced/variables.md"),
      ...documentedCommands("docs/apis/enhanced/analytics.md"),
      ...documentedCommands("docs/apis/enhanced/live-stream.md"),
      ...documentedCommands("docs/apis/enhanced/executions.md"),
      ...documentedCommands("docs/apis/enhanced/contacts-and-records.md"),
    ]);
    expect(said).toContain("Green Grocer: good news: your order 1001 is on its way.");
    const shown = [
      'Mocked: would send \\"Welcome, Ada!\\" to the contact',
      '"applied":true,"message":"message of \'tell\' was set."',
      '"cronExpression":"0 9 * * 1-5"',
      '"duplicate":false,"filtered":false',
      '"priority":8,',
      "Mocked: would send POST to shop.example",
      '"message":"inputData.tries: Five tries are enough"',
      '"hasValue":true,"isSecret":true',
      '"timeSeries":[{"timestamp":',
      "event: execution_completed",
      '"onlyFork":[{"nodeId":"delivered","visit":1}]',
      '"equal":true,"journal":"kept"',
      '"canSend":true',
    ];
    for (const one of shown) expect(said).toContain(one);
    // The one refusal that the pages show.
    expect(said.match(/\{"error":\{/g)).toHaveLength(1);
  });

  it("does what the page of the event stream API shows", { timeout: SERVER_MS }, async () => {
    const said = await follow(second, documentedCommands("docs/apis/stream.md"));
    expect(said).toContain('"estimated_recipients":1');
    expect(said).toContain('"messages_sent":1,"messages_delivered":1');
  });

  // Its commands as they stand, but for where they go; and the actions join in between, which the document has no words for.
  it("does what the document of the marketing API shows", { timeout: SERVER_MS }, async () => {
    const [before, after] = textOf("test/fixtures/marketing-example.sh")
      .replaceAll("http://localhost:8000", second.origin)
      .split(/^(?=# 5\. Activate workflow$)/m);
    const { access_token } = (await (await logIn(second.origin, "admin")).json()) as { access_token: string };
    const api = `${second.origin}/api/v1/workflow/api`;
    const joined = `curl -s -X POST -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
      -d "{\\"action_id\\": \\"$ACTION1_ID\\"}" "${api}/workflows/$WORKFLOW_ID/add_action/"`;
    // The document's commands need jq for one thing only; not every machine has it.
    const jq = `jq() { [ "$*" = "-r .id" ] && node -p 'JSON.parse(fs.readFileSync(0)).id'; }`;
    const said = await follow(second, [
      `TOKEN=${access_token}`,
      jq,
      before!,
      joined,
      after!,
      "echo",
      'echo "ran $WORKFLOW_ID"',
    ]);
    expect(said).toContain('"message":"Event queued for processing"');
    const workflow = /^ran (.*)$/m.exec(said)![1]!;
    const read = async (path: string) => {
      const answer = await fetch(`${api}${path}`, { headers: { authorization: `Bearer ${access_token}` } });
      return (await answer.json()) as { count: number; results: Record<string, unknown>[] };
    };
    const ran = `/workflow-executions/?workflow=${workflow}&status=COMPLETED`;
    await expect.poll(async () => (await read(ran)).count, { timeout: SERVER_MS / 2 }).toBe(1);
    expect((await read(ran)).results[0]).toMatchObject({ user: "customer-123", trigger_type: "MESSAGE_RECEIVED" });
    const [{ id: action }] = (await read(`/workflows/${workflow}/actions/`)).results as [{ id: string }];
    await expect
      .poll(async () => (await read(`/action-logs/?action=${action}`)).count, { timeout: SERVER_MS / 2 })
      .toBe(1);
    expect((await read(`/action-logs/?action=${action}`)).results[0]).toMatchObject({
      action_name: "Send Discount Code",
      success: true,
      result: { text: "Here is your discount code: SAVE20" },
    });
    expect((await read(`/workflows/${workflow}/events/`)).results[0]).toMatchObject({
      event_type: "MESSAGE_RECEIVED",
      user_id: "customer-123",
      conversation_id: "conv-456",
      event_data: { message_id: "test-123", content: "Do you have any discount codes?" },
    });
  });

  it("plays a whole story with the client that its own document makes", { timeout: SERVER_MS }, async () => {
    const login = (await (await logIn(second.origin, "admin")).json()) as {
      access_token: string;
      organization_id: string;
    };
    const told = await tellStory(
      second.origin,
      { token: login.access_token, organizationId: login.organization_id },
      target,
    );
    expect(told.heard).toEqual([
      // The step that failed is told as well, with its status.
      ...["execution_started", "step_completed", "step_completed", "execution_failed"],
      ...["execution_started", "step_completed", "step_completed", "execution_completed"],
    ]);
    expect(told.asked.map(({ answered }) => answered)).toEqual([503, 503, 200]);
    expect(told.asked.map(({ order }) => order)).toEqual(Array(3).fill({ id: 7, total: 12.5 }));
    // One key for all attempts of a step, another for the retry's.
    expect(new Set(told.asked.map(({ key }) => key)).size).toBe(2);
    expect(told.retried).not.toBe(told.failed);
    expect(told.totals).toEqual({ total: 2, successful: 1, failed: 1 });
  });

  it("fails, and leaves nothing running, when wrangler dies", { timeout: SERVER_MS }, async () => {
    const { run, processes } = second;
    process.kill(processes.find(({ command }) => command.includes("cli.js dev"))!.pid, "SIGKILL");
    expect(await run.ended).toBe(1);
    expect(run.said.error).toContain("The server ended");
    await noneLeft(processes);
  });
});
