// What an execution costs, counted and not timed: runs the test that holds it to its budget, and prints what it counted. The figures do not depend
// on the machine. Run: npm run bench -- counts
import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { exitCode } from "../src/node/wrangler.ts";

const root = resolve(import.meta.dirname, "..");
const TEST = "test/objects/budget.test.ts";

const counting = spawn(join(root, "node_modules/.bin/vitest"), ["run", "--project", "workers", TEST], {
  cwd: root,
  stdio: ["ignore", "pipe", "inherit"],
  env: { ...process.env, NO_COLOR: "1" },
});
let said = "";
counting.stdout.on("data", (chunk) => (said += chunk));
const code = await exitCode(counting);
const table = /^counted: (.*)$/m.exec(said)?.[1];
if (table === undefined) {
  console.error(said);
  throw new Error(`${TEST} counted nothing`);
}
const columns = JSON.parse(table) as Record<string, number | string>[];
const names = Object.keys(columns[0]!);
console.log("Per execution, twenty in a batch:\n");
for (const [row, name] of names.entries()) {
  console.log(`| ${name} | ${columns.map((column) => column[name]).join(" | ")} |`);
  if (row === 0) console.log(`| ${["---", ...columns.map(() => "---:")].join(" | ")} |`);
}
console.log(code === 0 ? "\nWithin the budget." : `\n${said}`);
process.exitCode = code;
