// The way from a clean clone to our own programs: installs when needed, then runs a TypeScript file with the project's Node.
// Plain JavaScript for Node 20, built-in modules only: it runs before there are any node_modules.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, lstatSync, statSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const projectNode = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");

const isInstalled = () => {
  // A link lends the packages of another checkout, which would lose them: npm ci empties what the link leads to.
  if (lstatSync(join(root, "node_modules"), { throwIfNoEntry: false })?.isSymbolicLink()) return true;
  // npm writes this file last: an install that was cut short has none.
  const installed = join(root, "node_modules", ".package-lock.json");
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, "package-lock.json")).mtimeMs;
};

/** Runs `npm ci` when node_modules is missing or older than package-lock.json; never through a link. Ends the process when that fails. */
const install = () => {
  if (isInstalled()) return;
  console.error("Installing dependencies (npm ci); this takes about half a minute.");
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ["npm"];
  const [command, ...before] = npm;
  const { status, error } = spawnSync(command, [...before, "ci", "--include=dev", "--no-audit", "--no-fund"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: npm.length === 1 && process.platform === "win32",
  });
  if (status === 0) return;
  console.error(`npm ci failed${error ? `: ${error.message}` : ` with exit code ${status}`}.`);
  process.exit(1);
};

const nodeForTypeScript = () => {
  if (existsSync(projectNode)) return projectNode;
  if (Number.parseInt(process.versions.node, 10) >= 24) return process.execPath;
  console.error("Node 24 is missing from node_modules: npm was told to skip install scripts. Run `npm rebuild node`.");
  process.exit(1);
};

const PARENT_WATCH_MS = 200;

/** Calls `stop` when the shell that npm started us in is gone: npm hands a SIGTERM to that shell, and the shell hands it to nobody. */
const watchNpm = (stop) => {
  if (!process.env.npm_lifecycle_event) return;
  const shell = process.ppid;
  setInterval(() => process.ppid !== shell && stop(), PARENT_WATCH_MS).unref();
};

/**
 * Runs `script` (a path from the repository's root, or absolute) with `args` and Node 24. This process ends as the script ends; SIGINT, SIGTERM
 * and SIGHUP go on to it. It stays in our process group, and its IPC channel closes when this process is killed, which serve.ts watches.
 */
export const bootstrap = (script, args = process.argv.slice(2)) => {
  install();
  const child = spawn(nodeForTypeScript(), ["--disable-warning=ExperimentalWarning", resolve(root, script), ...args], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, PATH: [join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter) },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  watchNpm(() => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
};
