// `npm run import`, as it is called: its options, its exit codes, and what it says to a product and to a person.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/lib/json.ts";
import { importOptions } from "../../src/node/import/options.ts";
import { cafe } from "../domain/flow-import/studio-flow.ts";
import { documentedCommands } from "./documented-commands.ts";

const folder = mkdtempSync(join(tmpdir(), "import-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "cafe.json");
writeFileSync(file, JSON.stringify(cafe));

const run = async (command: string, args: string[], env: Record<string, string> = {}) => {
  const child = spawn(command, args, { env: { ...process.env, ...env } });
  let [said, complained] = ["", ""];
  child.stdout.on("data", (text) => (said += text));
  child.stderr.on("data", (text) => (complained += text));
  const [code] = (await once(child, "close")) as [number];
  return { code, said, complained };
};
const imports = (...args: string[]) => run(process.execPath, ["src/node/run.mjs", "src/node/import.ts", ...args]);

describe("the options of npm run import", () => {
  it("are a file and what is said of it", () => {
    const given = ["flow.json", "--keywords", "Coffee, coffee time,", "--url", "https://x.example/", "--publish"];
    expect(importOptions(given, { SIGNALBOX_TOKEN: "t", SIGNALBOX_USER_ID: "7" })).toEqual({
      file: "flow.json",
      url: "https://x.example",
      name: undefined,
      keywords: ["Coffee", "coffee time"],
      publish: true,
      dryRun: false,
      token: { value: "t", userId: "7" },
      username: "admin",
      password: "admin",
    });
  });

  it.each([
    [[], "FILE: which export is to be imported?"],
    [["a", "b"], "b: one file at a time"],
    [["a", "--url", "ftp://x"], "--url ftp://x: is not an http(s) URL"],
    [["a", "--token", "t"], "--user-id: a token needs the number of the user whose it is"],
  ])("%j are refused by name", (given, message) => expect(() => importOptions(given, {})).toThrow(message));
});

/** A product that takes everything, or publishes nothing. */
const product = async (findings: JsonObject[] = []) => {
  const asked: { path: string; headers: object; body: JsonObject }[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const part of request) text += part;
    asked.push({ path: request.url!, headers: request.headers, body: JSON.parse(text) });
    const answers: Record<string, [number, JsonObject]> = {
      "/api/v1/usr/login/": [200, { access_token: "secret", user: { id: 7 } }],
      "/flow/import": [201, { id: "f1", name: "Café", report: { mapped: [], approximated: [], unsupported: [] } }],
      "/flow/status/f1": findings.length ? [400, { detail: "cannot be published", findings }] : [200, {}],
    };
    const [status, body] = answers[request.url!]!;
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => server.close() };
};

describe("npm run import", () => {
  it("lets an export give no orders to the terminal", async () => {
    const hostile = join(folder, "hostile.json");
    const calling = { name: "\u001b]0;mine\u0007\u009b2J", type: "enqueue-call", transitions: [], properties: {} };
    writeFileSync(hostile, JSON.stringify({ ...cafe, states: [...(cafe.states as JsonObject[]), calling] }));
    const { code, said } = await imports(hostile, "--dry-run");
    expect(code).toBe(0);
    expect(said).toContain("\ufffd]0;mine\ufffd\ufffd2J");
  });

  it("tells what would become of a flow, as the documents show it", async () => {
    const [block] = documentedCommands("docs/apis/flow-import.md");
    const { code, said } = await run("bash", ["-c", block!.replaceAll("cafe.json", file)]);
    expect(code).toBe(0);
    expect(said).toContain('  states.6 "save" (make-http-request) -> action_webhook\n');
    expect(said).toContain("1 unsupported: left out, or without effect\n  states.8 ");
    expect(said).toContain('"Corner Café" would have 13 nodes');
  });

  it("signs in, brings the export and publishes", async () => {
    const { asked, url, stop } = await product();
    const { code, said } = await imports(file, "--url", url, "--keywords", "coffee,tea", "--publish");
    stop();
    expect([code, said.split("\n").slice(-3)]).toEqual([0, ['"Café" is flow f1, a draft', "Flow f1 is published", ""]]);
    expect(asked.map(({ path }) => path)).toEqual(["/api/v1/usr/login/", "/flow/import", "/flow/status/f1"]);
    expect(asked[1]).toMatchObject({
      headers: { authorization: "Bearer secret", "x-user-id": "7" },
      body: { source: cafe, keywords: ["coffee", "tea"] },
    });
  });

  it("says why it failed", async () => {
    const { url, stop } = await product([{ path: "flowNodes.0", message: "Nothing follows the trigger." }]);
    const refused = await imports(file, "--url", url, "--publish");
    stop();
    expect([refused.code, refused.complained]).toEqual([
      1,
      "POST /flow/status/f1 answered 400: cannot be published\n  flowNodes.0: Nothing follows the trigger.\n",
    ]);
    const alone = await imports(file, "--url", url);
    expect([alone.code, alone.complained]).toEqual([1, expect.stringContaining(`Nothing answers at ${url}`)]);
    writeFileSync(join(folder, "none.json"), '{"groups": []}');
    const none = await imports(join(folder, "none.json"), "--dry-run");
    expect([none.code, none.complained]).toEqual([
      1,
      expect.stringContaining("is neither a Twilio Studio flow definition"),
    ]);
    expect(await imports()).toMatchObject({ code: 2, complained: expect.stringContaining("npm run import -- FILE") });
  });
});
