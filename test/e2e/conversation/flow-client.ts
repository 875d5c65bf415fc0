// The flow API as the owner of a chatbot uses it.

type FlowNode = { id: string; transactionCount?: number };
export type FlowDetail = { id: string; status: string; flowNodes: FlowNode[] };

export class FlowClient {
  readonly #origin: string;
  #headers: Record<string, string> = {};

  constructor(origin: string) {
    this.#origin = origin;
  }

  async signIn(): Promise<void> {
    const session = await this.#call("POST", "/api/v1/usr/login/", { username: "admin", password: "admin" });
    const { id } = session.user as { id: number };
    this.#headers = { authorization: `Bearer ${session.access_token}`, "x-user-id": String(id) };
  }

  /** Its id, once it may be triggered. */
  async publish(flow: object): Promise<string> {
    const { id } = await this.#call("POST", "/flow/create", flow);
    await this.#call("POST", `/flow/status/${id}`, { status: "published" });
    return id as string;
  }

  async detail(id: string): Promise<FlowDetail> {
    return (await this.#call("GET", `/flow/detail/${id}`)) as FlowDetail;
  }

  /** How often each node was entered. */
  async visits(id: string): Promise<Record<string, number | undefined>> {
    const { flowNodes } = await this.detail(id);
    return Object.fromEntries(flowNodes.map((node) => [node.id, node.transactionCount]));
  }

  async #call(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.#origin}${path}`, {
      method,
      headers: { "content-type": "application/json", ...this.#headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text.slice(0, 1_000)}`);
    return JSON.parse(text);
  }
}
