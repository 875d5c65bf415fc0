// The peers' routes: a bare Hono application over bare objects, a bare queue, and Cloudflare Workflows. And the bench's own questions.
import { Hono } from "hono";
import type { Env } from "../../src/env.ts";
import type { Bare, BareRequest } from "./bare.ts";
import { ended, type Order } from "./cloudflare-workflows.ts";
import { type Floor, floorOf } from "./floor.ts";
import { gate } from "./gate.ts";

export type PeerEnv = Env & {
  BARE: DurableObjectNamespace<Bare>;
  CHAIN: Queue<BareRequest>;
  FLOOR: DurableObjectNamespace<Floor>;
  FLOOR_QUEUE: Queue<BareRequest>;
  FIVE: Workflow<Order>;
  FIVE_LEAN: Workflow<Order>;
  TEN: Workflow<Order>;
  TARGET: string;
  /** What the bare worker sends with. */
  BENCH_TWILIO: { origin: string; sid: string; token: string };
};

const app = new Hono<{ Bindings: PeerEnv }>();

const bare = (env: PeerEnv, name: string) => env.BARE.get(env.BARE.idFromName(name));

app.post("/bench/bare", async (c) => {
  const body = await c.req.json();
  await bare(c.env, "accepted").write(crypto.randomUUID(), body);
  return c.json({ success: true });
});

app.post("/bench/chain", async (c) => {
  const request = { id: crypto.randomUUID(), target: c.env.TARGET, body: await c.req.json() };
  await bare(c.env, "accepted").write(request.id, request.body);
  await c.env.CHAIN.send(request);
  return c.json({ success: true, id: request.id });
});

app.post("/bench/floor", async (c) => {
  const request = { id: crypto.randomUUID(), target: c.env.TARGET, body: await c.req.json() };
  await floorOf(c.env, "accepted").accept(request.id, request.body);
  await c.env.FLOOR_QUEUE.send(request);
  return c.json({ success: true, id: request.id });
});

app.post("/bench/workflows/:name{FIVE|FIVE_LEAN|TEN}", async (c) => {
  const { id } = await c.env[c.req.param("name") as "FIVE"].create({
    params: { ...(await c.req.json<Order>()), target: c.env.TARGET },
  });
  return c.json({ success: true, id });
});

app.get("/bench/workflows", (c) => c.json(ended));

/** What a message from a person is answered with, when nothing is remembered of either. */
app.post("/bench/answer", async (c) => {
  const { From, To, Body } = await c.req.parseBody<{ From: string; To: string; Body: string }>();
  const { origin, sid, token } = c.env.BENCH_TWILIO;
  const sent = await fetch(`${origin}/2010-04-01/Accounts/${sid}/Messages.json`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${sid}:${token}`)}` },
    body: new URLSearchParams({ To: From, From: To, Body: `You said ${Body}` }),
  });
  await sent.json();
  return c.body("<Response/>", 200, { "content-type": "text/xml" });
});

app.put("/bench/gate/:state{open|closed}", (c) => {
  if (c.req.param("state") === "open") gate.open();
  else gate.close();
  return c.json({ success: true });
});

/** How many executions the product's index knows, how many of them wait, and how many are final. */
app.get("/bench/executions", async (c) => {
  const row = await c.env.DB.prepare(
    `SELECT coalesce(sum(n), 0) AS known, coalesce(sum(n) FILTER (WHERE status = 'waiting'), 0) AS waiting, coalesce(sum(n) FILTER (WHERE status NOT IN ('queued', 'running', 'waiting')), 0) AS final
     FROM execution_counts`,
  ).first();
  return c.json(row);
});

/** Start and end of the executions of workflows with this name, epoch ms. */
app.get("/bench/executions/:name", async (c) => {
  const { results } = await c.env.DB.prepare(
    `SELECT e.id, e.started_at AS startedAt, e.ended_at AS endedAt FROM workflows w
     JOIN executions e ON e.org_id = w.org_id AND e.workflow_id = w.id WHERE w.name = ?1`,
  )
    .bind(c.req.param("name"))
    .all();
  return c.json(results);
});

export const peers = {
  fetch: app.fetch,
  consume: async (batch: MessageBatch, env: PeerEnv): Promise<void> => {
    await Promise.all(batch.messages.map(({ body }) => bare(env, (body as BareRequest).id).begin(body as BareRequest)));
    batch.ackAll();
  },
};
