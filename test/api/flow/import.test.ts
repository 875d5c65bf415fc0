// Bring your own flow over HTTP: what is made, what is refused and where, and that it lives on as any flow does.
import { beforeAll, describe, expect, it } from "vitest";
import { cafe, definition, send, trigger } from "../../domain/flow-import/studio-flow.ts";
import { bicycles } from "../../domain/flow-import/typebot-flow.ts";
import { call, detail, makeColleague, makeUser, setStatus, type Tenant } from "./kit.ts";

let user: Tenant;
beforeAll(async () => {
  user = await makeUser();
});

const bring = (body: unknown, who = user) => call(who, "POST", "/flow/import", body);

describe("an import", () => {
  it("answers the draft as its detail shows it, with the report", async () => {
    const { status, body } = await bring({ source: cafe, name: "Our café", keywords: ["Coffee"] });
    expect(status).toBe(201);
    const { origin, report, ...flow } = body;
    expect(flow).toMatchObject({ name: "Our café", status: "draft", user_id: Number(user.userId) });
    expect(flow.flowNodes[0].triggerKeywords).toEqual(["coffee"]);
    expect(await detail(user, flow.id)).toEqual(flow);
    expect(origin).toBe("studio");
    expect(report.mapped[0]).toMatchObject({ path: "states.1", type: "set-variables", became: ["data_variable"] });
    expect(report.unsupported.map(({ path }: { path: string }) => path)).toEqual(["states.8"]);
  });

  it("takes the export itself, and what it makes can be changed, published and read", async () => {
    const { status, body } = await bring(bicycles);
    expect([status, body.origin, body.name]).toEqual([201, "typebot", "Bicycles"]);
    const { origin: _, report: __, ...read } = body;
    const put = await call(user, "PUT", `/flow/update/${body.id}`, { ...read, name: "Renamed" });
    expect(put.status).toBe(200);
    expect(put.body.flowNodes).toEqual(read.flowNodes);
    const published = await setStatus(user, body.id, "published");
    expect([published.status, published.body.status]).toEqual([200, "published"]);
    const nodes: { id: string; transactionCount: number }[] = (await detail(user, body.id)).flowNodes;
    expect(nodes.map(({ id }) => id)).toEqual(read.flowNodes.map(({ id }: { id: string }) => id));
    expect(nodes.every(({ transactionCount }) => transactionCount === 0)).toBe(true);
  });

  it.each<[string, unknown, string]>([
    ["nothing at all", undefined, "body"],
    ["a list", [], "source"],
    ["no export", { hello: "there" }, "body"],
    ["an order without one", { source: 5 }, "source"],
    ["an order of no export", { source: { states: [] } }, "source.states"],
    ["a widget without a name", { states: [{ type: "trigger" }] }, "states.0"],
    ["an unknown field of an order", { source: cafe, status: "published" }, "status"],
    ["an empty name", { source: cafe, name: " " }, "name"],
    ["a word that opts out", { source: cafe, keywords: ["join", "Stop"] }, "keywords.1"],
    ["half a character", { source: definition(trigger("a"), send("a", "\ud800")) }, "source.states.1.properties.body"],
  ])("refuses %s with its path", async (_, body, field) => {
    const refused = await bring(body);
    expect([refused.status, refused.body.field, refused.body.error]).toEqual([400, field, expect.any(String)]);
  });

  it("refuses what is too large, too deep, or would be", async () => {
    const many = Array.from({ length: 999 }, (_, n) => send(`w${n}`, "x".repeat(900), `w${n + 1}`));
    const large = await bring(definition(trigger("w0"), ...many));
    expect([large.status, large.body.detail]).toEqual([400, expect.stringContaining("makes no flow")]);
    let deep: unknown = "x";
    for (let n = 0; n < 80; n++) deep = [deep];
    expect((await bring({ states: deep })).status).toBe(400);
    expect((await bring({ source: { states: "x".repeat(10 * 1024 * 1024) } })).status).toBe(413);
  });

  it("is for editors, and the flow is the user's own", async () => {
    expect((await bring(cafe, await makeColleague(user, "viewer"))).status).toBe(403);
    const { body } = await bring(cafe);
    expect((await call(await makeUser(), "GET", `/flow/detail/${body.id}`)).status).toBe(404);
  });
});
