// The live stream of the real product as the official `eventsource` client reads it: through lines that are cut and a product that is killed whole
// in the middle, each event once and those of a run in their order.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventSource } from "eventsource";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../house/clone.ts";
import { Api } from "./api.ts";
import { sendAll } from "./load.ts";
import { until } from "./outside.ts";
import { Product } from "./product.ts";

const COUNT = 40;
const SLOW = 240_000;
const NAMES = ["execution_started", "step_completed", "execution_completed", "execution_failed", "gap", "connected"];
const STEPS = ["hook", "first", "nap", "last"];

type Heard = { name: string; id: string; data: { executionId: string; nodeId?: string; resumed?: boolean } };

/** Between the client and the product: a line that can be cut. */
class Line {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(port: number) {
    this.#server = createServer((socket) => {
      const onward = connect(port, "127.0.0.1");
      for (const [one, other] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        this.#sockets.add(one);
        one.pipe(other);
        one.on("error", () => other.destroy());
        one.on("close", () => {
          this.#sockets.delete(one);
          other.destroy();
        });
      }
    });
  }

  async open(): Promise<string> {
    const port = await freePort();
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    return `http://127.0.0.1:${port}`;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), "signalbox-live-"));
let product: Product;
let line: Line;
let origin: string;
let api: Api;
let headers: Record<string, string>;
let source: EventSource | undefined;
const heard: Heard[] = [];

const post = async (path: string, body: object): Promise<Record<string, unknown>> => {
  const init = {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
  };
  return (await fetch(product.origin + path, init)).json() as Promise<Record<string, unknown>>;
};

beforeAll(async () => {
  mkdirSync(join(folder, "state"));
  const port = await freePort();
  product = new Product({ port, state: folder, log: join(folder, "product.log"), vars: {} });
  await product.start();
  line = new Line(port);
  origin = await line.open();
  api = new Api(product.origin);
  await api.signIn();
  const session = await post("/api/v1/usr/login/", { username: "admin", password: "admin" });
  headers = {
    authorization: `Bearer ${session.access_token}`,
    "x-organization-id": String(session.organization_id),
  };
}, SLOW);

afterAll(async () => {
  source?.close();
  line?.close();
  await product.stop().catch(() => product.kill());
  rmSync(folder, { recursive: true, force: true });
}, SLOW);

describe("the live stream", () => {
  let path: string;
  let workflowId: string;
  const named = (name: string) => heard.filter((event) => event.name === name);

  const begin = (name: string, count: number, onAnswer = (_: number) => {}) =>
    sendAll({
      url: `${product.origin}${path}`,
      count,
      connections: 10,
      name,
      payload: (n) => ({ n }),
      onAnswer,
    });

  it("is read by the eventsource client", { timeout: SLOW }, async () => {
    workflowId = await api.publish(
      "Live",
      {
        hook: ["trigger_webhook", {}],
        first: ["data_variable", { name: "a", value: 1 }],
        nap: ["action_delay", { duration: 1_500, unit: "milliseconds" }],
        last: ["data_variable", { name: "b", value: 2 }],
      },
      [
        ["hook", "output", "first"],
        ["first", "output", "nap"],
        ["nap", "output", "last"],
      ],
    );
    path = await api.webhook(workflowId);
    source = new EventSource(`${origin}/api/v2/workflows/${workflowId}/stream`, {
      fetch: (input, init) => fetch(input, { ...init, headers: { ...(init.headers as object), ...headers } }),
    });
    for (const name of NAMES)
      source.addEventListener(name, (event) =>
        heard.push({ name, id: event.lastEventId, data: JSON.parse(event.data) }),
      );
    expect(await until(async () => named("connected").length === 1, SLOW)).toBe(true);
  });

  it("goes on where it was when the line is cut", { timeout: SLOW }, async () => {
    await begin("cut", COUNT, (answered) => {
      if (answered % 15 === 0) line.cut();
    });
    expect(await until(async () => named("execution_completed").length === COUNT, SLOW)).toBe(true);
    expect(named("connected").length).toBeGreaterThan(1);
  });

  it("goes on where it was when the product is killed and started again", { timeout: SLOW }, async () => {
    let killed: Promise<unknown> | undefined;
    await begin("killed", COUNT, (answered) => {
      if (answered >= COUNT / 2) killed ??= product.kill().then(() => product.start());
    });
    await killed;
    expect(await until(async () => named("execution_completed").length === 2 * COUNT, SLOW)).toBe(true);
  });

  it("has told each event once, those of a run in order, and missed none", () => {
    expect(named("gap")).toEqual([]);
    expect(named("execution_failed")).toEqual([]);
    expect(
      named("connected")
        .slice(1)
        .map(({ data }) => data.resumed),
    ).not.toContain(false);
    const numbers = heard.filter(({ name }) => name !== "connected").map(({ id }) => Number(id.split("-")[1]));
    expect(numbers).toEqual(Array.from(numbers, (_, n) => n + 1));
    const runs = Map.groupBy(
      heard.filter(({ data }) => data.executionId),
      ({ data }) => data.executionId,
    );
    expect(runs.size).toBe(2 * COUNT);
    for (const events of runs.values())
      expect(events.map(({ name, data }) => data.nodeId ?? name)).toEqual([
        "execution_started",
        ...STEPS,
        "execution_completed",
      ]);
  });

  it("takes a ticket in place of headers, once", { timeout: SLOW }, async () => {
    const { streamUrl } = await post("/api/v2/stream-tickets", { workflowId });
    const opened: string[] = [];
    const one = new EventSource(`${origin}${streamUrl}`);
    one.addEventListener("connected", () => opened.push("connected"));
    const failures: (number | undefined)[] = [];
    one.addEventListener("error", (event) => failures.push(event.code));
    expect(await until(async () => opened.length === 1, SLOW)).toBe(true);
    // It comes again by itself with the ticket that is used up, and is told so.
    line.cut();
    expect(await until(async () => failures.includes(401), SLOW)).toBe(true);
    expect(one.readyState).toBe(EventSource.CLOSED);
    one.close();
  });
});
