// `npm start` as its user meets it: a real server in a fresh clone, refused, served, stopped and killed.
import { execFile, execFileSync } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { descendants, type Process, survivors } from "../../src/node/process-tree.ts";
import { standIn } from "../fixtures/stand-in/server.ts";
import { type Clone, freePort, heard, makeClone, type Run, runIn } from "./clone.ts";
import { documentedCommands } from "./documented-commands.ts";
import { textOf } from "./source.ts";

const START = "src/node/start.mjs";
const SERVER_MS = 120_000;

let clone: Clone;
let runs: Run[] = [];

beforeAll(() => {
  clone = makeClone();
});
afterEach(async () => {
  for (const { child } of runs) child.kill();
  await Promise.all(runs.map(({ ended }) => ended));
  runs = [];
});
afterAll(() => clone.remove());

const serve = async (...args: string[]) => {
  const port = await freePort();
  const run = runIn(clone, START, "--port", String(port), ...args);
  runs.push(run);
  await heard(run, `Signalbox is ready on http://localhost:${port}\n`);
  const origin = `http://localhost:${port}`;
  return { run, origin, processes: descendants(run.child.pid!) };
};

const noneLeft = (seen: Process[]) => expect.poll(() => survivors(seen), { timeout: 10_000 }).toEqual([]);

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

describe("a start that serves", () => {
  it("has secrets of its own and the demo account", { timeout: SERVER_MS }, async () => {
    const { origin } = await serve("--persist-to", "state");
    const made = readFileSync(join(clone.directory, ".dev.vars"), "utf8");
    expect(made).toMatch(/^JWT_SECRET="[\w-]{64}"$/m);
    expect(made).toMatch(/^ENCRYPTION_KEY="[\w+/]{43}="$/m);
    expect((await fetch(`${origin}/health`)).status).toBe(200);
    expect((await logIn(origin, "admin")).status).toBe(200);
    expect((await logIn(origin, "wrong")).status).toBe(401);
  });

  it("does what the README shows", { timeout: SERVER_MS }, async () => {
    const { origin } = await serve("--persist-to", "state");
    const script = documentedCommands("README.md").join("\n");
    const said = execFileSync("bash", ["-euc", script], {
      env: { ...process.env, SIGNALBOX: origin },
      encoding: "utf8",
    });
    expect(said).toContain('"test_mode":true');
    expect(said).toContain('"execution_path":["order","large","tell"]');
  });

  it("does what the page of the event stream API shows", { timeout: SERVER_MS }, async () => {
    const { origin } = await serve("--persist-to", "state");
    const script = documentedCommands("docs/apis/stream.md").join("\n");
    const said = execFileSync("bash", ["-euc", script], {
      env: { ...process.env, SIGNALBOX: origin },
      encoding: "utf8",
    });
    expect(said).toContain('"estimated_recipients":1');
    expect(said).toContain('"messages_sent":1,"messages_delivered":1');
  });

  it("does what the page of the flow API shows", { timeout: SERVER_MS }, async () => {
    const account = { sid: "AC1", token: "twilio-token" };
    const twilio = await standIn({ ledger: join(clone.directory, "ledger.jsonl"), account });
    const port = await freePort();
    await new Promise<void>((listening) => twilio.listen(port, "127.0.0.1", listening));
    const { origin } = await serve(
      ...["--persist-to", "state", "--var", `TWILIO_ACCOUNT_SID:${account.sid}`, `TWILIO_AUTH_TOKEN:${account.token}`],
      ...["TWILIO_WHATSAPP_FROM:+15551112222", `TWILIO_API_BASE_URL:http://127.0.0.1:${port}`],
    );
    const script = documentedCommands("docs/apis/flow.md").join("\n");
    const run = promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], {
      env: { ...process.env, SIGNALBOX: origin },
    });
    const { stdout } = await run.finally(() => twilio.close());
    const shown = /^```\n("text"[\s\S]*?)^```/m.exec(textOf("docs/apis/flow.md"))![1]!;
    expect(stdout).toContain('"status":"published"');
    expect(stdout.endsWith(shown), stdout).toBe(true);
  });

  it("keeps its state and leaves nothing running when it is stopped", { timeout: SERVER_MS }, async () => {
    const { run, origin, processes } = await serve("--persist-to", "state");
    const { access_token } = (await (await logIn(origin, "admin")).json()) as { access_token: string };
    const workflows = await fetch(`${origin}/api/v1/workflows?entity_id=1`, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    expect(await workflows.text()).toContain("Large orders");
    expect(processes.map(({ command }) => command).join()).toContain("workerd");
    run.child.kill("SIGTERM");
    expect(await run.ended).toBe(0);
    await noneLeft(processes);
  });

  it("shares a machine with another, and lets --var win", { timeout: SERVER_MS }, async () => {
    const production = ["--var", "ENVIRONMENT:production", "FLOW_TRUST_USER_HEADER:false"];
    const [one, other] = await Promise.all([
      serve("--persist-to", "state"),
      serve("--persist-to", "other", ...production),
    ]);
    expect((await logIn(one.origin, "admin")).status).toBe(200);
    // The demo account is of development only.
    expect((await logIn(other.origin, "admin")).status).toBe(401);
  });

  it("fails, and leaves nothing running, when wrangler dies", { timeout: SERVER_MS }, async () => {
    const { run, processes } = await serve("--persist-to", "state");
    process.kill(processes.find(({ command }) => command.includes("cli.js dev"))!.pid, "SIGKILL");
    expect(await run.ended).toBe(1);
    expect(run.said.error).toContain("The server ended");
    await noneLeft(processes);
  });

  it("ends with the program that npm started, even when that is killed", { timeout: SERVER_MS }, async () => {
    const { run, processes } = await serve("--persist-to", "state");
    run.child.kill("SIGKILL");
    await run.ended;
    await noneLeft(processes);
  });
});
