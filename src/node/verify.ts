// `npm test`: every check, one section each, all of them even when an early one fails. The last line is `N passed, N failed`;
// the formatter and the types count as one check each, and so does a test file that could not even be loaded.
// `--quick` leaves out what runs in workerd.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { descendants, killAll } from "./process-tree.ts";
import { type Tally, tallyOf } from "./tally.ts";
import { exitCode } from "./wrangler.ts";

const root = resolve(import.meta.dirname, "../..");
const bin = join(root, "node_modules", ".bin");
const reports = mkdtempSync(join(tmpdir(), "signalbox-"));

/**
 * A section that hangs (a test in an endless loop cannot be interrupted from inside) fails in time for somebody to read it; a busy machine takes
 * its time.
 */
const LIMIT_MS = 30 * 60_000;

const endAllBelow = () => killAll(descendants(process.pid).reverse());

const run = async (command: string, ...args: string[]): Promise<number> => {
  const child = spawn(join(bin, command), args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: process.platform === "win32",
    env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
  });
  const limit = setTimeout(() => {
    console.error(`${command} was ended after ${LIMIT_MS / 60_000} minutes.`);
    endAllBelow();
  }, LIMIT_MS);
  const code = await exitCode(child);
  clearTimeout(limit);
  return code;
};

const check = async (command: string, ...args: string[]): Promise<Tally> =>
  (await run(command, ...args)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };

/** All projects in one go, so that files that wait run beside files that compute. */
const tests = async (...projects: string[]): Promise<Tally> => {
  const file = join(reports, "tests.json");
  const code = await run(
    "vitest",
    "run",
    ...projects.flatMap((project) => ["--project", project]),
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${file}`,
  );
  try {
    return tallyOf(JSON.parse(readFileSync(file, "utf8")), code);
  } catch {
    console.error("vitest left no report.");
    return { passed: 0, failed: 1 };
  }
};

const isQuick = process.argv.includes("--quick");

const sections: [string, () => Promise<Tally>][] = [
  ["format and lint", () => check("biome", "check", ".")],
  ["types", () => check("tsc", "--noEmit", "-p", ".")],
  isQuick
    ? ["room rules and pure rooms", () => tests("pure")]
    : ["room rules, pure rooms and rooms in workerd", () => tests("pure", "workers")],
];

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    endAllBelow();
    rmSync(reports, { recursive: true, force: true });
    process.exit(130);
  });
}

const total: Tally = { passed: 0, failed: 0 };
for (const [title, section] of sections) {
  console.log(`\n── ${title} ──`);
  const started = performance.now();
  const { passed, failed } = await section();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${title}: ${failed === 0 ? "passed" : "FAILED"} in ${seconds} s`);
  total.passed += passed;
  total.failed += failed;
}
rmSync(reports, { recursive: true, force: true });
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
