// A copy of the repository as a fresh clone would be, with the installed packages lent to it, and servers started in it by `npm start`'s program.
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./source.ts";

const FILES = [
  "src",
  "migrations",
  "wrangler.toml",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  ".dev.vars.example",
];

export type Clone = { directory: string; remove: () => void };

export const makeClone = (): Clone => {
  const directory = mkdtempSync(join(tmpdir(), "signalbox-clone-"));
  for (const file of FILES)
    cpSync(join(root, file), join(directory, file), { recursive: true, preserveTimestamps: true });
  symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
};

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });

export type Run = {
  child: ChildProcess;
  said: { out: string; error: string };
  /** Exit code; 128 and the signal's number when a signal ended it. */
  ended: Promise<number>;
};

/** Starts a program of `clone` the way a plain shell would: nothing of the test runner's environment goes along. */
export const runIn = (clone: Clone, ...command: string[]): Run => {
  const child = spawn(process.execPath, command, {
    cwd: clone.directory,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
  });
  const said = { out: "", error: "" };
  child.stdout.on("data", (chunk) => (said.out += chunk));
  child.stderr.on("data", (chunk) => (said.error += chunk));
  return { child, said, ended: new Promise((resolve) => child.once("close", (code) => resolve(code ?? 128))) };
};

/** Waits until `run` has said `words` on its standard output. Throws with all that it said when it ends before. */
export const heard = async (run: Run, words: string): Promise<void> => {
  let over = false;
  void run.ended.then(() => (over = true));
  while (!run.said.out.includes(words)) {
    if (over) throw new Error(`ended without "${words}": ${run.said.out}${run.said.error}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
