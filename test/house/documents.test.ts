import { describe, expect, it } from "vitest";
import { commandsIn, unkeptPromises } from "./documented-commands.ts";
import { paths, textOf } from "./source.ts";

const FENCE = "```";
const marked = (...lines: string[]) => ["Text", "<!-- tested -->", `${FENCE}bash`, ...lines, FENCE, "Text"].join("\n");

describe("commands in documents", () => {
  it("that are marked as tested are run", () => {
    const tests = [
      ".ci/run",
      ...paths("test/**/*.test.ts").filter((path) => path !== "test/house/documents.test.ts"),
    ].map(textOf);
    const documents = paths("*.md", "docs/**/*.md");
    expect(documents).toContain("CONTRIBUTING.md");
    expect(documents.flatMap((path) => unkeptPromises(path, textOf(path), tests))).toEqual([]);
  });

  it("are read from marked blocks only, joined over lines, without comments", () => {
    const text = `${marked("# first", "npm start # serves", "curl -s \\", "  localhost")}\n${FENCE}bash\nrm -rf /\n${FENCE}\n${marked("ls")}`;
    expect(commandsIn(text)).toEqual(["npm start", "curl -s localhost", "ls"]);
  });

  it("are missed when no test has them", () => {
    const text = marked("npm test", "npm run fly");
    expect(unkeptPromises("README.md", text, ["exec npm test"])).toEqual(["README.md: nothing runs `npm run fly`"]);
    expect(unkeptPromises("README.md", text, ['documentedCommands("README.md")'])).toEqual([]);
    expect(unkeptPromises("README.md", text, ['documentedCommands("docs/a.md")'])).toHaveLength(2);
  });
});
