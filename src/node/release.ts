// `npm run deploy`: remote migrations, then the Worker. `npm run check:deploy` (`--dry-run`): builds what would be sent and weighs it.
// Options other than `--dry-run` go to `wrangler deploy` as they are.
import { globSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { exitCode, wrangler } from "./wrangler.ts";

const root = resolve(import.meta.dirname, "../..");
const output = join(root, "dist");

/** The free plan's limit, compressed: https://developers.cloudflare.com/workers/platform/limits/#worker-size */
const LIMIT_BYTES = 3_000_000;

const run = async (...args: string[]): Promise<void> => {
  const code = await exitCode(wrangler(args, { cwd: root, stdio: "inherit" }));
  if (code !== 0) process.exit(code);
};

/** Bytes of the modules in `folder`, each gzipped; source maps and notes are not sent. */
const gzippedBytes = (folder: string): number =>
  globSync("**/*", { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(map|md)$/.test(entry.name))
    .reduce((sum, entry) => sum + gzipSync(readFileSync(join(entry.parentPath, entry.name))).byteLength, 0);

const [...given] = process.argv.slice(2);
const rest = given.filter((word) => word !== "--dry-run");

if (given.includes("--dry-run")) {
  rmSync(output, { recursive: true, force: true });
  await run("deploy", "--dry-run", "--outdir", output, ...rest);
  const bytes = gzippedBytes(output);
  const megabytes = (bytes / 1_000_000).toFixed(2);
  console.log(`The bundle is ${megabytes} MB gzipped (${bytes} bytes); the limit is ${LIMIT_BYTES / 1_000_000} MB.`);
  if (bytes === 0 || bytes > LIMIT_BYTES) process.exit(1);
} else {
  await run("d1", "migrations", "apply", "DB", "--remote");
  await run("deploy", ...rest);
}
