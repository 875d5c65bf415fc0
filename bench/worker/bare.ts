// An object with one table and no thought: what any durable thing costs at the least on this platform.
import { DurableObject } from "cloudflare:workers";

export type BareRequest = { id: string; target: string; body: unknown };

export class Bare extends DurableObject {
  constructor(context: DurableObjectState, env: never) {
    super(context, env);
    context.storage.sql.exec("CREATE TABLE IF NOT EXISTS rows (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID");
  }

  async write(id: string, body: unknown): Promise<void> {
    this.ctx.storage.sql.exec("INSERT INTO rows (id, body) VALUES (?, ?)", id, JSON.stringify(body));
  }

  /** One row, then the request; the caller does not wait for its answer. */
  async begin({ id, target, body }: BareRequest): Promise<void> {
    this.ctx.storage.sql.exec("INSERT INTO rows (id, body) VALUES (?, ?)", id, JSON.stringify(body));
    this.ctx.waitUntil(post(target, body));
  }
}

export const post = async (target: string, body: unknown): Promise<{ status: number; text: string }> => {
  const response = await fetch(target, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
};
