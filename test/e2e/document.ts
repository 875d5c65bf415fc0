// A document that promises to work: its ```bash blocks below `<!-- tested -->` run as they stand, in order, in one shell, and a ```json block
// that follows one is what its answer holds. Reading and comparing only; who runs it starts the server.
import { spawn } from "node:child_process";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type Step = { commands: string; expected: Json | undefined };

const BLOCK = /^<!-- tested -->\s*\n+```(?:bash|sh)\n([\s\S]*?)^```\n(?:\s*```json\n([\s\S]*?)^```)?/gm;

export const stepsOf = (markdown: string): Step[] =>
  [...markdown.matchAll(BLOCK)].map(([, commands, json]) => ({
    commands: commands!,
    expected: json === undefined ? undefined : JSON.parse(json),
  }));

/** Whether `found` has all that `expected` has, at the same places; it may have more fields. */
export const holds = (found: Json | undefined, expected: Json): boolean => {
  if (Array.isArray(expected))
    return Array.isArray(found) && found.length === expected.length && expected.every((one, n) => holds(found[n], one));
  if (typeof expected !== "object" || expected === null) return found === expected;
  if (typeof found !== "object" || found === null || Array.isArray(found)) return false;
  return Object.entries(expected).every(([key, value]) => holds(found[key], value));
};

/** The JSON values in an output: a line each, as curl leaves them, or the whole of it. */
export const jsonIn = (output: string): Json[] =>
  [output, ...output.split("\n")].flatMap((text) => {
    try {
      return [JSON.parse(text) as Json];
    } catch {
      return [];
    }
  });

const MARK = "\u0001";

/** What each step printed. Throws with all that was said when a command fails; those after it do not run. */
export const runSteps = async (steps: readonly Step[], environment: Record<string, string>): Promise<string[]> => {
  const script = steps.map(({ commands }) => `${commands}\nprintf '${MARK}'`).join("\n");
  const shell = spawn("bash", ["-euo", "pipefail", "-c", script], { env: { ...process.env, ...environment } });
  let out = "";
  let said = "";
  shell.stdout.on("data", (chunk) => (out += chunk));
  shell.stderr.on("data", (chunk) => (said += chunk));
  const code = await new Promise((ended) => shell.once("close", ended));
  const outputs = out.split(MARK);
  if (code !== 0)
    throw new Error(
      `step ${outputs.length} ended with ${code}\n${steps[outputs.length - 1]?.commands}\n${said}${outputs.at(-1)}`,
    );
  return outputs.slice(0, steps.length);
};
