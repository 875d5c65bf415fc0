import { parseEnv } from "node:util";
import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../src/env.ts";
import { localArguments } from "../../src/node/local-arguments.ts";
import { fillSecrets } from "../../src/node/local-variables.ts";
import { tallyOf } from "../../src/node/tally.ts";
import { textOf } from "./source.ts";

describe("the arguments of npm start", () => {
  it("are wrangler's, with defaults", () => {
    expect(localArguments([])).toEqual({
      port: 8787,
      ip: "localhost",
      protocol: "http",
      persistTo: undefined,
      vars: {},
      rest: [],
    });
  });

  it("are read in both spellings, the rest is passed on", () => {
    const given = ["--port=9001", "--persist-to", "/tmp/x", "--test-scheduled", "--log-level", "log", "--ip=0.0.0.0"];
    expect(localArguments(given)).toMatchObject({
      port: 9001,
      ip: "0.0.0.0",
      persistTo: "/tmp/x",
      rest: ["--test-scheduled", "--log-level", "log"],
    });
  });

  it("hold any number of variables, whose values may hold anything", () => {
    const given = ["--var", "A:1", "URL:https://x.test:80/?a=b", "--var=EMPTY:", "--var", "A:2", "--minify"];
    expect(localArguments(given)).toMatchObject({
      vars: { A: "2", URL: "https://x.test:80/?a=b", EMPTY: "" },
      rest: ["--minify"],
    });
  });

  it.each([
    [["--port"], "--port: needs a value"],
    [["--port", "0"], "--port 0: is not a port from 1 to 65535"],
    [["--port", "70000"], "--port 70000: is not a port from 1 to 65535"],
    [["--persist-to="], "--persist-to: needs a value"],
    [["--var", ":x"], "--var :x: is not NAME:VALUE"],
  ])("%j are refused by name", (given, message) => {
    expect(() => localArguments(given)).toThrow(message);
  });
});

describe(".dev.vars.example", () => {
  const example = textOf(".dev.vars.example");

  it("is a good configuration once its secrets are made, others each time", () => {
    const [one, other] = [parseEnv(fillSecrets(example)), parseEnv(fillSecrets(example))];
    expect(parseConfiguration(one)).toMatchObject({ ok: true, value: { environment: "development" } });
    expect(one.JWT_SECRET).not.toBe(other.JWT_SECRET);
    expect(one.ENCRYPTION_KEY).not.toBe(other.ENCRYPTION_KEY);
    expect({ ...one, JWT_SECRET: "", ENCRYPTION_KEY: "" }).toEqual(parseEnv(example));
  });

  it("ships no secret", () => {
    expect(parseEnv(example)).toMatchObject({ JWT_SECRET: "", ENCRYPTION_KEY: "" });
    expect(parseConfiguration(parseEnv(example))).toMatchObject({ ok: false });
  });

  it("names every variable that there is", () => {
    const known = new Set(
      textOf("src/env.ts")
        .match(/^ {4}[A-Z_]+(?=:)/gm)
        ?.map((name) => name.trim()),
    );
    expect(known.size).toBeGreaterThan(20);
    expect(new Set(Object.keys(parseEnv(example)))).toEqual(known);
  });
});

describe("the totals of npm test", () => {
  const file = (status: string, ...tests: string[]) => ({
    status,
    assertionResults: tests.map((each) => ({ status: each })),
  });
  it.each([
    [
      "tests",
      { numPassedTests: 3, numFailedTests: 1, testResults: [file("failed", "passed", "failed")] },
      1,
      { passed: 3, failed: 1 },
    ],
    [
      "a file that could not be loaded",
      { numPassedTests: 3, numFailedTests: 0, testResults: [file("failed")] },
      1,
      { passed: 3, failed: 1 },
    ],
    [
      "an error outside of any test",
      { numPassedTests: 3, numFailedTests: 0, testResults: [file("passed", "passed")] },
      1,
      { passed: 3, failed: 1 },
    ],
    ["no test", { numPassedTests: 0, numFailedTests: 0, testResults: [] }, 1, { passed: 0, failed: 1 }],
    [
      "nothing wrong",
      { numPassedTests: 3, numFailedTests: 0, testResults: [file("passed", "passed")] },
      0,
      { passed: 3, failed: 0 },
    ],
  ])("count %s", (_, report, code, total) => {
    expect(tallyOf(report, code)).toEqual(total);
  });
});
