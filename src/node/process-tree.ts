// The processes below a process, and their end. workerd outlives a wrangler that was killed and would keep the port.
import { spawnSync } from "node:child_process";

/** A process by its id and its command line: an id alone may belong to somebody else by the time it is used. */
export type Process = { pid: number; parent: number; command: string };

/** Every process of the machine; empty where there is no `ps`. */
const processes = (): Process[] => {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,args="], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return (stdout ?? "").split("\n").flatMap((line) => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid ? [{ pid: Number(pid), parent: Number(parent), command: command! }] : [];
  });
};

/** All processes below `pid`, nearest first. */
export const descendants = (pid: number): Process[] => {
  const all = processes();
  const found: Process[] = [];
  const reach = (parent: number) => found.push(...all.filter((each) => each.parent === parent));
  reach(pid);
  for (const each of found) reach(each.pid);
  return found;
};

/** Those of `seen` that still run and are still the same processes. */
export const survivors = (seen: readonly Process[]): Process[] => {
  if (seen.length === 0) return [];
  const now = new Map(processes().map(({ pid, command }) => [pid, command]));
  return seen.filter(({ pid, command }) => now.get(pid) === command);
};

/** Ends at once those of `seen` that still run. */
export const killAll = (seen: readonly Process[]): void => {
  for (const { pid } of survivors(seen)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Gone since the look at the table, which is what was wanted.
    }
  }
};
