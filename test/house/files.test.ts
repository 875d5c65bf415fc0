import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { judgeFile, linesOf, median } from "./files.ts";
import { paths, root, textOf } from "./source.ts";

const written = paths("{src,test,bench,console}/**/*.{ts,tsx,mjs,sql,css,html,proto,sh}").filter(
  // This file and its neighbour name the words that they look for.
  (path) => !path.startsWith("test/house/files."),
);

describe("files", () => {
  it("are named, sized and finished as the house wants", () => {
    expect(written.length).toBeGreaterThan(300);
    expect(written.flatMap((path) => judgeFile({ path, text: textOf(path) }))).toEqual([]);
  });

  it("are short: half of those in src have under 100 lines", () => {
    const lengths = paths("src/**/*.ts").map((path) => linesOf(textOf(path)));
    expect(median(lengths)).toBeLessThan(100);
    expect(median([1, 300, 100])).toBe(100);
  });

  const long = "// x\n".repeat(501);
  it.each([
    ["src/domain/MakeUser.ts", "// x", ["the name is not kebab-case"]],
    ["src/domain/make_user.ts", "// x", ["the name is not kebab-case"]],
    ["src/domain/user-helper.ts", "// x", ["the name says nothing"]],
    ["src/domain/utils.ts", "// x", ["the name says nothing"]],
    ["src/domain/long.ts", long, ["501 lines are more than 500"]],
    ["src/lib/long.ts", "// x\n".repeat(101), ["101 lines are more than 100"]],
    ["src/domain/wide.ts", `// ${"x ".repeat(80)}`, ["1: a comment is wider than 150 columns"]],
    ["src/domain/bare.ts", "export const x = 1;\n", ["no header says what belongs here"]],
    ["test/domain/later.test.ts", `// ${"TO"}DO\n`, [`1: ${"TO"}DO`]],
    ["src/domain/later.ts", `// x\n// ${"FIX"}ME: later\n`, [`2: ${"FIX"}ME`]],
    ["src/domain/later.ts", `// x\nthrow new Error("${"not impl"}emented");\n`, ["2: not implemented"]],
  ])("%s is refused for what it is", (path, text, complaints) => {
    expect(judgeFile({ path, text })).toEqual(complaints.map((each) => expect.stringMatching(new RegExp(`${each}$`))));
  });

  it.each([
    ["src/env.ts", "// x\n"],
    ["src/domain/serviceable.ts", "// x\n"],
    ["test/domain/make-user.test.ts", "import x;\n"],
    ["src/domain/long.ts", "// x\n".repeat(500)],
    ["src/node/start.mjs", "#!/usr/bin/env node\n// x\n"],
    ["src/nodes/flow-end.ts", "export const flowEnd = 1;\n"],
  ])("%s is fine", (path, text) => {
    expect(judgeFile({ path, text })).toEqual([]);
  });
});

describe("the top of the repository", () => {
  const ROOMS = ["src", "migrations", "test", "bench", "console", "docs", ".ci"];
  const PAGES = ["README.md", "CONTRIBUTING.md", "LICENSE"];
  const TOOLS = [
    ...[
      "package.json",
      "package-lock.json",
      "tsconfig.json",
      "wrangler.toml",
      "biome.json",
      ".editorconfig",
      ".gitignore",
    ],
    ...["vitest.config.ts", "vite.config.ts", "drizzle.config.ts", ".dev.vars.example", ".gitattributes", ".nvmrc"],
  ];
  const ignored = textOf(".gitignore")
    .split("\n")
    .filter(Boolean)
    .map((line) => line.replace(/\/$/, ""));
  const isIgnored = (name: string) =>
    name === ".git" || ignored.some((line) => line === name || (line.startsWith("*") && name.endsWith(line.slice(1))));

  it("holds what the design says", () => {
    const strange = (names: string[]) =>
      names.filter((name) => !isIgnored(name) && ![...ROOMS, ...PAGES, ...TOOLS].includes(name));
    expect(strange(readdirSync(root))).toEqual([]);
    expect(strange(["src", "scripts", "node_modules", "x.log", "jest.config.js"])).toEqual([
      "scripts",
      "jest.config.js",
    ]);
  });
});

describe("the rooms of test/", () => {
  const OWN = ["house", "contracts", "histories", "fixtures", "e2e", "security", "simulation"];
  const directories = (path: string) =>
    readdirSync(`${root}/${path}`, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);

  it("mirror those of src/", () => {
    const sources = readdirSync(`${root}/src`).map((name) => name.replace(/\.ts$/, ""));
    const strange = (names: string[]) => names.filter((name) => ![...OWN, ...sources].includes(name));
    expect(strange(directories("test"))).toEqual([]);
    expect(strange(["engine", "app", "spec"])).toEqual(["spec"]);
  });
});

describe("an API", () => {
  const APIS = ["marketing", "enhanced", "stream", "core", "flow"];
  const FILES = ["routes.ts", "schema.ts", "convert.ts", "errors.ts", "index.ts"];
  const missing = (api: string, files: string[]) =>
    FILES.filter((file) => !files.includes(file)).map((file) => `${api}/${file}`);

  it("has the same five files as every other", () => {
    const apis = readdirSync(`${root}/src/api`).filter((name) => APIS.includes(name));
    expect(apis.flatMap((api) => missing(api, readdirSync(`${root}/src/api/${api}`)))).toEqual([]);
    expect(missing("x", ["routes.ts", "schema.ts", "errors.ts", "index.ts"])).toEqual(["x/convert.ts"]);
  });
});
