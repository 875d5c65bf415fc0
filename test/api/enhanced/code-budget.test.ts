// What an organisation's own code may spend, as its people read and change it, and as it holds wherever their code runs.
import { beforeEach, describe, expect, it } from "vitest";
import { budgetNow } from "../../../src/domain/code-budget/budget-now.ts";
import { newId } from "../../../src/lib/ids.ts";
import { awayAfter } from "../../fixtures/away.ts";
import { db, join, makeOrganization, type Tenant } from "../../fixtures/identity.ts";
import { call } from "../core/kit.ts";
import { activate, make, call as marketing, runOf, tell } from "../marketing/kit.ts";

const PATH = "/api/v2/organization/code-budget";
let owner: Tenant;
beforeEach(async () => {
  owner = await makeOrganization();
});

const budget = (method: string, body?: unknown, who = owner) => call(who, method, PATH, body);
const usual = { steps: 10_000_000, memory_bytes: 8_388_608, output_bytes: 65_536, depth: 64 };

describe(PATH, () => {
  it("is as usual until somebody says otherwise, and what is not named stays", async () => {
    expect(await budget("GET")).toMatchObject({ status: 200, body: usual });
    const changed = await budget("PATCH", { steps: 50_000_000, depth: 8 });
    expect([changed.status, changed.body]).toEqual([200, { ...usual, steps: 50_000_000, depth: 8 }]);
    expect((await budget("PATCH", { steps: null, output_bytes: 2_000 })).body).toEqual({
      ...usual,
      output_bytes: 2_000,
      depth: 8,
    });
    expect((await budget("GET", undefined, await makeOrganization())).body).toEqual(usual);
  });

  it("leaves its trace in the audit log", async () => {
    await budget("PATCH", { depth: 9 });
    const row = await db
      .prepare("SELECT actor, action, target_id, details FROM audit WHERE org_id = ?1")
      .bind(owner.organizationId)
      .first<{ details: string }>();
    expect(row).toMatchObject({
      actor: `user:${owner.userId}`,
      action: "code_budget.changed",
      target_id: owner.organizationId,
    });
    expect(JSON.parse(row!.details)).toMatchObject({ from: { depth: 64 }, to: { depth: 9 } });
  });

  it.each([
    [{ steps: 9_999 }, "steps"],
    [{ steps: 200_000_001 }, "steps"],
    [{ memory_bytes: (32 << 20) + 1 }, "memory_bytes"],
    [{ output_bytes: 1_024.5 }, "output_bytes"],
    [{ depth: 0 }, "depth"],
    [{ depth: "8" }, "depth"],
    [{ time: 8 }, "time"],
  ])("refuses %j by its field", async (body, field) => {
    const answer = await budget("PATCH", body);
    expect([answer.status, answer.body.validation?.[0]?.field]).toEqual([400, field]);
    expect((await budget("GET")).body).toEqual(usual);
  });

  it("refuses a change of nothing", async () => {
    expect((await budget("PATCH", {})).status).toBe(400);
  });

  it("is read by all and changed by admins", async () => {
    const editor = await join(owner.organizationId, `editor-${newId()}`, "editor");
    expect((await budget("GET", undefined, editor)).status).toBe(200);
    expect((await budget("PATCH", { depth: 9 }, editor)).status).toBe(403);
  });
});

describe("two organisations' code", () => {
  const LOOP = "for i in range(20000): pass\nresult = True";
  const STOPPED = "BudgetExceeded: stopped after 10000 steps";
  let frugal: Tenant;
  beforeEach(async () => {
    frugal = await makeOrganization();
    expect((await budget("PATCH", { steps: 10_000 }, frugal)).status).toBe(200);
  });

  it.each(["action", "condition"])("runs within its own organisation's steps: of an %s", async (kind) => {
    const ends = [owner, frugal].map(async (who) => {
      await make(who, "/event-types/", { name: "Asked", code: "ASKED" });
      const code = { action_type: "custom_code", configuration: { code: LOOP } };
      const note = { action_type: "add_note", configuration: { note: "n" } };
      const { id } = await activate(who, {
        trigger: { trigger_type: "ASKED" },
        actions: kind === "action" ? [code] : [],
      });
      if (kind === "condition") {
        const condition_id = await make(who, "/conditions/", { name: "C", use_custom_code: true, custom_code: LOOP });
        const action_id = await make(who, "/actions/", { name: "N", ...note });
        await make(who, `/workflows/${id}/add_action/`, { action_id, condition_id });
      }
      const run = await runOf(who, await tell(who, { event_type: "ASKED", user: { id: "u" }, data: {} }));
      return [run.status, run.error_message];
    });
    const [usually, frugally] = await Promise.all(ends);
    expect(usually).toEqual(["COMPLETED", null]);
    expect(frugally).toEqual(["FAILED", expect.stringContaining(STOPPED)]);
  });

  it("is tried out within them", async () => {
    const tried = async (who: Tenant) => {
      const id = await make(who, "/actions/", { name: "A", action_type: "custom_code", configuration: { code: LOOP } });
      return (await marketing(who, "POST", `/actions/${id}/test/`, { context: {} })).body;
    };
    expect(await tried(owner)).toMatchObject({ success: true, result: true });
    expect(await tried(frugal)).toMatchObject({ errors: { "configuration.code": [expect.stringContaining(STOPPED)] } });
  });

  it("runs dry within them", async () => {
    const dry = async (who: Tenant) => {
      const nodes = { code: { node_type: "action_code", config: { language: "python", code: LOOP } } };
      const made = await call(who, "POST", "/api/v1/workflows", { name: "w", entity_id: 1, nodes, connections: [] });
      const { body } = await call(who, "POST", `/api/v1/workflows/${made.body.data.workflow_id}/test`, {});
      return body.data.trace[0];
    };
    expect(await dry(owner)).toMatchObject({ status: "completed" });
    expect(await dry(frugal)).toMatchObject({ status: "failed", error: expect.stringContaining(STOPPED) });
  });
});

describe("budgetNow", () => {
  it("reads once in ten seconds, and goes by what it knew while the database is away", async () => {
    await budget("PATCH", { depth: 7 });
    const { db: gone, asked } = awayAfter(1);
    const at = (now: number) => budgetNow(gone, owner.organizationId, now);
    expect(await at(0)).toMatchObject({ depth: 7 });
    expect(await at(9_999)).toMatchObject({ depth: 7 });
    expect(asked()).toBe(1);
    expect(await at(10_000)).toMatchObject({ depth: 7 });
    expect(asked()).toBe(2);
    await expect(budgetNow(awayAfter(0).db, owner.organizationId, 0)).rejects.toThrow();
  });
});
