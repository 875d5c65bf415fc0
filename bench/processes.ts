// What Linux says of a process. Read from /proc: the bench runs on Linux only.
import { readdirSync, readFileSync } from "node:fs";

/** Length of a tick of /proc/<pid>/stat, in ms: USER_HZ is 100 on every Linux that node runs on. */
const TICK_MS = 10;

/** Fields after the command's name, which may hold spaces and parentheses. */
const stat = (pid: number): string[] => {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
};

/** User and system time of all threads so far, in ms. */
export const cpuMs = (pid: number): number => {
  const fields = stat(pid);
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
};

/** Resident memory in MB. */
export const residentMb = (pid: number): number => {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1024;
};

/** The same for all processes of a group. */
export const groupCpuMs = (group: number): number =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .reduce((sum, name) => {
      try {
        return Number(stat(Number(name))[2]) === group ? sum + cpuMs(Number(name)) : sum;
      } catch {
        // Ended since it was listed.
        return sum;
      }
    }, 0);

export const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

/** How many it may have open. */
export const openFilesLimit = (pid: number): number =>
  Number(/^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, "utf8"))?.[1]);

/** The workerd among this process's children. */
export const workerdOf = (parent: number): number => {
  const found = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .find((name) => {
      try {
        return (
          Number(stat(Number(name))[1]) === parent && readFileSync(`/proc/${name}/cmdline`, "utf8").includes("workerd")
        );
      } catch {
        // Ended since it was listed.
        return false;
      }
    });
  if (found === undefined) throw new Error("no workerd below this process");
  return Number(found);
};
