import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { interpreters } from "../../src/sandbox/meter/interpreters.ts";

const gen = join(import.meta.dirname, "../../src/sandbox/gen");

describe.each(Object.entries(interpreters))("%s", (name, make) => {
  const committed = readFileSync(join(gen, name));

  test("is what `node src/sandbox/meter/build.ts` makes of the installed package", () => {
    expect(Buffer.compare(Buffer.from(make()), committed)).toBe(0);
  });

  test("is smaller than 256 KiB gzipped", () => {
    expect(gzipSync(committed).length).toBeLessThan(256 << 10);
  });

  test("is credited", () => {
    expect(readFileSync(join(gen, "NOTICE"), "utf8")).toContain(name);
  });
});
