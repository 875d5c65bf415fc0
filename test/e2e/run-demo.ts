// `npm run demo` as a person runs it; what it said, and how it ended.
import { spawn } from "node:child_process";
import { resolve } from "node:path";

const demo = resolve(import.meta.dirname, "../../src/node/demo.ts");

export const runDemo = async (...words: string[]): Promise<{ code: number | null; said: string }> => {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", demo, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
  const code = await new Promise<number | null>((ended) => child.once("close", ended));
  return { code, said };
};
