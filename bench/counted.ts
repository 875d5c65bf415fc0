// What a test of the product has counted: rows of figures that do not depend on the machine. The test holds them to their budget, here they are read.
import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { exitCode } from "../src/node/wrangler.ts";

const root = resolve(import.meta.dirname, "..");

export type Counted = { columns: Record<string, number | string>[]; code: number; said: string };

/**
 * `test`: a path from the repository's root; it prints `counted: ` and its columns as JSON. Throws when it does not. `mode`: what the test reads as
 * `import.meta.env.MODE`, to count more than it does as a test.
 */
export const countedBy = async (test: string, mode = "test"): Promise<Counted> => {
  const counting = spawn(
    join(root, "node_modules/.bin/vitest"),
    ["run", "--mode", mode, "--project", "workers", test],
    {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, NO_COLOR: "1" },
    },
  );
  let said = "";
  counting.stdout.on("data", (chunk) => (said += chunk));
  const code = await exitCode(counting);
  const table = /^counted: (.*)$/m.exec(said)?.[1];
  if (table === undefined) {
    console.error(said);
    throw new Error(`${test} counted nothing`);
  }
  return { columns: JSON.parse(table), code, said };
};
