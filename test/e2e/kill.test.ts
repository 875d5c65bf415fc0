// The short form of `npm run e2e`, for every test run: the real product under load, its whole process group killed in the middle and started
// again on the same state, judged by a ledger that no kill touches. And the demo on what is left.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../house/clone.ts";
import { Api } from "./api.ts";
import { type Delivered, sendAll } from "./load.ts";
import { type Outside, startOutside, until } from "./outside.ts";
import { Product } from "./product.ts";
import { runDemo } from "./run-demo.ts";

const COUNT = 60;
const SLOW = 240_000;

const folder = mkdtempSync(join(tmpdir(), "signalbox-kill-"));
let product: Product;
let outside: Outside;
let api: Api;

beforeAll(async () => {
  mkdirSync(join(folder, "state"));
  const outsidePort = await freePort();
  outside = await startOutside(outsidePort, join(folder, "ledger.jsonl"));
  product = new Product({
    port: await freePort(),
    state: folder,
    log: join(folder, "product.log"),
    vars: { EGRESS_ALLOW_HOSTS: `127.0.0.1:${outsidePort}` },
  });
  await product.start();
  api = new Api(product.origin);
  await api.signIn();
}, SLOW);

afterAll(async () => {
  await product.stop().catch(() => product.kill());
  outside.stop();
  rmSync(folder, { recursive: true, force: true });
}, SLOW);

describe("the product, killed under load", () => {
  let delivered: Delivered[];

  it("is called until every delivery was accepted", { timeout: SLOW }, async () => {
    // A machine that runs every other test beside this one may be late with an answer.
    const retry = { max_attempts: 10, backoff_seconds: 0.5 };
    const post = { url: `${outside.origin}/killed`, method: "POST", body: { n: "{{ event.data.n }}" }, retry };
    const workflowId = await api.publish(
      "Killed",
      {
        hook: ["trigger_webhook", {}],
        sleep: ["action_delay", { duration: "{{ event.data.ms }}", unit: "milliseconds" }],
        post: ["action_webhook", post],
      },
      [
        ["hook", "output", "sleep"],
        ["sleep", "output", "post"],
      ],
    );
    const path = await api.webhook(workflowId);
    let killed: Promise<unknown> | undefined;
    delivered = await sendAll({
      url: `${product.origin}${path}`,
      count: COUNT,
      connections: 20,
      name: "killed",
      // Some wake while nothing runs, some long after.
      payload: (n) => ({ n, ms: (n % 6) * 2_000 }),
      onAnswer: (answered) => {
        if (answered >= COUNT / 2) killed ??= product.kill().then(() => product.start());
      },
    });
    await killed;
    expect(new Set(delivered.map(({ executionId }) => executionId)).size).toBe(COUNT);
  });

  it("ends every execution, and does every POST once, under its own key", { timeout: SLOW }, async () => {
    const ids = delivered.map(({ executionId }) => executionId);
    expect(await until(() => api.haveEnded(ids), SLOW)).toBe(true);
    const executions = await api.executionsOf(ids);
    expect(executions.filter(({ status }) => status !== "completed")).toEqual([]);
    const arrivals = outside.arrivals("/killed");
    const done = arrivals.filter(({ accepted }) => accepted);
    expect(done.map(({ body }) => (body as { n: number }).n).sort((a, b) => a - b)).toEqual([...Array(COUNT).keys()]);
    expect(new Set(arrivals.map(({ key }) => key)).size).toBe(COUNT);
    const owners = new Map(arrivals.map(({ key, body }) => [(body as { n: number }).n, key.split(":")[0]]));
    expect(delivered.filter(({ n, executionId }) => owners.get(n) !== executionId)).toEqual([]);
    expect(await api.deadLetters()).toBe(0);
  });

  it("wakes none before its time", () => {
    const arrivedAt = new Map(outside.arrivals("/killed").map(({ at, body }) => [(body as { n: number }).n, at]));
    const early = delivered.filter(({ n, firstSentAt }) => arrivedAt.get(n)! < firstSentAt + (n % 6) * 2_000);
    expect(early).toEqual([]);
  });

  it("still shows the demo", { timeout: SLOW }, async () => {
    const { code, said } = await runDemo("--url", product.origin);
    expect(said).toContain("all as expected");
    expect(code).toBe(0);
  });
});
