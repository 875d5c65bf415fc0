// What `npm ci` asks of the lock before it installs anything: a package that an entry names and the lock leaves out ends a clean clone's start.
import { expect, it } from "vitest";
import { textOf } from "./source.ts";

type Entry = { dependencies?: Record<string, string>; optionalDependencies?: Record<string, string> };
type Lock = { packages: Record<string, Entry> };

const lock = JSON.parse(textOf("package-lock.json")) as Lock;

/** As Node resolves: the entry's own node_modules, then each one around it. */
const isLocked = (from: string, name: string): boolean => {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    if (lock.packages[`${at === "" ? "" : `${at}/`}node_modules/${name}`]) return true;
    if (at === "") return false;
  }
};

it("has every package that it names, those of other platforms too", () => {
  const missing = Object.entries(lock.packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !isLocked(path, name))
      .map((name) => `${path} needs ${name}`),
  );
  expect(Object.keys(lock.packages).length).toBeGreaterThan(100);
  expect(missing).toEqual([]);
});
