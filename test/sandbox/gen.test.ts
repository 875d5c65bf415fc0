import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { interpreters } from "../../src/sandbox/meter/interpreters.ts";
import { makeJsonata } from "../../src/sandbox/meter/jsonata.ts";

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

test("jsonata.ts is the installed package's text", () => {
  expect(readFileSync(join(gen, "jsonata.ts"), "utf8")).toBe(makeJsonata());
});

describe("NOTICE", () => {
  const notice = readFileSync(join(gen, "NOTICE"), "utf8");
  const packageFile = (name: string, file: string) =>
    readFileSync(join(import.meta.dirname, "../../node_modules", name, file), "utf8");

  test("holds the licence file of a package that has one, word for word", () => {
    expect(notice).toContain(packageFile("@jitl/quickjs-wasmfile-release-sync", "LICENSE").trim());
  });

  test("holds JSONata's licence", () => {
    expect(notice).toContain(packageFile("jsonata", "LICENSE").trim());
  });

  test("names the licence of a package that only names it", () => {
    const { license } = JSON.parse(packageFile("@micropython/micropython-webassembly-pyscript", "package.json"));
    expect(notice).toContain(`The ${license} License (${license})`);
  });
});
