import { describe, expect, it } from "vitest";
import { readSources, sourceOf } from "./source.ts";
import { judgeWords } from "./vocabulary.ts";

describe("a line knows its room", () => {
  it("in every file", () => {
    expect(readSources().flatMap(judgeWords)).toEqual([]);
  });

  it.each([
    ["src/domain/a.ts", "const id = body.MessageSid;", "MessageSid is a provider's field"],
    ["src/objects/a.ts", 'form.get("MessageSid");', "MessageSid is a provider's field"],
    ["src/domain/a.ts", "const view = { per_page: 10 };", "per_page is a wire field"],
    ["src/objects/a.ts", "const { JWT_SECRET } = env;", "JWT_SECRET is a variable of the operator"],
    ["src/app.ts", 'const mode = env["ENVIRONMENT"];', "ENVIRONMENT is a variable of the operator"],
    ["src/objects/a.ts", "const x = process.env;", "process.env is the process"],
    ["src/domain/a.ts", "throw new Refusal({ status: 404 });", "an error's status is the answer's status"],
    [
      "src/api/core/routes.ts",
      "const f = (c) => c.json({}, ok ? 200 : 503);",
      "an error's status is the answer's status",
    ],
    ["src/api/core/grpc/service.ts", "const code = Code.NotFound;", "Code.NotFound is the answer's gRPC status"],
    ["src/domain/a.ts", 'const row = ports.db.prepare("SELECT 1");', "prepare is SQL"],
    ["src/domain/a.ts", 'this.ctx.storage.sql.exec("SELECT 1");', "sql.exec is an object's own storage"],
    ["src/engine/step.ts", "const now = Date.now();", "Date.now is the clock"],
    ["src/engine/step.ts", "const now = new Date();", "new Date() is the clock"],
    ["src/domain/a.ts", "const now = new Date().toISOString();", "new Date() is the clock"],
    ["src/nodes/a.ts", "const x = Math.random();", "Math.random is randomness"],
    ["src/nodes/a.ts", "crypto.getRandomValues(bytes);", "crypto.getRandomValues is randomness"],
    ["src/nodes/a.ts", "const x = globalThis.crypto.randomUUID();", "crypto.randomUUID is randomness"],
    ["src/triggers/a.ts", 'const x = fetch("https://example.com");', "fetch is the world outside"],
    ["src/triggers/a.ts", "const later = setTimeout;", "setTimeout is the world outside"],
    ["src/domain/a.ts", 'const x = globalThis.fetch("https://example.com");', "fetch is the world outside"],
    ["src/engine/a.ts", "const f = async () => 1;", "async is waiting"],
    ["src/engine/a.ts", "class A { async b() {} }", "async is waiting"],
    ["src/engine/a.ts", "type Later = Promise<void>;", "Promise is waiting"],
    ["src/nodes/a.ts", "await thing;", "await is waiting"],
  ])("%s may not say %s", (path, text, complaint) => {
    expect(judgeWords(sourceOf(path, text))).toContainEqual(expect.stringContaining(`${path}:1: ${complaint}; `));
  });

  it.each([
    ["src/channels/twilio.ts", "const id = body.MessageSid;"],
    ["src/api/core/convert.ts", "const view = { per_page: 10 };"],
    ["src/env.ts", "const { JWT_SECRET } = env;"],
    ["src/api/core/errors.ts", "const answer = { status: 404 };"],
    ["src/api/core/routes.ts", "const f = (c) => c.json({}, 201);"],
    ["src/actions/http-request.ts", "const late = answer.status === 429;"],
    ["src/objects/inbox.ts", "const now = Date.now(); const x = crypto.randomUUID();"],
    ["src/engine/step.ts", "const at = new Date(input.now); // Date.now() and await in a comment"],
    ["src/engine/step.ts", 'const text = "async fetch Date.now()";'],
    ["src/domain/a.ts", "const load = async (ports: Ports) => ({ fetch: await ports.fetch() });"],
    ["src/domain/a.ts", "type Ports = { fetch: () => void };"],
  ])("%s may say %s", (path, text) => {
    expect(judgeWords(sourceOf(path, text))).toEqual([]);
  });
});
