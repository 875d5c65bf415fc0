// The product's API as the scenarios use it, and no more of it than they check.

export type Execution = {
  execution_id: string;
  status: string;
  end_time: string | null;
  execution_path: string[];
  node_states: Record<
    string,
    { started_at: string; completed_at: string | null; output_data: unknown; attempts: number }
  >;
  error_message: string | null;
};

type Listed = { execution_id: string; status: string };

export const FINAL: ReadonlySet<string> = new Set(["completed", "failed", "cancelled"]);

export type Nodes = Record<string, [type: string, config: object]>;
export type Edge = [from: string, port: string, to: string];

const wireNodes = (nodes: Nodes) =>
  Object.fromEntries(Object.entries(nodes).map(([id, [node_type, config]]) => [id, { node_type, config }]));

/** Reads at once: a client, not a load. */
const READS_AT_ONCE = 20;

class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export class Api {
  /** Answers that broke off and were asked for again. */
  broken = 0;
  readonly #origin: string;
  #token = "";
  #organization = "";

  constructor(origin: string) {
    this.#origin = origin;
  }

  async signIn(): Promise<void> {
    const session = await this.#request("POST", "/api/v1/usr/login/", { username: "admin", password: "admin" });
    this.#token = session.access_token as string;
    this.#organization = session.organization_id as string;
  }

  /** A published workflow; its id. */
  async publish(name: string, nodes: Nodes, edges: Edge[]): Promise<string> {
    const made = await this.#request("POST", "/api/v1/workflows", {
      name,
      entity_id: 1,
      nodes: wireNodes(nodes),
      connections: edges.map(([from_node_id, from_port_name, to_node_id]) => ({
        from_node_id,
        from_port_name,
        to_node_id,
      })),
    });
    const { workflow_id: id } = made.data as { workflow_id: string };
    await this.#request("POST", `/api/v1/workflows/${id}/publish`, {});
    return id;
  }

  /** Another version of a published workflow, and then its end: what runs stays on its own version. */
  async replaceAndArchive(id: string, nodes: Nodes): Promise<void> {
    await this.#request("PUT", `/api/v1/workflows/${id}`, { nodes: wireNodes(nodes) });
    await this.#request("POST", `/api/v1/workflows/${id}/publish`, {});
    await this.#request("DELETE", `/api/v1/workflows/${id}`);
  }

  /** The path of a new webhook that takes as much as it gets. */
  async webhook(workflowId: string): Promise<string> {
    const made = await this.#request("POST", `/api/v1/workflows/${workflowId}/webhooks`, {
      name: "Load",
      rate_limit_max: 100_000,
    });
    return new URL((made.data as { url: string }).url).pathname;
  }

  /** The new execution's id. */
  async execute(workflowId: string, variables: object): Promise<string> {
    const started = await this.#request("POST", `/api/v1/workflows/${workflowId}/execute`, { variables });
    return (started.data as { execution_id: string }).execution_id;
  }

  async execution(id: string): Promise<Execution> {
    return (await this.#request("GET", `/api/v1/workflows/executions/${id}`)).data as Execution;
  }

  /** Whether all have ended. One that was accepted and waits in the queue is not there to be read yet. */
  async haveEnded(ids: readonly string[]): Promise<boolean> {
    try {
      return (await this.executionsOf(ids)).every(({ status }) => FINAL.has(status));
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return false;
      throw error;
    }
  }

  /** In the order of the ids. */
  async executionsOf(ids: readonly string[]): Promise<Execution[]> {
    const found: Execution[] = [];
    const waiting = [...ids.entries()];
    const reader = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) found[next[0]] = await this.execution(next[1]);
    };
    await Promise.all(Array.from({ length: READS_AT_ONCE }, reader));
    return found;
  }

  /** How many executions the index lists, of all states or of one. */
  async total(workflowId: string, status?: string): Promise<number> {
    const answer = await this.#page(workflowId, 1, 1, status);
    return answer.total;
  }

  async executions(workflowId: string): Promise<Listed[]> {
    const all: Listed[] = [];
    for (let page = 1; ; page++) {
      const { rows, total } = await this.#page(workflowId, page, 100);
      all.push(...rows);
      if (rows.length === 0 || all.length >= total) return all;
    }
  }

  async deadLetters(): Promise<number> {
    const { pagination } = await this.#request("GET", "/api/v2/dead-letters");
    return (pagination as { total: number }).total;
  }

  async #page(
    workflowId: string,
    page: number,
    size: number,
    status?: string,
  ): Promise<{ rows: Listed[]; total: number }> {
    const query = new URLSearchParams({
      community_id: "1",
      page: String(page),
      per_page: String(size),
      sort_by: "start_time",
      ...(status ? { status } : {}),
    });
    const { data, meta } = await this.#request("GET", `/api/v1/workflows/${workflowId}/executions?${query}`);
    return { rows: data as Listed[], total: (meta as { pagination: { total: number } }).pagination.total };
  }

  async #request(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const call = async (): Promise<{ ok: boolean; status: number; text: string }> => {
      const answer = await fetch(`${this.#origin}${path}`, {
        method,
        headers: {
          "content-type": "application/json",
          ...(this.#token && { authorization: `Bearer ${this.#token}`, "x-organization-id": this.#organization }),
        },
        body: body === undefined ? null : JSON.stringify(body),
      });
      return { ok: answer.ok, status: answer.status, text: await answer.text() };
    };
    const answer = await call().catch((error) => {
      if (method !== "GET") throw error;
      this.broken++;
      return call();
    });
    if (!answer.ok) throw new Refused(answer.status, `${method} ${path} answered ${answer.status}: ${answer.text}`);
    return JSON.parse(answer.text);
  }
}
