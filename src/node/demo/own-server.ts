// A server for one demo: the product on a free port of this machine, on a state of its own that goes with it.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { awaitHealth } from "../await-health.ts";

const START_MS = 120_000;

export type OwnServer = { origin: string; stop: () => Promise<void> };

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "localhost", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

/** `variables` gets the server's origin, because some of them name it. Throws with what the server said when it does not start. */
export const startOwnServer = async (variables: (origin: string) => Record<string, string>): Promise<OwnServer> => {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const state = mkdtempSync(join(tmpdir(), "signalbox-demo-"));
  const vars = Object.entries(variables(origin)).flatMap(([name, value]) => ["--var", `${name}:${value}`]);
  const serve = join(import.meta.dirname, "..", "serve.ts");
  // With an IPC channel the server ends when this process does, however that comes about.
  const server = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", serve, "--port", String(port), "--persist-to", state, ...vars],
    {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    },
  );
  let said = "";
  for (const stream of [server.stdout, server.stderr]) stream?.on("data", (chunk) => (said += chunk));
  const gone = new AbortController();
  const ended = new Promise<void>((resolve) =>
    server.once("exit", () => {
      gone.abort();
      resolve();
    }),
  );
  const stop = async () => {
    server.kill("SIGTERM");
    await ended;
    rmSync(state, { recursive: true, force: true });
  };
  if (await awaitHealth(origin, START_MS, gone.signal)) return { origin, stop };
  await stop();
  throw new Error(`The demo's own server did not start:\n${said.trim()}`);
};
