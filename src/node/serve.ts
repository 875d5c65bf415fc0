// `npm start`: checks the variables, prepares the local database and runs `wrangler dev` until it is told to stop.
// The order of the steps and the words on the screen belong here. Nothing is started before the variables are known to be good, and nothing
// is left running: not after a signal, not after a killed wrangler. Children stay in our process group, so that a caller can end it whole.
import type { ChildProcess } from "node:child_process";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Configuration, parseConfiguration } from "../env.ts";
import { awaitHealth } from "./await-health.ts";
import { type LocalArguments, localArguments } from "./local-arguments.ts";
import { localDatabase } from "./local-database.ts";
import { localVariables } from "./local-variables.ts";
import { descendants, killAll, type Process } from "./process-tree.ts";
import { exitCode, wrangler } from "./wrangler.ts";

const root = resolve(import.meta.dirname, "../..");
const PORT_MS = 3_000;
const START_MS = 120_000;
const STOP_MS = 8_000;
const RECOVERY_MS = 10_000;
/** A server that was just killed may hold the database for a moment longer. */
const DATABASE_TRIES = 3;

/** One line, and the end. */
const refuse = (line: string): never => {
  console.error(line);
  process.exit(1);
};

// ── The one child that runs, and all that was seen below it: a killed wrangler cannot be asked for its children ──

let running: ChildProcess | undefined;
let below: Process[] = [];
let stopping = false;

const lookBelow = () => {
  if (running?.pid && running.exitCode === null) below = [...below, ...descendants(running.pid)];
};

const kill = () => {
  lookBelow();
  running?.kill("SIGKILL");
  killAll(below);
};

const stop = () => {
  if (stopping) return;
  stopping = true;
  if (!running || running.exitCode !== null) process.exit(0);
  lookBelow();
  running.kill("SIGTERM");
  setTimeout(kill, STOP_MS).unref();
};

// ── Before the server ──

const readArguments = (): LocalArguments => {
  try {
    return localArguments(process.argv.slice(2));
  } catch (error) {
    return refuse((error as Error).message);
  }
};

const readConfiguration = (vars: Record<string, string>): Configuration => {
  const { variables, made } = localVariables(root, vars);
  const configuration = parseConfiguration(variables);
  if (!configuration.ok) return refuse(configuration.error);
  if (made) console.log("Made .dev.vars from .dev.vars.example, with secrets of this machine's own.");
  return configuration.value;
};

const someoneListens = ({ ip, port }: LocalArguments): Promise<boolean> =>
  new Promise((answer) => {
    const probe = createServer();
    probe.once("error", () => answer(true));
    probe.listen({ port, host: ip === "*" ? undefined : ip }, () => probe.close(() => answer(false)));
  });

/** A server that is just being stopped gets a moment to leave its port. */
const needPort = async (args: LocalArguments): Promise<void> => {
  const deadline = Date.now() + PORT_MS;
  while (await someoneListens(args)) {
    if (Date.now() > deadline) {
      refuse(`Port ${args.port} is in use; choose another with: npm start -- --port ${args.port + 1}`);
    }
    await sleep(100);
  }
};

const onDatabase = async (stateArgs: string[], ...command: string[]): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    running = wrangler(["d1", ...command, "--local", ...stateArgs], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [running.stdout, running.stderr]) stream?.on("data", (chunk) => (said += chunk));
    const code = await exitCode(running);
    if (stopping) process.exit(0);
    if (code === 0) return;
    if (attempt === DATABASE_TRIES || !said.includes("SQLITE_BUSY")) {
      refuse(`${said.trim()}\nThe local database could not be prepared (above); nothing was started.`);
    }
    await sleep(1_000);
  }
};

const prepareDatabase = async (stateDir: string, stateArgs: string[], development: boolean): Promise<void> => {
  const { migrated, seeded } = localDatabase(stateDir, resolve(root, "migrations"));
  if (!migrated) await onDatabase(stateArgs, "migrations", "apply", "DB");
  if (seeded || !development) return;
  await onDatabase(stateArgs, "execute", "DB", "--yes", "--file", resolve(root, "src/db/demo.sql"));
};

// ── The server ──

const startServer = (args: LocalArguments, stateDir: string, stateArgs: string[]): ChildProcess =>
  wrangler(
    [
      "dev",
      ...["--port", String(args.port), "--ip", args.ip, "--local-protocol", args.protocol],
      // A fixed inspector port would let two starts on one machine disturb each other, and so would a shared registry of workers.
      ...["--inspector-port", "0", "--show-interactive-dev-session=false"],
      // A line for each request costs a quarter of the requests; `--log-level log` brings them and console.log back.
      ...(args.rest.some((word) => word.startsWith("--log-level")) ? [] : ["--log-level", "warn"]),
      ...stateArgs,
      ...Object.entries(args.vars).map(([name, value]) => `--var=${name}:${value}`),
      ...args.rest,
    ],
    {
      cwd: root,
      stdio: ["ignore", "inherit", "pipe"],
      env: { WRANGLER_REGISTRY_PATH: resolve(stateDir, "registry") },
    },
  );

/** Tells that the server is ready, watches over it, and returns its exit code when it is gone. */
const watchServer = async (server: ChildProcess, origin: string, development: boolean): Promise<number> => {
  const gone = new AbortController();
  const ended = exitCode(server).finally(() => gone.abort());

  const needHealth = async (withinMs: number, complaint: string): Promise<boolean> => {
    const healthy = await awaitHealth(origin, withinMs, gone.signal);
    if (stopping || gone.signal.aborted) return false;
    if (healthy) {
      lookBelow();
      return true;
    }
    console.error(complaint);
    kill();
    return false;
  };

  let ready = false;
  server.stderr?.on("data", (chunk: Buffer) => {
    process.stderr.write(chunk);
    if (stopping) return;
    // wrangler brings a crashed workerd back. Should that fail, a server that never answers is worse than none.
    if (chunk.includes("crashed unexpectedly")) {
      void needHealth(RECOVERY_MS, "The server crashed and does not answer any more.");
    }
    // After the first time, wrangler waits for the edit that mends it.
    if (!ready && chunk.includes("Build failed")) kill();
  });

  if (await needHealth(START_MS, `GET ${origin}/health did not answer 200 within ${START_MS / 1000} s.`)) {
    ready = true;
    console.log(`Signalbox is ready on ${origin}`);
    if (development)
      console.log("Sign in as admin / admin: POST /api/v1/usr/login/ (an account of this machine only).");
  }
  return ended;
};

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
// The channel to bootstrap.mjs closes when that is killed and can pass on no signal.
process.on("disconnect", stop);
process.channel?.unref();

const args = readArguments();
const development = readConfiguration(args.vars).environment === "development";
await needPort(args);

const stateDir = resolve(root, args.persistTo ?? ".wrangler/state");
const stateArgs = args.persistTo === undefined ? [] : ["--persist-to", args.persistTo];
await prepareDatabase(stateDir, stateArgs, development);
if (stopping) process.exit(0);

const host = ["0.0.0.0", "*", "::"].includes(args.ip) ? "localhost" : args.ip;
running = startServer(args, stateDir, stateArgs);
const code = await watchServer(running, `${args.protocol}://${host}:${args.port}`, development);
killAll(below);
if (stopping) process.exit(0);
console.error(`The server ended with exit code ${code}.`);
process.exit(code || 1);
