// Executions in a row, one after the other as fast as they go: files and memory of workerd must level off. Run: npm run bench -- soak [executions]
// Cloudflare Workflows keep every instance's files open in the same runtime and give up near 6,000; ours let an object go when it has been idle.
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { send } from "./load.ts";
import { cpuMs, openFiles, openFilesLimit, residentMb } from "./processes.ts";
import { fiveNodes, openProduct, targetUrl } from "./product.ts";
import { startRuntime } from "./runtime.ts";
import { startTarget } from "./target.ts";

const ALL = Number(process.argv[3] ?? 20_000);
const PART = Math.min(1_000, ALL);
/** workerd lets an object go after ten idle seconds. */
const IDLE_MS = 20_000;

const target = await startTarget();
const runtime = await startRuntime({ EGRESS_ALLOW_HOSTS: `127.0.0.1:${target.port}` });
const { pid } = runtime;
const product = await openProduct(runtime.origin);
const hook = await product.webhook("five nodes", fiveNodes(targetUrl(target)));

console.log(`${cpus().length} × ${cpus()[0]!.model}, at most ${openFilesLimit(pid)} open files`);
const rows: {
  executions: number;
  seconds: number;
  "a second": number;
  "CPU-ms each": string;
  files: number;
  MB: number;
}[] = [];
let mostFiles = 0;
const watch = setInterval(() => {
  mostFiles = Math.max(mostFiles, openFiles(pid));
}, 500);
for (let done = 0; done < ALL; done += PART) {
  const before = Date.now();
  const cpuBefore = cpuMs(pid);
  await send({ url: hook, body: (n) => ({ n: done + n, name: "Ada", amount: 42 }), requests: PART, connections: 50 });
  await product.until("final", done + PART);
  const seconds = (Date.now() - before) / 1000;
  const row = {
    executions: done + PART,
    seconds,
    "a second": Math.round(PART / seconds),
    "CPU-ms each": ((cpuMs(pid) - cpuBefore) / PART).toFixed(2),
    files: openFiles(pid),
    MB: Math.round(residentMb(pid)),
  };
  rows.push(row);
  console.log(
    Object.entries(row)
      .map(([name, value]) => `${name} ${value}`)
      .join("  "),
  );
}
clearInterval(watch);
const posted = await target.count();
await sleep(IDLE_MS);
console.table(rows);
console.log(
  `most files at once ${mostFiles}; ${IDLE_MS / 1000} s later ${openFiles(pid)} files, ${Math.round(residentMb(pid))} MB`,
);
console.log(`${ALL} executions, ${posted} outgoing requests`);
await runtime.stop();
target.stop();
if (posted !== ALL) throw new Error("an outgoing request is missing, or went twice");
