// User code: a warm run of ten lines in each language, the first run of an isolate, and the slowest attack of the tests. Plain Node, CPU time of
// this process. Run: npm run bench -- sandbox
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

// Plain Node imports no WebAssembly module by itself.
registerHooks({
  load: (url, context, next) =>
    url.endsWith(".wasm")
      ? {
          format: "module",
          shortCircuit: true,
          source: `import { readFileSync } from "node:fs"; export default new WebAssembly.Module(readFileSync(${JSON.stringify(fileURLToPath(url))}));`,
        }
      : next(url, context),
});

const { runCode } = await import("../src/sandbox/run-code.ts");
const { ATTACKS } = await import("../test/sandbox/attacks.ts");
type Language = "python" | "javascript";

const snippets = fileURLToPath(new URL("../test/sandbox/snippets/", import.meta.url).href);
const read = (name: string) => JSON.parse(readFileSync(snippets + name, "utf8"));
const context = read("context.json");
const LEAD_SCORING = "lead scoring";

/** CPU milliseconds of `work`, of which there are `times`. */
const cpu = (times: number, work: () => void): number => {
  const before = process.cpuUsage();
  for (let left = times; left > 0; left--) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / times;
};

for (const language of ["python", "javascript"] satisfies Language[]) {
  const answers: { name: string; code: string }[] = read(`${language}.json`);
  const { code } = answers.find(({ name }) => name === LEAD_SCORING)!;
  const run = () => {
    const outcome = runCode({ language, code, context });
    if (!outcome.ok) throw new Error(outcome.error.message);
  };
  const first = cpu(1, run);
  cpu(100, run);
  const warm = cpu(500, run);
  console.log(
    `${language}: first run ${first.toFixed(0)} ms, warm run of ${code.split("\n").length} lines ${warm.toFixed(2)} ms of CPU`,
  );
}

const attacks = ATTACKS.map((attack) => ({
  what: `${attack.language}: ${attack.name}`,
  ms: cpu(1, () => runCode({ language: attack.language, code: attack.code, context: {} })),
})).sort((a, b) => b.ms - a.ms);
console.log(`${attacks.length} attacks, the slowest:`);
for (const { what, ms } of attacks.slice(0, 5)) console.log(`  ${ms.toFixed(0)} ms of CPU  ${what}`);
