// Executions that sleep: what each costs on disk and in memory, what a wake costs, how late 1,000 are that are due at once, and what a restart makes
// of all of them. Run: npm run bench -- sleeping [executions]
import { readdirSync, rmSync, statSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { send } from "./load.ts";
import { quantile } from "./numbers.ts";
import { cpuMs, openFiles, residentMb } from "./processes.ts";
import { openProduct, sleeper } from "./product.ts";
import { startRuntime } from "./runtime.ts";

const ALL = Number(process.argv[3] ?? 10_000);
const AT_ONCE = Math.min(1_000, ALL / 2);
const HOUR_MS = 3_600_000;
/** Until the sleepers that are due at once are due: time to start them all, and for their objects to leave memory. */
const LEAD_MS = 90_000;
/** workerd lets an object go after ten idle seconds. */
const IDLE_MS = 20_000;

/** Files below a directory and the bytes that they take on disk. */
const disk = (dir: string): { files: number; bytes: number } => {
  const names = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return {
    files: names.length,
    // A file may go while the others are looked at.
    bytes: names.reduce((sum, { parentPath, name }) => {
      const blocks = statSync(join(parentPath, name), { throwIfNoEntry: false })?.blocks ?? 0;
      return sum + blocks * 512;
    }, 0),
  };
};

const rows: Record<string, string | number>[] = [];
const say = (what: string, value: string) => {
  rows.push({ what, value });
  console.log(`${what}: ${value}`);
};

console.log(`${cpus().length} × ${cpus()[0]!.model}`);
let runtime = await startRuntime({});
const { stateDir } = runtime;
let product = await openProduct(runtime.origin);
const hook = await product.webhook("sleepers", sleeper());
const nappers = await product.webhook("due at once", sleeper());

const look = (when: string) => {
  const objects = disk(join(stateDir, "do"));
  say(
    when,
    `${residentMb(runtime.pid).toFixed(0)} MB resident, ${openFiles(runtime.pid)} open files, ${objects.files} files of objects, ${(objects.bytes / 1024 / 1024).toFixed(1)} MB`,
  );
  return objects;
};

await sleep(IDLE_MS);
const before = look("at the start");
const residentBefore = residentMb(runtime.pid);

const cpuAtStart = cpuMs(runtime.pid);
const startedAt = Date.now();
const long = ALL - AT_ONCE;
for (let done = 0; done < long; ) {
  const part = Math.min(1_000, long - done);
  await send({ url: hook, body: () => ({ ms: HOUR_MS * 10 }), requests: part, connections: 50 });
  done += part;
  await product.until("waiting", done);
  console.log(`${done} asleep after ${((Date.now() - startedAt) / 1000).toFixed(0)} s`);
}
say("putting one to sleep", `${((cpuMs(runtime.pid) - cpuAtStart) / long).toFixed(2)} CPU-ms`);
look(`${long} just asleep`);
await sleep(IDLE_MS);
const asleep = look(`${long} asleep, ${IDLE_MS / 1000} s later`);
const quietBefore = cpuMs(runtime.pid);
await sleep(10_000);
say("idle beside them", `${cpuMs(runtime.pid) - quietBefore} CPU-ms in 10 s`);
say("disk for each", `${((asleep.bytes - before.bytes) / long / 1024).toFixed(1)} KB`);
say("memory for each", `${(((residentMb(runtime.pid) - residentBefore) * 1024) / long).toFixed(2)} KB`);

// Those that are due at once are started slowly enough that the delay between asking and sleeping is short.
const due = Date.now() + LEAD_MS;
const delays = new Map<number, number>();
const executions = new Map<string, number>();
await send({
  url: nappers,
  body: (n) => {
    const ms = due - Date.now();
    delays.set(n, ms);
    return { ms };
  },
  requests: AT_ONCE,
  connections: 8,
  answered: (n, text) => executions.set(JSON.parse(text).data.execution_id, n),
});
await product.until("waiting", ALL);
await sleep(IDLE_MS);
if (Date.now() > due - 2_000) throw new Error("this machine is too slow for this bench: the sleepers are due already");
look(`${ALL} asleep`);
await sleep(due - 1_000 - Date.now());
const cpuBefore = cpuMs(runtime.pid);
await product.until("final", AT_ONCE);
const spent = cpuMs(runtime.pid) - cpuBefore;
const ended = (await (
  await fetch(`${runtime.origin}/bench/executions/${encodeURIComponent("due at once")}`)
).json()) as {
  id: string;
  startedAt: number;
  endedAt: number;
}[];
const times = ended.map(({ id, startedAt, endedAt }) => {
  const wanted = startedAt + delays.get(executions.get(id)!)!;
  return { wanted, late: endedAt - wanted };
});
const lateness = times.map(({ late }) => late);
const spread = Math.max(...times.map(({ wanted }) => wanted)) - Math.min(...times.map(({ wanted }) => wanted));
say("a wake", `${(spent / AT_ONCE).toFixed(2)} CPU-ms`);
say(
  `late, ${AT_ONCE} due within ${(spread / 1000).toFixed(1)} s`,
  `median ${quantile(lateness, 0.5)} ms, 99 of 100 within ${quantile(lateness, 0.99)} ms, earliest ${Math.min(...lateness)} ms, last ${Math.max(...lateness)} ms`,
);

await runtime.stop(true);
const restartedAt = Date.now();
runtime = await startRuntime({}, stateDir);
product = await openProduct(runtime.origin);
const { waiting } = await product.executions();
say("restart with them", `answers after ${Date.now() - restartedAt} ms (building included), ${waiting} wait`);
await sleep(5_000);
look("after the restart");
console.table(rows);
await runtime.stop();
rmSync(dirname(stateDir), { recursive: true, force: true });
