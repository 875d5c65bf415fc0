// Starts wrangler, for the programs of this folder. Nothing else here may start it: what it must not do on its own is said once.
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { createRequire } from "node:module";

/** The command itself, not `.bin/wrangler`: that wrapper answers 0 when the command was killed. */
const cli = createRequire(import.meta.url).resolve("wrangler");

/** No telemetry, no look-ups outside, no tracing of every storage call (which costs up to two thirds of the speed). */
const quiet = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  X_LOCAL_OBSERVABILITY: "false",
  X_LOCAL_EXPLORER: "false",
};

export const wrangler = (
  args: readonly string[],
  options: SpawnOptions & { env?: Record<string, string> },
): ChildProcess =>
  spawn(process.execPath, ["--no-warnings", cli, ...args], {
    ...options,
    env: { ...process.env, ...quiet, ...options.env },
  });

/** The exit code of a child, 1 when a signal ended it. */
export const exitCode = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    child.once("exit", (code) => resolve(code ?? 1));
    child.once("error", () => resolve(1));
  });
