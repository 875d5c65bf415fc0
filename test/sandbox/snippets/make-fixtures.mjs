// Writes python.json and javascript.json: what CPython and Node answer to the snippets. `node test/sandbox/snippets/make-fixtures.mjs`
// writes them, with `--check` it only compares and ends with 1 when they differ. Needs python3 (3.11 or newer) and Node 24.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

const folder = import.meta.dirname;
const read = (name) => readFileSync(join(folder, name), "utf8");
process.env.TZ = "UTC";

const runPython = () =>
  JSON.parse(
    execFileSync("python3", [join(folder, "run-python.py")], { encoding: "utf8", env: { ...process.env, TZ: "UTC" } }),
  );

const AsyncFunction = (async () => {}).constructor;

const runJavascript = async () => {
  const answers = [];
  for (const block of read("javascript.txt").split("\n//%% ").slice(1)) {
    const [name, ...lines] = block.split("\n");
    const code = lines.join("\n").trimEnd();
    let printed = "";
    const log = (...values) => {
      printed += `${values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join(" ")}\n`;
    };
    const console = { log, warn: log };
    const run = new AsyncFunction("context", "console", "result", `{${code}\n;return result}`);
    const result = await run(JSON.parse(read("context.json")), console);
    answers.push({ name, code, value: JSON.parse(JSON.stringify(result) ?? "null"), printed });
  }
  return answers;
};

const isCheck = process.argv.includes("--check");
for (const [file, answers] of [
  ["python.json", runPython()],
  ["javascript.json", await runJavascript()],
]) {
  if (!isCheck) writeFileSync(join(folder, file), `${JSON.stringify(answers, null, 2)}\n`);
  else if (!isDeepStrictEqual(JSON.parse(read(file)), answers)) {
    console.error(`${file} is not what the languages answer: node test/sandbox/snippets/make-fixtures.mjs`);
    process.exitCode = 1;
  }
  console.log(`${file}: ${answers.length} snippets`);
}
if (!isCheck) execFileSync("npx", ["biome", "format", "--write", folder], { stdio: "inherit" });
