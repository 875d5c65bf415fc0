import { describe, expect, it } from "vitest";
import { findCycles } from "./cycles.ts";
import { judgeImports } from "./rooms.ts";
import { readSources, sourceOf } from "./source.ts";

const sources = readSources();

describe("imports", () => {
  it("go only where the rooms allow", () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.flatMap(judgeImports)).toEqual([]);
  });

  it.each([
    ["src/engine/step.ts", 'import { guard } from "../lib/egress.ts";'],
    ["src/nodes/loop-while.ts", 'import type { Effect } from "../engine/contract.ts";'],
    ["src/domain/workflow/create.ts", 'import type { Token } from "../../engine/state.ts";'],
    ["src/domain/workflow/create.ts", 'import { type Token, type Seat } from "../../engine/state.ts";'],
    ["src/domain/workflow/create.ts", 'import { compile } from "../../engine/compile.ts";'],
    ["src/objects/inbox.ts", 'import { DurableObject } from "cloudflare:workers";'],
    ["src/queue/events.ts", 'import { executionStub } from "../objects/execution/rpc.ts";'],
    ["src/api/core/grpc/service.ts", 'import { convert } from "../convert.ts";'],
    ["src/worker.ts", 'export { Inbox } from "./objects/inbox.ts";'],
  ])("%s may hold %s", (path, text) => {
    expect(judgeImports(sourceOf(path, text))).toEqual([]);
  });

  it.each([
    ["src/engine/step.ts", 'import { x } from "../nodes/index.ts";', "engine may not import nodes/index.ts"],
    ["src/engine/step.ts", 'import type { X } from "../domain/ports.ts";', "engine may not import domain/ports.ts"],
    ["src/engine/step.ts", 'type X = import("../db/d1.ts").X;', "engine may not import db/d1.ts"],
    ["src/engine/step.ts", 'export * from "../objects/inbox.ts";', "engine may not import objects/inbox.ts"],
    ["src/engine/step.ts", 'const x = await import("../env.ts");', "engine may not import env.ts"],
    ["src/nodes/flow-end.ts", 'import { step } from "../engine/step.ts";', "nodes may not import engine/step.ts"],
    ["src/domain/a/b.ts", 'import { Hono } from "hono/tiny";', "hono/tiny belongs to api/**, app.ts"],
    [
      "src/domain/a/b.ts",
      'import { type A, b } from "../../objects/outbox.ts";',
      "domain may not import objects/outbox.ts",
    ],
    [
      "src/domain/a/b.ts",
      'import x from "cloudflare:workers";',
      "cloudflare:workers belongs to objects/**, worker.ts, env.ts",
    ],
    [
      "src/actions/http.ts",
      'import { x } from "../domain/contact/view.ts";',
      "actions may not import domain/contact/view.ts",
    ],
    ["src/channels/twilio.ts", 'import { x } from "../domain/ports.ts";', "channels may not import domain/ports.ts"],
    ["src/queue/events.ts", 'import { Inbox } from "../objects/inbox.ts";', "queue may not import objects/inbox.ts"],
    ["src/objects/inbox.ts", 'import { x } from "../queue/events.ts";', "objects may not import queue/events.ts"],
    ["src/api/core/routes.ts", 'import { x } from "../flow/schema.ts";', "api/core may not import api/flow/schema.ts"],
    ["src/api/core/routes.ts", 'import { x } from "../../db/d1.ts";', "api/core may not import db/d1.ts"],
    ["src/api/core/routes.ts", 'import { sql } from "drizzle-orm";', "drizzle-orm belongs to db/**"],
    ["src/node/serve.ts", 'import { x } from "../domain/ports.ts";', "node may not import domain/ports.ts"],
    ["src/node/start.mjs", 'import { z } from "zod";', "zod is not there before npm ci"],
    ["src/lib/json.ts", 'import { x } from "../../test/fixtures/x.ts";', "../../test/fixtures/x.ts leads out of src"],
    ["src/services/x.ts", "", "services is no room"],
  ])("%s may not hold %s", (path, text, message) => {
    expect(judgeImports(sourceOf(path, text))).toEqual([`${path}: ${message}`]);
  });
});

describe("circles", () => {
  it("there are none", () => {
    expect(findCycles(sources)).toEqual([]);
  });

  it("are found through types and over several files", () => {
    const circle = [
      sourceOf("src/lib/a.ts", 'import type { B } from "./b.ts";'),
      sourceOf("src/lib/b.ts", 'export { c } from "./c.ts";'),
      sourceOf("src/lib/c.ts", 'import { a } from "./a.ts";'),
      sourceOf("src/lib/d.ts", 'import { a } from "./a.ts";'),
    ];
    expect(findCycles(circle)).toEqual([["src/lib/a.ts", "src/lib/b.ts", "src/lib/c.ts", "src/lib/a.ts"]]);
    expect(findCycles([sourceOf("src/lib/e.ts", 'import "./e.ts";')])).toEqual([["src/lib/e.ts", "src/lib/e.ts"]]);
  });
});
