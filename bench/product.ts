// What the bench asks of the product as any client does: sign in, publish a workflow, make its webhook, see how many runs have ended.
import { setTimeout as sleep } from "node:timers/promises";
import type { Target } from "./target.ts";

type Node = { type: string; config: Record<string, unknown> };

/** A webhook trigger and the nodes after it, in a line. A condition goes on by its port `true`. */
export const workflowOf = (nodes: Node[]) => {
  const all: Node[] = [{ type: "trigger_webhook", config: {} }, ...nodes];
  return {
    nodes: Object.fromEntries(
      all.map(({ type, config }, n) => [
        `n${n}`,
        { node_type: type, label: `${n}: ${type}`, position: { x: 200 * n, y: 0 }, config },
      ]),
    ),
    connections: all.slice(1).map((_, n) => ({
      connection_id: `c${n}`,
      from_node_id: `n${n}`,
      from_port_name: all[n]!.type === "condition_if" ? "true" : "output",
      to_node_id: `n${n + 1}`,
      to_port_name: "input",
    })),
  };
};

/** The outgoing POST of a measured workflow. */
export const targetUrl = ({ port }: Target): string => `http://127.0.0.1:${port}/hook`;

const transform = (mappings: Record<string, unknown>): Node => ({ type: "data_transform", config: { mappings } });

/** Five nodes, one of which is an outgoing POST. */
export const fiveNodes = (url: string) =>
  workflowOf([
    transform({ greeting: "Hello {{ event.data.name }}", amount: "{{ event.data.amount }}" }),
    {
      type: "condition_if",
      config: { conditions: { field: "nodes.n1.output.amount", operator: "greater", value: 10 } },
    },
    {
      type: "action_webhook",
      config: {
        url,
        method: "POST",
        body: {
          greeting: "{{ nodes.n1.output.greeting }}",
          amount: "{{ nodes.n1.output.amount }}",
          n: "{{ event.data.n }}",
        },
      },
    },
    { type: "flow_end", config: { output: { status: "{{ nodes.n3.output.status }}" } } },
  ]);

/** Sleeps for so many milliseconds as the event says. */
export const sleeper = () =>
  workflowOf([
    { type: "action_delay", config: { duration: "{{ event.data.ms }}", unit: "milliseconds" } },
    { type: "flow_end", config: {} },
  ]);

/** A trigger and ten nodes without I/O. */
export const tenNodes = () =>
  workflowOf(
    Array.from({ length: 10 }, (_, n) =>
      transform({ total: n === 0 ? "{{ event.data.amount | plus: 1 }}" : `{{ nodes.n${n}.output.total | plus: 1 }}` }),
    ),
  );

export type Executions = { known: number; waiting: number; final: number };

export type Product = {
  /** The address that starts a run of this workflow. */
  webhook(name: string, workflow: ReturnType<typeof workflowOf>): Promise<string>;
  /** Executions in the index: all, those that wait, and those that are final. */
  executions(): Promise<Executions>;
  /** Until `count` executions are so in the index. Throws when nothing moves for a minute. */
  until(status: "waiting" | "final", count: number): Promise<void>;
};

const STALLED_MS = 60_000;

export const openProduct = async (origin: string): Promise<Product> => {
  const call = async (method: string, path: string, body?: unknown, token?: string): Promise<Answer> => {
    const response = await fetch(origin + path, {
      method,
      headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text);
  };
  const { access_token: token } = await call("POST", "/api/v1/usr/login/", { username: "admin", password: "admin" });
  const executions = () => call("GET", "/bench/executions") as unknown as Promise<Executions>;
  return {
    webhook: async (name, workflow) => {
      const community = { community_id: 1 };
      const created = await call("POST", "/api/v1/workflows", { name, entity_id: 1, ...community, ...workflow }, token);
      const path = `/api/v1/workflows/${created.data!.workflow_id}`;
      await call("POST", `${path}/publish`, community, token);
      const made = await call(
        "POST",
        `${path}/webhooks`,
        { name, rate_limit_max: 100_000, rate_limit_window: 60, ...community },
        token,
      );
      return `${origin}/api/v1/workflows/webhooks/${made.data!.token}`;
    },
    executions,
    until: async (status, count) => {
      let last = -1;
      let movedAt = Date.now();
      for (;;) {
        const { known, [status]: reached } = await executions();
        if (reached >= count) return;
        if (reached !== last) {
          last = reached;
          movedAt = Date.now();
        } else if (Date.now() - movedAt > STALLED_MS) {
          throw new Error(`${reached} of ${count} executions are ${status} (${known} known), and nothing moves`);
        }
        await sleep(100);
      }
    },
  };
};

type Answer = { access_token?: string; data?: { workflow_id: string; token: string } };
